-- native.lua - stages that are items of plugins, or defined in Lua like them:
-- sources, decode, kernels, sinks with their encoders.

local core = require "perigee.core"
local params = require "perigee.params"
local stage = require "perigee.stage"

local native = {}

-- What the host itself adds to every decoder.
local decode_params <const> = {
  { name = "types", type = "list_pair", doc = "Types of columns: { ts = \"time\" }. "
    .. "A row of which a column is read that holds something else is malformed." },
  { name = "on_error", type = "str", default = "skip", choices = { "skip", "stop" },
    doc = "What a malformed row does to the run." },
  { name = "rejects", type = "str", doc = "A file for the malformed rows." },
}
native.decode_params = decode_params

local column_types <const> = {
  "bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
  "time", "str", "bin", "json",
}

local suffixes <const> = { json = "json", ndjson = "json", jsonl = "json", csv = "csv" }

local function reporter(self)
  return function(text)
    self.broken = true
    self.session:problem(self.at, self.label, text)
  end
end

local function all_names(session, kind)
  local names = session.plugins:names(kind)
  for name in pairs(session.defined[kind] or {}) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Finds an item by kind and name: one defined in Lua, or one of a plugin.
---@param session perigee.Session
---@param kind "source"|"sink"|"decoder"|"encoder"|"kernel"
---@param name string
---@return table? entry
---@return string? message
function native.find(session, kind, name)
  local entry = (session.defined[kind] or {})[name] or session.plugins:find(kind, name)
  if entry then
    return entry
  end
  local names = all_names(session, kind)
  local hint = params.did_you_mean(name, names)
  if hint == "" then
    hint = #names > 0 and "; known: " .. table.concat(names, ", ")
      or "; no plugin with one was found in " .. table.concat(session.plugins.dirs, ", ")
  end
  return nil, ("no %s '%s'%s"):format(kind, name, hint)
end

-- Checks the argument of a stage against the item's own parameters.
local function take(entry, arg, extra, report)
  if extra > 0 then
    report(("expected one argument, got %d; several values go into a table")
      :format(extra + 1))
    return {}
  end
  local named, message = params.named(entry.item.params or {}, arg)
  if not named then
    report(message)
    return {}
  end
  return params.check(entry.item.params or {}, named, report)
end

--- A stage that is one item with its parameters: a source, kernel, or sink of
--- batches.
---@param session perigee.Session
---@param entry table from native.find
---@param label string
---@param arg any
---@param extra integer how many arguments came after `arg`
---@return perigee.Stage
function native.new(session, entry, label, arg, extra)
  local kind = entry.kind
  local self = stage.new(session, {
    kind = entry.lua and "lua_" .. kind or kind,
    role = kind == "kernel" and "transform" or kind,
    label = label, entry = entry,
  })
  self.params = take(entry, arg, extra, reporter(self))
  return self
end

-- Splits what one table holds into the parameters of two schemas.
local function split(named, schema)
  local mine, rest, known = {}, {}, {}
  for _, param in ipairs(schema) do
    known[param.name] = true
  end
  for name, value in pairs(named) do
    if known[name] then
      mine[name] = value
    else
      rest[name] = value
    end
  end
  return mine, rest
end

local function names_of(...)
  local names = {}
  for _, schema in ipairs { ... } do
    for _, param in ipairs(schema) do
      names[#names + 1] = param.name
    end
  end
  return names
end

-- Other languages' names for the types.
local aliases <const> = {
  int = "i64", integer = "i64", long = "i64", float = "f64", double = "f64", number = "f64",
  string = "str", text = "str", boolean = "bool", timestamp = "time", datetime = "time",
  date = "time",
}

--- What is wrong with the name of a type.
---@param name string
---@return string? message nil: it is one
function native.unknown_type(name)
  for _, known in ipairs(column_types) do
    if known == name then
      return nil
    end
  end
  local alias = aliases[name:lower()]
  local hint = alias and ("; did you mean '%s'?"):format(alias)
    or params.did_you_mean(name, column_types)
  return ("unknown type '%s'%s"):format(name,
    hint ~= "" and hint or "; known: " .. table.concat(column_types, ", "))
end

local function check_types(types, report)
  for column, name in pairs(types) do
    local why = native.unknown_type(name)
    if why then
      report(("parameter 'types': column '%s': %s"):format(column, why))
    end
  end
end

-- `decode "csv"`, `decode { "csv", header = false }`, `decode { "pattern", regex }`:
-- name and the rest.
local function decode_argument(arg, extra)
  if extra > 0 then
    return nil, "expected one argument; write decode { \"csv\", header = false }"
  elseif type(arg) == "string" then
    return arg, {}
  elseif type(arg) ~= "table" or type(arg[1]) ~= "string" then
    return nil, "expected the name of a decoder, such as decode \"json\", got "
      .. params.show(type(arg) == "table" and arg[1] or arg)
  end
  local rest = {}
  for key, value in pairs(arg) do
    if math.type(key) == "integer" then
      rest[key - 1] = value
    else
      rest[key] = value
    end
  end
  rest[0] = nil
  return arg[1], rest
end

--- Bytes to columns.
---@param session perigee.Session
---@param arg any
---@param ... any
---@return perigee.Stage
function native.decode(session, arg, ...)
  local self = stage.new(session, { kind = "decode", role = "transform", label = "decode", params = {} })
  local report = reporter(self)
  local name, rest = decode_argument(arg, select("#", ...))
  if not name then
    report(rest)
    return self
  end
  local entry, message = native.find(session, "decoder", name)
  if not entry then
    report(message)
    return self
  end
  self.entry = entry
  local schema = entry.item.params or {}
  local host, own = split(rest, decode_params)
  local named, why = params.named(schema, own)
  if not named then
    report(why)
    return self
  end
  self.params = params.check(schema, named, report, names_of(decode_params))
  self.host = params.check(decode_params, host, report)
  if type(self.host.types) == "table" then
    check_types(self.host.types, report)
  end
  return self
end

-- The encoder's name: as written, by the file's suffix, or for the terminal.
local function encoder_name(label, mine, as)
  if as ~= nil then
    return as
  elseif label == "stdout" then
    return core.isatty(1) and "table" or "json"
  end
  local suffix = type(mine.path) == "string" and mine.path:match "%.(%w+)$"
  return suffixes[suffix]
end

local function add_encoder(self, rest, mine, report)
  local as = rest.as
  rest.as = nil
  local name = encoder_name(self.label, mine, as)
  if type(name) ~= "string" then
    report(as ~= nil and ("parameter 'as': expected the name of an encoder, got " .. params.show(as))
      or "parameter 'as' is missing: as = \"json\", \"csv\" or \"table\"")
    return
  end
  local entry, message = native.find(self.session, "encoder", name)
  if not entry then
    report(message)
    return
  end
  self.encoder = entry
  local known = names_of(self.entry.item.params or {})
  known[#known + 1] = "as"
  self.encoder_params = params.check(entry.item.params or {}, rest, report, known)
end

--- A sink of bytes, with the encoder that feeds it, or a sink of batches.
---@param session perigee.Session
---@param item string the sink's name in its plugin
---@param label string what the script calls it
---@param arg any
---@param ... any
---@return perigee.Stage
function native.sink(session, item, label, arg, ...)
  local self = stage.new(session, { kind = "sink", role = "sink", label = label, params = {} })
  local report = reporter(self)
  local entry, message = native.find(session, "sink", item)
  if not entry then
    report(message)
    return self
  elseif not entry.item.bytes then
    return native.new(session, entry, label, arg, select("#", ...))
  end
  self.entry = entry
  local schema = entry.item.params or {}
  -- With no parameters of its own, a sink's one value names the encoder.
  if #schema == 0 and type(arg) == "string" then
    arg = { as = arg }
  end
  local named, why = params.named(schema, arg)
  if not named or select("#", ...) > 0 then
    report(why or "expected one argument; several values go into a table")
    return self
  end
  local mine, rest = split(named, schema)
  self.params = params.check(schema, mine, report)
  add_encoder(self, rest, mine, report)
  return self
end

return native

-- define.lua - sources, transforms, sinks and codecs written in Lua.
--
--   p.define.source {
--     name = "ticks", doc = "Counts upwards.",
--     params = { { "count", "i64", default = 10, low = 0, doc = "How many rows." } },
--     open = function(params)
--       local i = 0
--       return { poll = function() ... return rows end, close = function() end }
--     end,
--   }
--
-- `open` is called when the run begins, never while a plan is checked; of a sink
-- once before any rows, also when none come, and then `close` once, also when the
-- run fails.

local origin = require "perigee.origin"
local native = require "perigee.stages.native"
local params = require "perigee.params"
local stage = require "perigee.stage"

local define = {}

-- The functions that open() returns; the first one may be returned alone.  Those
-- that only end have nothing to do when the instance was never used.
local ends <const> = { close = true }
local methods <const> = {
  source = { "poll", "close" },
  transform = { "process" },
  sink = { "write", "close" },
  decoder = { "decode", "split" },
  encoder = { "encode", "finish" },
}

local fields <const> = { "name", "doc", "params", "open", "columns", "over" }

local param_types <const> = {
  i64 = true, f64 = true, bool = true, str = true,
  list_i64 = true, list_f64 = true, list_str = true, list_pair = true,
}

local function read_param(number, given, report)
  local name, kind = given[1] or given.name, given[2] or given.type
  if type(name) ~= "string" or not param_types[kind] then
    report(("params[%d]: expected { \"name\", type }, type one of i64, f64, bool, str, "
      .. "list_i64, list_f64, list_str, list_pair"):format(number))
    return nil
  end
  local param = {
    name = name, type = kind, default = given.default, required = given.required or false,
    doc = given.doc, low = given.low, high = given.high, choices = given.choices,
  }
  if param.default ~= nil then
    local _, message = params.value(param, param.default)
    if message then
      report(("params[%d]: default of '%s': %s"):format(number, name, message))
    end
  end
  return param
end

local function read_params(list, report)
  local schema = {}
  if list ~= nil and type(list) ~= "table" then
    report("params: expected a list, got " .. params.show(list))
    return schema
  end
  for number, given in ipairs(list or {}) do
    local param = type(given) == "table" and read_param(number, given, report)
    if param then
      schema[#schema + 1] = param
    elseif type(given) ~= "table" then
      report(("params[%d]: expected { \"name\", type }"):format(number))
    end
  end
  return schema
end

local function check_fields(given, report)
  for key in pairs(given) do
    local known = false
    for _, name in ipairs(fields) do
      known = known or key == name
    end
    if not known then
      report(("unknown field '%s'%s"):format(tostring(key),
        params.did_you_mean(tostring(key), fields)))
    end
  end
  if type(given.open) ~= "function" then
    report("'open' is missing: a function of the parameters")
  end
  if given.over ~= nil and given.over ~= "rows" and given.over ~= "batches" then
    report(("'over': expected \"rows\" or \"batches\", got %s"):format(params.show(given.over)))
  end
end

local function make(session, kind, given)
  local at, ok = origin.here(), true
  local name = type(given) == "table" and type(given.name) == "string" and given.name or nil
  local label = ("define.%s%s"):format(kind, name and " '" .. name .. "'" or "")
  local function report(text)
    ok = false
    session:problem(at, label, text)
  end
  if not name then
    report("expected a table with at least 'name' and 'open'")
    return nil
  end
  check_fields(given, report)
  local entry = {
    lua = true, kind = kind, name = name, at = at, open = given.open, over = given.over or "rows",
    columns = given.columns,
    item = { name = name, doc = given.doc or "", params = read_params(given.params, report) },
  }
  if session.defined[kind][name] then
    report("is defined twice; the first is at " .. session.defined[kind][name].at)
  end
  return ok and entry or nil
end

local function with_defaults(schema, values)
  local all = {}
  for _, param in ipairs(schema) do
    all[param.name] = values[param.name]
    if all[param.name] == nil then
      all[param.name] = param.default
    end
  end
  return all
end

--- Opens an instance when one of its functions is first called, or `open`.
---@param entry table a definition
---@param values table checked parameters
---@return table<string, fun(...): any> instance one function per method
function define.instance(entry, values)
  local names = methods[entry.kind]
  local opened
  local function open()
    if not opened then
      local result = entry.open(with_defaults(entry.item.params, values))
      if type(result) == "function" then
        result = { [names[1]] = result }
      end
      if type(result) ~= "table" or type(result[names[1]]) ~= "function" then
        error(("%s '%s': open() must return a function, or a table with '%s'")
          :format(entry.kind, entry.name, names[1]), 0)
      end
      opened = result
    end
    return opened
  end
  local instance = { open = open }
  for _, name in ipairs(names) do
    instance[name] = function(...)
      if ends[name] and not opened then
        return nil
      end
      local method = open()[name]
      if method then
        return method(...)
      end
    end
  end
  return instance
end

--- The table `p.define`.
---@param session perigee.Session
---@return table<string, fun(definition: table): function?>
function define.new(session)
  local result = {}
  for kind in pairs(methods) do
    result[kind] = function(given)
      local entry = make(session, kind, given)
      if not entry then
        return define.broken(session, kind)
      end
      session.defined[kind][entry.name] = entry
      if kind == "decoder" or kind == "encoder" then
        return nil
      end
      return function(arg, ...)
        return native.new(session, entry, entry.name, arg, select("#", ...))
      end
    end
  end
  return result
end

--- Stands in for a definition with problems, so that the script goes on.
---@param session perigee.Session
---@param kind string
---@return function?
function define.broken(session, kind)
  if kind == "decoder" or kind == "encoder" then
    return nil
  end
  return function()
    return stage.new(session, { kind = "unknown", role = kind, label = kind, broken = true })
  end
end

return define

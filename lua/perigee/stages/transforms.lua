-- transforms.lua - the stages of the host that need no plugin: where, derive,
-- select, drop, rename, each, batches, group.
--
-- Each constructor checks the form of its arguments at once and notes what is
-- wrong; whether the columns exist is the plan's business.

local aggregates = require "perigee.aggregates"
local expr = require "perigee.expr"
local params = require "perigee.params"
local stage = require "perigee.stage"

local transforms = {}

-- Makes the stage and a function that notes a problem of it.
local function begin(session, kind, fields)
  fields = fields or {}
  fields.kind, fields.role, fields.label = kind, "transform", fields.label or kind
  local self = stage.new(session, fields)
  return self, function(text)
    self.broken = true
    session:problem(self.at, self.label, text)
  end
end

--- Parses an expression for a stage.
---@param value any a string; also a number or a boolean
---@param report fun(text: string)
---@param name string? the field that it is for
---@return { text: string, ast: table }?
function transforms.expression(value, report, name)
  local prefix = name and name .. ": " or ""
  if type(value) == "number" or type(value) == "boolean" then
    value = type(value) == "number" and params.number_text(value) or tostring(value)
  end
  if type(value) ~= "string" then
    report(("%sexpected an expression such as \"status >= 500\", got %s")
      :format(prefix, params.show(value)))
    return nil
  end
  local ast, why = expr.parse(value)
  if not ast then
    report(prefix .. aggregates.syntax(value, why))
    return nil
  end
  return { text = value, ast = ast }
end

-- A list of column names from "a", {"a", "b"} or ("a", "b").
local function names_of(report, ...)
  local first = ...
  local list = type(first) == "table" and select("#", ...) == 1 and first or { ... }
  local names, seen = {}, {}
  for key, value in pairs(list) do
    if math.type(key) ~= "integer" or type(value) ~= "string" then
      report("expected names of columns, got " .. params.show(value))
      return names
    end
  end
  for i, name in ipairs(list) do
    if seen[name] then
      report(("column '%s' is named twice"):format(name))
    end
    seen[name], names[i] = true, name
  end
  if #names == 0 then
    report("expected names of columns, got none")
  end
  return names
end

-- The string keys of a table, sorted, so that a plan is the same every time.
local function keys_of(fields)
  local keys = {}
  for key in pairs(fields) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
  return keys
end

-- A condition in Lua.  Where it is plain it runs over columns, and `fn` only on
-- batches in which that could differ (see expr/function.lua).
local function where_function(self, condition)
  local functions = require "perigee.expr.function"
  local ast, why = functions.condition(condition)
  self.kind, self.why = ast and "where" or "each", why
  self.condition = ast and { ast = ast, text = require("perigee.expr.text").of(ast) }
  function self.fn(row)
    if not condition(row) then
      return false
    end
  end
  return self
end

-- How a function runs: nothing, or { parallel = true }.
local function read_options(self, report, options)
  if options == nil then
    return
  elseif type(options) ~= "table" then
    report(("expected options such as { parallel = true }, got %s"):format(params.show(options)))
    return
  end
  for key, value in pairs(options) do
    if key ~= "parallel" then
      report(("unknown option '%s'%s"):format(tostring(key),
        params.did_you_mean(tostring(key), { "parallel" })))
    elseif type(value) ~= "boolean" then
      report(("'parallel': expected true or false, got %s"):format(params.show(value)))
    end
  end
  self.parallel = options.parallel == true or nil
end

local function where(session, ...)
  local self, report = begin(session, "where")
  if type((...)) == "function" and select("#", ...) <= 2 then
    read_options(self, report, (select(2, ...)))
    return where_function(self, (...))
  elseif select("#", ...) ~= 1 then
    report(("expected one expression, got %d arguments"):format(select("#", ...)))
    return self
  end
  self.condition = transforms.expression((...), report)
  return self
end

local function derive(session, fields, ...)
  local self, report = begin(session, "derive", { fields = {} })
  if type(fields) ~= "table" or select("#", ...) > 0 then
    report("expected a table such as { kb = \"bytes / 1024\" }, got " .. params.show(fields))
    return self
  end
  for _, name in ipairs(keys_of(fields)) do
    if type(name) ~= "string" then
      report("every expression needs a name: { name = \"expression\" }")
    else
      -- A field with a problem stays: the column exists for what follows.
      local e = transforms.expression(fields[name], report, ("'%s'"):format(name)) or {}
      self.fields[#self.fields + 1] = { name = name, text = e.text, ast = e.ast }
    end
  end
  if next(fields) == nil then
    report("expected at least one { name = \"expression\" }")
  end
  return self
end

local function columns_stage(kind)
  return function(session, ...)
    local self, report = begin(session, kind)
    self.names = names_of(report, ...)
    return self
  end
end

local function rename(session, fields, ...)
  local self, report = begin(session, "rename", { from = {}, to = {} })
  if type(fields) ~= "table" or next(fields) == nil or select("#", ...) > 0 then
    report("expected a table { new = \"old\" }, got " .. params.show(fields))
    return self
  end
  for _, new in ipairs(keys_of(fields)) do
    local old = fields[new]
    if type(new) ~= "string" or type(old) ~= "string" then
      report(("expected { new = \"old\" }, got [%s] = %s")
        :format(tostring(new), params.show(old)))
    else
      self.to[#self.to + 1], self.from[#self.from + 1] = new, old
    end
  end
  return self
end

-- Takes the function that a stage is made of; `extra` arguments are too many.
local function read_function(self, report, example, fn, extra)
  if type(fn) ~= "function" then
    report(("expected a function such as %s, got %s"):format(example, params.show(fn)))
  elseif extra > 0 then
    report(("got %d argument%s too many"):format(extra, extra > 1 and "s" or ""))
  else
    self.fn = fn
  end
end

local function batches(session, fn, ...)
  local self, report = begin(session, "batches")
  read_function(self, report, "function(batch) ... end", fn, select("#", ...))
  return self
end

-- A function that only sets fields is a derive with a Lua twin.
local function each(session, fn, options, ...)
  local self, report = begin(session, "each")
  read_function(self, report, "function(row) ... end", fn, select("#", ...))
  read_options(self, report, options)
  local fields, why
  if self.fn then
    fields, why = require("perigee.expr.function").fields(self.fn)
  end
  self.fields, self.why = fields, why
  for _, field in ipairs(fields or {}) do
    field.text = require("perigee.expr.text").of(field.ast)
  end
  self.kind = fields and "derive" or "each"
  return self
end

local function by_creation(a, b)
  local first = a.aggregate and a.aggregate.number or 0
  local second = b.aggregate and b.aggregate.number or 0
  if first ~= second then
    return first < second
  end
  return a.name < b.name
end

local function add_aggregate(self, report, name, value)
  if type(name) ~= "string" then
    report(("every aggregate needs a name: { n = p.count() }; got %s without one")
      :format(params.show(value)))
  elseif stage.type(value) ~= "aggregate" then
    report(("'%s': expected an aggregate such as p.count(), got %s")
      :format(name, params.show(value)))
    self.aggregates[#self.aggregates + 1] = { name = name }
  else
    self.broken = self.broken or value.broken
    self.aggregates[#self.aggregates + 1] = { name = name, aggregate = value }
  end
end

local function group(session, fields, ...)
  local self, report = begin(session, "group", { by = {}, aggregates = {} })
  if type(fields) ~= "table" or select("#", ...) > 0 then
    report("expected a table such as { by = \"path\", n = p.count() }, got "
      .. params.show(fields))
    return self
  end
  if fields.by ~= nil then
    self.by = names_of(function(text) report("'by': " .. text) end, fields.by)
  end
  local seen = {}
  for _, name in ipairs(self.by) do
    seen[name] = true
  end
  for _, name in ipairs(keys_of(fields)) do
    if seen[name] then
      report(("column '%s' is both in 'by' and an aggregate"):format(name))
    elseif name ~= "by" then
      add_aggregate(self, report, name, fields[name])
    end
  end
  if #self.by == 0 and #self.aggregates == 0 and not self.broken then
    report("expected 'by', an aggregate such as n = p.count(), or both")
  end
  table.sort(self.aggregates, by_creation)
  return self
end

--- The constructors, by name; each takes the session first.
transforms.constructors = {
  where = where,
  derive = derive,
  select = columns_stage "select",
  drop = columns_stage "drop",
  rename = rename,
  each = each,
  batches = batches,
  group = group,
}

return transforms

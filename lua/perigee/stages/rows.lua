-- rows.lua - the source `rows`: a Lua table as a stream, for trying things out
-- and for specs.
--
--   p.rows { { path = "/a", status = 200 }, { path = "/b" } }
--   p.rows { columns = { "path", "status" }, { "/a", 200 }, { "/b", 404 } }

local core = require "perigee.core"
local params = require "perigee.params"
local stage = require "perigee.stage"

local rows = {}

local function type_of(value)
  local kind = math.type(value)
  if kind then
    return kind == "integer" and "i64" or "f64"
  elseif type(value) == "string" then
    return "str"
  elseif type(value) == "boolean" then
    return "bool"
  end
  return nil
end

-- Integers beside floats become floats; any other mixture has no one type.
local function join(a, b)
  if a == nil or a == b then
    return b
  elseif (a == "i64" and b == "f64") or (a == "f64" and b == "i64") then
    return "f64"
  end
  return nil
end

-- Columns of rows with names, sorted: a Lua table keeps no order.
local function names_of(list)
  local names, seen = {}, {}
  for _, row in ipairs(list) do
    for name in pairs(type(row) == "table" and row or {}) do
      if type(name) == "string" and not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

local function column_of(list, name, key, report)
  local kind, values = nil, {}
  for i, row in ipairs(list) do
    local value = row[key]
    if value ~= nil then
      local found = type_of(value)
      local joined = found and join(kind, found)
      if not joined then
        report(found
          and ("row %d: column '%s' is %s before and %s here"):format(i, name, kind, found)
          or ("row %d: column '%s': expected a string, number or boolean, got %s")
            :format(i, name, params.show(value)))
        return nil
      end
      kind = joined
    end
    values[i] = value
  end
  return { name = name, type = kind or "null", values = values, n = #list }
end

--- The source over a table of rows.
---@param session perigee.Session
---@param list table
---@return perigee.Stage
function rows.new(session, list)
  local self = stage.new(session, { kind = "rows", role = "source", label = "rows", columns = {} })
  local function report(text)
    self.broken = true
    session:problem(self.at, "rows", text)
  end
  if type(list) ~= "table" then
    report("expected a table of rows, got " .. params.show(list))
    return self
  end
  for i, row in ipairs(list) do
    if type(row) ~= "table" then
      report(("row %d: expected a table, got %s"):format(i, params.show(row)))
      return self
    end
  end
  for name in pairs(list) do
    if name ~= "columns" and math.type(name) ~= "integer" then
      report(("unknown parameter '%s'%s"):format(tostring(name),
        params.did_you_mean(tostring(name), { "columns" })))
    end
  end
  local given = list.columns
  for i, name in ipairs(given or names_of(list)) do
    self.columns[#self.columns + 1] = column_of(list, name, given and i or name, report)
  end
  self.count = #list
  return self
end

--- What the run polls: the one batch, then the end.
---@param self perigee.Stage
---@return fun(): userdata?
function rows.poll(self)
  local done = self.count == 0
  return function()
    if done then
      return nil
    end
    done = true
    return core.batch(self.columns, self.count)
  end
end

return rows

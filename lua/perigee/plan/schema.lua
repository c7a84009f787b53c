-- schema.lua - what is known of the columns of a stream while the plan is made.
--
-- A schema is *closed* when these are all the columns, and *open* when more may
-- come (JSON, rows changed by a Lua function).  A column of type "any" exists,
-- its type shows itself when the data comes.

local params = require "perigee.params"

local schema = {}

---@class perigee.Schema
---@field open boolean
---@field list { name: string, type: string }[]
---@field types table<string, string>

--- Makes a schema.
---@param list { name: string, type: string }[]
---@param open boolean?
---@return perigee.Schema
function schema.new(list, open)
  local self = { open = open or false, list = {}, types = {} }
  for _, column in ipairs(list) do
    schema.add(self, column.name, column.type)
  end
  return self
end

--- Adds a column, or gives it another type.
---@param self perigee.Schema
---@param name string
---@param kind string
function schema.add(self, name, kind)
  if self.types[name] == nil then
    self.list[#self.list + 1] = { name = name, type = kind }
  else
    for _, column in ipairs(self.list) do
      if column.name == name then
        column.type = kind
      end
    end
  end
  self.types[name] = kind
end

--- A copy, without the columns in `except`.
---@param self perigee.Schema
---@param except table<string, boolean>?
---@return perigee.Schema
function schema.copy(self, except)
  local list = {}
  for _, column in ipairs(self.list) do
    if not (except and except[column.name]) then
      list[#list + 1] = column
    end
  end
  return schema.new(list, self.open)
end

--- The type of a column or of a path into a column of JSON.
---@param self perigee.Schema
---@param name string
---@return string? type "any" when it may exist; nil: it does not
function schema.find(self, name)
  if self.types[name] then
    return self.types[name]
  end
  local at = 1
  while true do
    at = name:find(".", at, true)
    if not at then
      break
    end
    local kind = self.types[name:sub(1, at - 1)]
    if kind == "json" or kind == "any" then
      return "any"
    end
    at = at + 1
  end
  return self.open and "any" or nil
end

--- "no column 'staus'; did you mean 'status'?"
---@param self perigee.Schema
---@param name string
---@return string
function schema.missing(self, name)
  local names = {}
  for i, column in ipairs(self.list) do
    names[i] = column.name
  end
  local hint = params.did_you_mean(name, names)
  if hint == "" and #names > 0 then
    local shown = table.concat(names, ", ", 1, math.min(#names, 12))
    hint = ("; there are: %s%s"):format(shown, #names > 12 and ", ..." or "")
  end
  return ("no column '%s'%s"):format(name, hint)
end

--- What several streams have together.
---@param list perigee.Schema[]
---@return perigee.Schema
function schema.union(list)
  local result = schema.new({}, false)
  for _, one in ipairs(list) do
    result.open = result.open or one.open
    for _, column in ipairs(one.list) do
      local known = result.types[column.name]
      local kind = column.type
      if known and known ~= kind then
        kind = known == "null" and kind or kind == "null" and known or "any"
      end
      schema.add(result, column.name, kind)
    end
  end
  return result
end

return schema

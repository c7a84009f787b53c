-- sets.lua - small tools for tables whose keys are names.

local sets = {}

--- A copy.
---@generic T
---@param set table<string, T>
---@return table<string, T>
function sets.copy(set)
  local result = {}
  for name, value in pairs(set) do
    result[name] = value
  end
  return result
end

--- Its names, sorted.
---@param set table<string, any>
---@return string[]
function sets.names(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

--- Whether a list has the name.
---@param list string[]
---@param name string
---@return boolean
function sets.has(list, name)
  for _, other in ipairs(list) do
    if other == name then
      return true
    end
  end
  return false
end

return sets

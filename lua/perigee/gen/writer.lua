-- writer.lua - lines of a source text in the making, and the names in use there.

---@class perigee.gen.Writer
---@field description table from core.describe
---@field lines string[]
---@field ids table<string, boolean> names in use
local Writer = {}
Writer.__index = Writer

--- A kind of writer for one language.
---@param taken table<string, boolean> words that cannot be the name of a function there
---@return table class
function Writer.class(taken)
  local class = setmetatable({ taken = taken }, Writer)
  class.__index = class
  return class
end

--- A writer of the class.
---@param description table from core.describe
---@param lists table[][] items whose names are in use
---@return perigee.gen.Writer
function Writer:new(description, lists)
  local writer = setmetatable({ description = description, lines = {}, ids = {} }, self)
  for _, list in ipairs(lists) do
    for _, item in ipairs(list) do
      writer.ids[item.name] = true
    end
  end
  return writer
end

--- Adds a line, a format when there are arguments.
function Writer:add(format, ...)
  self.lines[#self.lines + 1] = select("#", ...) > 0 and format:format(...) or format
end

--- A name for an item, its own when that is free.
---@param name string
---@return string
function Writer:id(name)
  local id, number = name, 1
  if self.taken[name] then
    id = name .. "_fn"
  end
  while self.ids[id] do
    number = number + 1
    id = ("%s_%d"):format(name, number)
  end
  self.ids[id] = true
  return id
end

return Writer

-- aggregates.lua - count(), sum "bytes", quantile("bytes", 0.99), ...
--
-- An aggregate is a description: its name and its arguments.  Which native
-- overload it becomes is decided when the types of the arguments are known.

local expr = require "perigee.expr"
local origin = require "perigee.origin"
local params = require "perigee.params"
local stage = require "perigee.stage"

local aggregates = {}

---@class perigee.Aggregate
---@field name string
---@field args { text: string, ast: table? }[]
---@field number integer position among all aggregates of the script
---@field at string

-- The text of a constant argument, for the parser.
local function constant(value)
  if type(value) == "number" then
    return params.number_text(value)
  end
  return type(value) == "boolean" and tostring(value) or nil
end

local function parse(session, at, name, value)
  local text = type(value) == "string" and value or constant(value)
  if not text then
    session:problem(at, name, "expected an expression or a number, got " .. params.show(value))
    return nil
  end
  local ast, why = expr.parse(text)
  if not ast then
    session:problem(at, name, aggregates.syntax(text, why))
    return nil
  end
  return { text = text, ast = ast }
end

--- A syntax error with the place marked.
---@param text string
---@param why { message: string, at: integer }
---@return string
function aggregates.syntax(text, why)
  if text:find("\n", 1, true) then
    return ("%s at byte %d of the expression"):format(why.message, why.at)
  end
  return ("%s\n    %s\n    %s^"):format(why.message, text, (" "):rep(why.at - 1))
end

--- Describes one aggregate.
---@param session perigee.Session
---@param name string
---@param ... string|number expressions over columns, or constants
---@return perigee.Aggregate
function aggregates.new(session, name, ...)
  local self = stage.mark({
    name = name, args = {}, at = origin.here(), number = session:next_number(),
  }, "aggregate")
  for i = 1, select("#", ...) do
    local arg = parse(session, self.at, name, (select(i, ...)))
    self.broken = self.broken or not arg
    self.args[i] = arg
  end
  return self
end

return aggregates

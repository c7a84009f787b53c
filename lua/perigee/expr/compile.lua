-- compile.lua - the tree of an expression to instructions over the columns of a
-- schema.
--
-- The meaning is Lua's, row by row, with nil for null, except:
--   nil in arithmetic, ordering, `..`, `#` or as an argument gives nil;
--   integer // and % by zero give nil; floats with a fraction in bitwise
--   operations give nil; ordering values of different types is an error;
--   strings are not converted to numbers: tonumber() does that, to a float;
--   floor, ceil and tointeger give nil for what does not fit an integer;
--   times: `time - time` is seconds, `time + seconds` a time, and a constant
--   text beside a time is read as RFC 3339;
--   JSON operands become what the other operand is: number, string or bool, nil
--   when the value is not of that type; two JSON operands are numbers in
--   arithmetic and ordering, and text in `==`.
-- One part has one type: `flag and name` could be false or a string, so it
-- stands only where its truth matters or where `or` follows.

local Code = require "perigee.expr.code"
local arithmetic = require "perigee.expr.arithmetic"
local calls = require "perigee.expr.calls"
local compare = require "perigee.expr.compare"
local logic = require "perigee.expr.logic"
local suggest = require "perigee.suggest"
local types = require "perigee.expr.types"

---@class perigee.Compiler
---@field code table
---@field schema table
---@field types table<string, string>
local Compiler = {}
Compiler.__index = Compiler

local cast, const, widen = types.cast, types.const, types.widen

--- Raises a type error, for run() to catch.
---@param node { at: integer }
---@param message string
function Compiler.fail(_, node, message)
  error({ message = message, at = node.at }, 0)
end

local type_names <const> = { i64 = "number", f64 = "number", str = "string" }

--- A value as messages name it: "str 'level'", "number 5", "i64".
---@param node table
---@param value perigee.Value
---@return string
function Compiler.describe(_, node, value)
  if node.kind == "path" then
    return ("%s '%s'"):format(value.type, table.concat(node.parts, "."))
  elseif value.const and value.value ~= nil and value.type ~= "time" then
    local text = type(value.value) == "string" and ("'%s'"):format(value.value)
    return ("%s %s"):format(type_names[value.type] or value.type, text or tostring(value.value))
  end
  return value.type
end

--- The value of a part whose type matters.
---@param node table
---@return perigee.Value
function Compiler:typed(node)
  local value = self:value(node)
  if value.falsy or value.type == "mixed" then
    self:fail(node, ("expected one type, found %s; 'a and b or nil' has one")
      :format(value.type == "mixed" and value.of or value.type .. " or false"))
  end
  return value
end

--- The same, widened.
---@param node table
---@return perigee.Value
function Compiler:operand(node)
  return widen(self.code, self:typed(node))
end

--- The truth of a part.
---@param node table
---@return perigee.Value of type bool; null counts as false
function Compiler:truth(node)
  return logic.truth(self, node)
end

--- A number or string as text for `..`.
---@param value perigee.Value widened
---@return perigee.Value? nil: it is neither
function Compiler:text_of(value)
  return arithmetic.text_of(self, value)
end

local function missing(self, node, name)
  if self.schema.open then
    return const "null"
  end
  local names = {}
  for i, column in ipairs(self.schema) do
    names[i] = column.name
  end
  local near = suggest.nearest(name, names)
  self:fail(node, ("no column '%s'%s"):format(name, near
    and ("; did you mean '%s'?"):format(near) or ""))
end

local function json_field(self, node, value, key)
  if value.type == "json" then
    local result = self.code:call("json_get", value, const("str", key))
    return { type = "json", reg = result.reg }
  elseif types.is_any(value) or types.is_nil(value) then
    return value
  end
  self:fail(node, ("%s has no fields, '%s' is looked up in it"):format(value.type, key))
end

local function column(self, name)
  local kind = self.types[name]
  if kind == "null" then
    return const "null"
  end
  return kind == "any" and { type = "any" } or self.code:column(name, kind)
end

local value_of = {}

-- The column with the longest name that the path begins with, and the rest
-- looked up in its JSON.
function value_of.path(self, node)
  local parts = node.parts
  for length = #parts, 1, -1 do
    local name = table.concat(parts, ".", 1, length)
    if self.types[name] then
      local value = column(self, name)
      for i = length + 1, #parts do
        value = json_field(self, node, value, parts[i])
      end
      return value
    end
  end
  return missing(self, node, table.concat(parts, "."))
end

function value_of.get(self, node)
  return json_field(self, node, self:typed(node.object), node.key)
end

function value_of.const(_, node)
  local value = node.value
  if type(value) == "number" then
    return const(math.type(value) == "integer" and "i64" or "f64", value)
  elseif value == nil then
    return const "null"
  end
  return const(type(value) == "boolean" and "bool" or "str", value)
end

value_of.call = calls.call
value_of.method = calls.method

local binary, unary = {}, {}
for _, part in ipairs { arithmetic, compare, logic } do
  for op, compile in pairs(part.binary) do
    binary[op] = compile
  end
  for op, compile in pairs(part.unary or {}) do
    unary[op] = compile
  end
end

function value_of.binary(self, node)
  return binary[node.op](self, node)
end

function value_of.unary(self, node)
  return unary[node.op](self, node)
end

--- The value of a part.
---@param node table
---@return perigee.Value
function Compiler:value(node)
  return value_of[node.kind](self, node)
end

-- The value of the whole expression, of the type that is wanted.
local function result(self, ast, want)
  if want == "truth" then
    return self:truth(ast)
  end
  local value = self:typed(ast)
  if not want or want == value.type then
    return value
  end
  return cast(self.code, value, want) or self:fail(ast, ("expected %s, found %s")
    :format(want, self:describe(ast, value)))
end

--- Compiles for the columns of a schema; see expr.compile().
---@param ast table
---@param schema table
---@param functions table[]
---@param want string?
---@return table? spec
---@return string? message
---@return string|integer|nil at
local function run(ast, schema, functions, want)
  local self = setmetatable({ code = Code.new(functions), schema = schema, types = {} }, Compiler)
  for _, entry in ipairs(schema) do
    self.types[entry.name] = entry.type
  end
  local ok, value = pcall(result, self, ast, want)
  if ok and value.type == "any" then
    return nil, nil, "unknown"
  elseif ok then
    return self.code:finish(value)
  elseif type(value) ~= "table" then
    error(value, 0)
  end
  return nil, value.message, value.at
end

return run

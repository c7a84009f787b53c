-- compare.lua - `==`, `~=`, `<`, `<=`, `>`, `>=`.
--
-- Equality is never null: nil equals nil, and values of different types are not
-- equal.  Integers and floats compare exactly, by value.

local types = require "perigee.expr.types"

local compare = { binary = {} }

local cast, const, is_any, is_nil = types.cast, types.const, types.is_any, types.is_nil

-- A constant number beside a number of the other kind: so the comparison needs
-- no conversion of the column.
local function match_constant(value, kind)
  local number = value.const and value.value
  if kind == "f64" and value.type == "i64" and number then
    local float = number + 0.0
    return math.tointeger(float) == number and const("f64", float) or value
  elseif kind == "i64" and value.type == "f64" and number then
    local integer = math.tointeger(number)
    return integer and const("i64", integer) or value
  end
  return value
end

--- Two operands of which one may be a constant: a text beside a time is a time.
---@param cx perigee.Compiler
---@param a perigee.Value
---@param b perigee.Value
---@return perigee.Value a
---@return perigee.Value b
function compare.match_time(cx, a, b)
  if a.type == "time" and b.type == "str" and b.const then
    b = cast(cx.code, b, "time") or b
  elseif b.type == "time" and a.type == "str" and a.const then
    a = cast(cx.code, a, "time") or a
  end
  return a, b
end

-- The same, and a number becomes one of the other's kind where that is exact.
local function match(cx, a, b)
  a, b = compare.match_time(cx, a, b)
  return match_constant(a, b.type), match_constant(b, a.type)
end

--- Refuses a constant text that is no time beside a time.
---@param cx perigee.Compiler
---@param node table
---@param a perigee.Value of node.a, after match_time()
---@param b perigee.Value of node.b
function compare.check_time(cx, node, a, b)
  for _, pair in ipairs { { a, node.a, b }, { b, node.b, a } } do
    local value, child, other = table.unpack(pair)
    if value.type == "str" and value.const and other.type == "time" then
      cx:fail(child, ("expected a time such as \"2025-06-01T00:00:00Z\", found '%s'")
        :format(value.value))
    end
  end
end

-- Whether a value is nil, never null itself.
local function is_null(cx, value)
  if value.const then
    return const("bool", value.value == nil)
  elseif value.type == "bool" or value.type == "json" then
    local primitive = value.type == "bool" and "eq_bool" or "eq_str"
    return cx.code:equal(primitive, value, const(value.type))
  end
  return cx.code:logic("not", "bool", value)
end

-- Values of types that are never equal: only nil equals nil.
local function both_null(cx, a, b)
  return cx.code:logic("and", "bool", is_null(cx, a), is_null(cx, b))
end

-- JSON that is not of the other's type became null, which a null there must
-- not equal.
local function equal_json(cx, json, other)
  local value = cast(cx.code, json, other.type)
  if not value then
    return both_null(cx, json, other)
  end
  local same = cx.code:equal("eq_" .. other.type, value, other)
  if other.const then
    return same
  end
  return cx.code:logic("and", "bool", same, cx.code:equal("eq_bool",
    is_null(cx, json), is_null(cx, other)))
end

local function equal(cx, a, b)
  if is_any(a) or is_any(b) then
    return { type = "any" }
  elseif is_nil(b) then
    return is_null(cx, a)
  elseif is_nil(a) then
    return is_null(cx, b)
  elseif a.type == b.type then
    return cx.code:equal(a.type == "json" and "eq_str" or "eq_" .. a.type, a, b)
  elseif a.type == "i64" and b.type == "f64" then
    return cx.code:equal("eq_i64_f64", a, b)
  elseif a.type == "f64" and b.type == "i64" then
    return cx.code:equal("eq_i64_f64", b, a)
  elseif a.type == "json" then
    return equal_json(cx, a, b)
  elseif b.type == "json" then
    return equal_json(cx, b, a)
  end
  return both_null(cx, a, b)
end

compare.binary["=="] = function(cx, node)
  local a, b = match(cx, cx:operand(node.a), cx:operand(node.b))
  compare.check_time(cx, node, a, b)
  return equal(cx, a, b)
end

compare.binary["~="] = function(cx, node)
  local same = compare.binary["=="](cx, node)
  return is_any(same) and same or cx.code:logic("not", "bool", same)
end

local ordered <const> = { i64 = true, f64 = true, str = true, time = true }

-- JSON operands of an ordering as numbers or strings.
local function adapt_json(cx, a, b)
  if a.type == "json" then
    local kind = b.type == "str" and "str" or "f64"
    a = cast(cx.code, a, kind)
  end
  if b.type == "json" then
    b = cast(cx.code, b, a.type == "str" and "str" or "f64")
  end
  return a, b
end

local function order_suffix(a, b)
  if a == b then
    return ordered[a] and a
  elseif (a == "i64" and b == "f64") or (a == "f64" and b == "i64") then
    return a .. "_" .. b
  end
  return nil
end

local function order(cx, node, first, second, op)
  local a, b = cx:operand(node[first]), cx:operand(node[second])
  local x, y = match(cx, adapt_json(cx, a, b))
  compare.check_time(cx, node, first == "a" and x or y, first == "a" and y or x)
  if is_any(x) or is_any(y) then
    return { type = "any" }
  elseif is_nil(x) or is_nil(y) then
    return const "null"
  end
  local suffix = order_suffix(x.type, y.type)
  if not suffix then
    local left, right = node.a, node.b
    if first == "b" then
      a, b = b, a
    end
    cx:fail(node, ("cannot compare %s with %s (use == for equality)")
      :format(cx:describe(left, a), cx:describe(right, b)))
  end
  return cx.code:call(op .. "_" .. suffix, x, y)
end

compare.binary["<"] = function(cx, node)
  return order(cx, node, "a", "b", "lt")
end

compare.binary["<="] = function(cx, node)
  return order(cx, node, "a", "b", "le")
end

compare.binary[">"] = function(cx, node)
  return order(cx, node, "b", "a", "lt")
end

compare.binary[">="] = function(cx, node)
  return order(cx, node, "b", "a", "le")
end

return compare

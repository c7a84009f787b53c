-- arithmetic.lua - operators that compute: arithmetic on numbers and times,
-- bits, `..` and `#`.
--
-- Two integers give an integer that wraps, `/` and `^` always give floats.

local compare = require "perigee.expr.compare"
local types = require "perigee.expr.types"

local arithmetic = { binary = {}, unary = {} }

local cast, const, is_any, is_nil = types.cast, types.const, types.is_any, types.is_nil

local function number(cx, node, value)
  if value.type == "json" then
    return cast(cx.code, value, "f64")
  elseif value.type == "i64" or value.type == "f64" or value.type == "null" or is_any(value) then
    return value
  end
  local hint = value.type == "str" and "; tonumber() makes a number of a string" or ""
  cx:fail(node, ("expected a number, found %s%s"):format(cx:describe(node, value), hint))
end

local function undecided(a, b)
  if is_any(a) or is_any(b) then
    return { type = "any" }
  end
  return (is_nil(a) or is_nil(b)) and const "null" or nil
end

-- `name` as i64 when both are and there is such a primitive, else as f64.
local function compute(cx, node, name, a, b)
  a, b = number(cx, node.a, a), number(cx, node.b, b)
  local known = undecided(a, b)
  if known then
    return known
  elseif a.type == "i64" and b.type == "i64" and name ~= "div" and name ~= "pow" then
    return cx.code:call(name .. "_i64", a, b)
  end
  return cx.code:call(name .. "_f64", cast(cx.code, a, "f64"), cast(cx.code, b, "f64"))
end

local function shift_time(cx, name, time, node, amount)
  local seconds = number(cx, node, amount)
  return undecided(time, seconds) or cx.code:call(name .. "_" .. seconds.type, time, seconds)
end

arithmetic.binary["+"] = function(cx, node)
  local a, b = cx:operand(node.a), cx:operand(node.b)
  if a.type == "time" and b.type ~= "time" then
    return shift_time(cx, "time_add", a, node.b, b)
  elseif b.type == "time" and a.type ~= "time" then
    return shift_time(cx, "time_add", b, node.a, a)
  end
  return compute(cx, node, "add", a, b)
end

arithmetic.binary["-"] = function(cx, node)
  local a, b = compare.match_time(cx, cx:operand(node.a), cx:operand(node.b))
  compare.check_time(cx, node, a, b)
  if a.type == "time" and b.type == "time" then
    return cx.code:call("time_diff", a, b)
  elseif a.type == "time" then
    return shift_time(cx, "time_sub", a, node.b, b)
  end
  return compute(cx, node, "sub", a, b)
end

for op, name in pairs { ["*"] = "mul", ["//"] = "idiv", ["%"] = "mod", ["/"] = "div", ["^"] = "pow" } do
  arithmetic.binary[op] = function(cx, node)
    return compute(cx, node, name, cx:operand(node.a), cx:operand(node.b))
  end
end

local function integer(cx, node)
  local value = number(cx, node, cx:operand(node))
  local exact = value.const and value.type == "f64" and math.tointeger(value.value)
  return exact and const("i64", exact) or cast(cx.code, value, "i64")
end

local bitwise <const> = {
  ["&"] = "band", ["|"] = "bor", ["~"] = "bxor", ["<<"] = "shl", [">>"] = "shr",
}
for op, name in pairs(bitwise) do
  arithmetic.binary[op] = function(cx, node)
    local a, b = integer(cx, node.a), integer(cx, node.b)
    return undecided(a, b) or cx.code:call(name, a, b)
  end
end

arithmetic.unary["~"] = function(cx, node)
  local a = integer(cx, node.a)
  return undecided(a, a) or cx.code:call("bnot", a)
end

arithmetic.unary["-"] = function(cx, node)
  local a = number(cx, node.a, cx:operand(node.a))
  if a.const and a.value then
    return const(a.type, -a.value)
  end
  return undecided(a, a) or cx.code:call("neg_" .. a.type, a)
end

--- A number or string as text for `..`; nil: it is neither.
---@param cx perigee.Compiler
---@param value perigee.Value widened
---@return perigee.Value?
function arithmetic.text_of(cx, value)
  if value.type == "str" or value.type == "any" or value.type == "null" then
    return value
  elseif value.type == "json" then
    return cx.code:call("json_concat", value)
  elseif value.type ~= "i64" and value.type ~= "f64" then
    return nil
  elseif value.const then
    return const("str", value.value ~= nil and tostring(value.value) or nil)
  end
  return cx.code:call("text_" .. value.type, value)
end

local function text(cx, node)
  local value = cx:operand(node)
  return arithmetic.text_of(cx, value)
    or cx:fail(node, ("cannot concatenate %s; tostring() makes a string of it")
      :format(cx:describe(node, value)))
end

arithmetic.binary[".."] = function(cx, node)
  local a, b = text(cx, node.a), text(cx, node.b)
  return undecided(a, b) or cx.code:call("concat", a, b)
end

arithmetic.unary["#"] = function(cx, node)
  local value = cx:operand(node.a)
  local subject = types.as_text(cx.code, value)
  if not subject then
    cx:fail(node.a, ("expected a string to measure, found %s"):format(cx:describe(node.a, value)))
  end
  return undecided(subject, subject) or cx.code:call("len", subject)
end

return arithmetic

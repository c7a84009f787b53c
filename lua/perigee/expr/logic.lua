-- logic.lua - `and`, `or`, `not`, and truth.
--
-- Lua's `and` and `or` give one of their operands.  Null stands for nil, and
-- false exists only in bool (and JSON), so:
--   a and b   bools: an instruction of its own; else b where a is true, null
--             elsewhere, which is right unless a can be false: then the value is
--             marked `falsy`, and only `or`, `not` or a condition may take it
--   a or b    a where it is not null (or false), else b; both of one type
-- Operands of different types give a value of which only the truth is known,
-- "mixed".

local types = require "perigee.expr.types"

local logic = { binary = {}, unary = {} }

local cast, const, is_any, is_nil = types.cast, types.const, types.is_any, types.is_nil

-- The truth of a value, a bool whose null counts as false.
local function truth_of(cx, value)
  if is_any(value) then
    return value
  elseif value.const then
    return const("bool", value.value ~= nil and value.value ~= false)
  elseif value.type == "mixed" then
    return { type = "bool", reg = value.reg }
  elseif value.type == "bool" then
    return value
  elseif value.type == "json" then
    return cx.code:call("json_truth", value)
  end
  return cx.code:logic("truth", "bool", value)
end

local function combine(cx, op, a, b)
  if is_any(a) or is_any(b) then
    return { type = "any" }
  end
  return cx.code:logic(op, "bool", a, b)
end

--- The truth of a part; here operands may be of any types.
---@param cx perigee.Compiler
---@param node table
---@return perigee.Value
function logic.truth(cx, node)
  if node.kind == "binary" and (node.op == "and" or node.op == "or") then
    local a, b = logic.truth(cx, node.a), logic.truth(cx, node.b)
    return combine(cx, node.op, a, b)
  end
  return truth_of(cx, cx:value(node))
end

local function can_be_false(value)
  return value.falsy or value.type == "bool" or value.type == "json"
end

local function mixed(cx, op, a, b)
  local truth = combine(cx, op, truth_of(cx, a), truth_of(cx, b))
  return {
    type = "mixed", reg = truth.reg, of = ("%s or %s"):format(a.of or a.type, b.of or b.type),
    falsy = can_be_false(b) or op == "and" and can_be_false(a),
  }
end

local function is_false(value)
  return value.const and (value.value == nil or value.value == false)
end

logic.binary["and"] = function(cx, node)
  local a, b = cx:value(node.a), cx:value(node.b)
  if is_any(a) or is_any(b) then
    return { type = "any" }
  elseif a.const then
    return is_false(a) and a or b
  elseif b.type == "mixed" then
    return mixed(cx, "and", a, b)
  elseif a.type == "bool" and not a.falsy and not b.falsy and (b.type == "bool" or is_nil(b)) then
    return cx.code:logic("and", "bool", a, cast(cx.code, b, "bool"))
  elseif is_nil(b) and not can_be_false(a) then
    return b
  end
  b = is_nil(b) and const "bool" or b
  local result = cx.code:logic("if", b.type, truth_of(cx, a), b)
  result.falsy = can_be_false(a) or b.falsy
  return result
end

-- The value with null for what counts as false.
local function without_false(cx, value)
  if value.type == "json" then
    return cx.code:logic("if", "json", truth_of(cx, value), value)
  end
  return { type = value.type, reg = cx.code:reg(value) }
end

logic.binary["or"] = function(cx, node)
  local a, b = types.widen(cx.code, cx:value(node.a)), types.widen(cx.code, cx:value(node.b))
  if is_any(a) or is_any(b) then
    return { type = "any" }
  elseif a.const then
    return is_false(a) and b or a
  end
  local kind = a.type ~= "mixed" and b.type ~= "mixed" and types.join(a.type, b.type)
  if not kind then
    return mixed(cx, "or", a, b)
  end
  a = cast(cx.code, without_false(cx, a), kind)
  if is_nil(b) and kind ~= "bool" then
    return a
  end
  local result = cx.code:logic("or", kind, a, cast(cx.code, b, kind))
  result.falsy = b.falsy
  return result
end

logic.unary["not"] = function(cx, node)
  local truth = logic.truth(cx, node.a)
  return is_any(truth) and truth or cx.code:logic("not", "bool", truth)
end

return logic

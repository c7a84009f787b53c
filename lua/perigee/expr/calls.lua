-- calls.lua - calls of functions and methods: which native they become.
--
-- A function of a plugin comes before one of Lua's with the same short name.
-- Nil in any argument gives nil.  Numbers given to a function of strings become
-- text, as in Lua; methods are for strings (and JSON strings) only.

local ops = require "perigee.expr.ops"
local pattern = require "perigee.expr.pattern"
local suggest = require "perigee.suggest"
local types = require "perigee.expr.types"

local calls = {}

local const = types.const

-- Functions that give more than one result in Lua; in the last place of a list
-- of arguments all of them would count.
local function has_more_results(node)
  if node.paren or (node.kind ~= "call" and node.kind ~= "method") then
    return false
  end
  local name = node.kind == "method" and "string." .. node.name or node.name
  return name == "string.find" or name == "string.gsub"
end

local function arguments(cx, node, first)
  local values = { first }
  for _, arg in ipairs(node.args) do
    values[#values + 1] = cx:typed(arg)
  end
  return values
end

local function show_types(values)
  local list = {}
  for i, value in ipairs(values) do
    list[i] = value.type
  end
  return table.concat(list, ", ")
end

local function signatures(candidates)
  local list = {}
  for i, fn in ipairs(candidates) do
    list[i] = ops.signature(fn):match "^(.-) %->"
  end
  return table.concat(list, ", ")
end

local function total_cost(fn, values, text)
  local sum = 0
  for i, arg in ipairs(fn.args) do
    local cost = types.cost(values[i], arg.type or arg, text)
    if not cost then
      return nil
    end
    sum = sum + cost
  end
  return sum
end

-- The candidate that is nearest to the types of the arguments.
local function pick(candidates, values, text)
  local best, best_cost
  for _, fn in ipairs(candidates) do
    local cost = #fn.args == #values and total_cost(fn, values, text)
    if cost and (not best_cost or cost < best_cost) then
      best, best_cost = fn, cost
    end
  end
  return best
end

-- A number as text, for functions of strings.
local function to_parameter(cx, value, kind)
  local result = types.cast(cx.code, value, kind)
  return result or cx:text_of(types.widen(cx.code, value))
end

local function cast_all(cx, fn, values)
  local list = {}
  for i, arg in ipairs(fn.args) do
    list[i] = to_parameter(cx, values[i], arg.type or arg)
  end
  return list
end

local function returns_column(fn)
  return types.columns[fn.returns:match "^opt_(.*)" or fn.returns]
end

local function call_other(cx, node, candidates, values)
  local fn = pick(candidates, values, false)
  if not fn then
    cx:fail(node, ("no %s(%s); there is %s"):format(node.name, show_types(values),
      signatures(candidates)))
  elseif not returns_column(fn) then
    cx:fail(node, ("%s gives %s, which no column can hold"):format(node.name, fn.returns))
  end
  return cx.code:call_native(fn, cast_all(cx, fn, values))
end

local function primitives(names)
  local list = {}
  for i, name in ipairs(names) do
    list[i] = ops.primitives[name]
  end
  return list
end

local function arity(builtin)
  local low, high = math.huge, 0
  for _, fn in ipairs(primitives(builtin)) do
    low, high = math.min(low, #fn.args), math.max(high, #fn.args)
  end
  for i in pairs(builtin.defaults or {}) do
    low = math.min(low, i - 1)
  end
  return low, builtin.fold and math.huge or high
end

local function check_arity(cx, node, name, builtin, values)
  local low, high = arity(builtin)
  if builtin.fold then
    low = 1
  elseif name == "string.find" then
    high = 4
  end
  local last = node.args[#node.args]
  if #values < high and last and has_more_results(last) then
    cx:fail(last, ("'%s' has more than one result in Lua; put it in parentheses to pass the first")
      :format(last.name))
  elseif #values < low or #values > high then
    local range = low == high and tostring(low) or ("%d to %d"):format(low, high)
    cx:fail(node, ("%s takes %s argument%s, got %d"):format(name, high == math.huge and "1 or more"
      or range, range == "1" and "" or "s", #values))
  end
end

local function call_primitive(cx, node, name, values, names)
  local candidates = primitives(names)
  local fn = pick(candidates, values, true)
  if not fn then
    local wanted = {}
    for i, candidate in ipairs(candidates) do
      wanted[i] = table.concat(candidate.args, ", ")
    end
    cx:fail(node, ("%s takes (%s), got (%s)"):format(name, table.concat(wanted, ") or ("),
      show_types(values)))
  end
  return cx.code:call(fn.name, table.unpack(cast_all(cx, fn, values)))
end

local function fold(cx, node, name, builtin, values)
  local result = types.widen(cx.code, values[1])
  if #values == 1 then
    return call_primitive(cx, node, name, { result, result }, builtin)
  end
  for i = 2, #values do
    result = call_primitive(cx, node, name, { result, values[i] }, builtin)
  end
  return result
end

-- Rules of their own: patterns that are known in advance choose the primitive.
local special = {}

local function constant_text(value)
  return value.const and value.type == "str" and value.value or nil
end

local function read_pattern(cx, node, text)
  local facts, message = pattern.read(text)
  if not facts then
    cx:fail(node, message)
  end
  return facts
end

local function is_plain(cx, node, value)
  if value and not value.const then
    cx:fail(node, "expected true or false as the last argument of find")
  end
  return value and value.value
end

special["string.find"] = function(cx, node, values)
  local text, init = constant_text(values[2]), values[3] or const("i64", 1)
  if init.const and init.value == nil then
    init = const("i64", 1)
  end
  local args = { values[1], values[2], init }
  if is_plain(cx, node, values[4]) or text and pattern.is_literal(text) then
    return "find_plain", args
  elseif text then
    read_pattern(cx, node, text)
    local rest = text:sub(1, 1) == "^" and text:sub(2)
    if rest and pattern.is_literal(rest) and init.const and init.value == 1 then
      return "find_prefix", { values[1], const("str", rest) }
    end
  end
  return "find", args
end

special["string.match"] = function(cx, node, values)
  local text = constant_text(values[2])
  local facts = text and read_pattern(cx, node, text)
  return facts and facts.position and "match_position" or "match", values
end

special["string.gsub"] = function(cx, node, values)
  local text, replacement = constant_text(values[2]), constant_text(values[3])
  local facts = text and read_pattern(cx, node, text)
  local wrong = facts and replacement and pattern.check_replacement(replacement, facts.captures)
  if wrong then
    cx:fail(node, wrong)
  end
  return "gsub", values
end

local function with_defaults(builtin, values, names)
  local most = 0
  for _, fn in ipairs(primitives(names)) do
    most = math.max(most, #fn.args)
  end
  for i = #values + 1, most do
    local default = (builtin.defaults or {})[i]
    if default ~= nil then
      values[i] = const("i64", default)
    end
  end
  return values
end

local function call_builtin(cx, node, name, values)
  local builtin = ops.functions[name]
  check_arity(cx, node, name, builtin, values)
  local first = types.widen(cx.code, values[1])
  if #values == 1 and builtin.same and builtin.same[first.type] then
    return first
  elseif #values == 1 and builtin.json and first.type == "json" then
    return cx.code:call(builtin.json, first)
  elseif builtin.fold then
    return fold(cx, node, name, builtin, values)
  end
  local names = builtin
  if special[name] then
    local chosen
    chosen, values = special[name](cx, node, values)
    names = { chosen }
  end
  return call_primitive(cx, node, name, with_defaults(builtin, values, names), names)
end

local function known_names(cx)
  local names = {}
  for name in pairs(ops.functions) do
    names[#names + 1] = name
  end
  for name in pairs(cx.code.functions.others) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local function did_you_mean(name, names)
  local near = suggest.nearest(name, names)
  return near and ("; did you mean '%s'?"):format(near) or ""
end

--- A call by name.
---@param cx perigee.Compiler
---@param node table
---@return perigee.Value
function calls.call(cx, node)
  local others = cx.code:others(node.name)
  if others then
    return call_other(cx, node, others, arguments(cx, node))
  elseif ops.functions[node.name] then
    return call_builtin(cx, node, node.name, arguments(cx, node))
  end
  cx:fail(node, ("no function '%s'%s"):format(node.name, did_you_mean(node.name, known_names(cx))))
end

local function method_names()
  local names = {}
  for name in pairs(ops.methods) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- A call of a method of a string.
---@param cx perigee.Compiler
---@param node table
---@return perigee.Value
function calls.method(cx, node)
  local name = ops.methods[node.name]
  if not name then
    cx:fail({ at = node.name_at }, ("no method '%s' of strings%s"):format(node.name,
      did_you_mean(node.name, method_names())))
  end
  local object = cx:operand(node.object)
  local text = types.as_text(cx.code, object)
  if not text then
    cx:fail(node, ("%s has no methods; tostring() makes a string of it")
      :format(cx:describe(node.object, object)))
  end
  return call_builtin(cx, node, name, arguments(cx, node, text))
end

return calls

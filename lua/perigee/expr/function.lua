-- function.lua - plain Lua functions of a row as expressions.
--
--   function(e) return e.status >= 500 and e.method ~= "GET" end
--   function(e) e.kb = e.bytes / 1024 end
--
-- The code of the function is followed with symbols in its registers; at a
-- condition both ways are followed and joined.  What is understood: fields of the
-- row, constants (also <const> variables around the function), comparisons,
-- `+ - * /`, `and or not`, and, in functions that return nothing, fields that
-- are set.  These mean the same in Lua and over columns as long as no null is
-- read, so whoever runs them asks Lua when there is one.

local chunk = require "perigee.expr.chunk"

local functions = {}

local STEPS_MAX <const> = 400

-- Opcodes of Lua 5.4.
local op <const> = {
  MOVE = 0, LOADI = 1, LOADF = 2, LOADK = 3, LOADFALSE = 5, LFALSESKIP = 6, LOADTRUE = 7,
  LOADNIL = 8, GETUPVAL = 9, GETFIELD = 14, SETFIELD = 18, ADDI = 21, ADDK = 22, SUBK = 23,
  MULK = 24, DIVK = 27, ADD = 34, SUB = 35, MUL = 36, DIV = 39, MMBIN = 46, MMBINI = 47,
  MMBINK = 48, UNM = 49, NOT = 51, JMP = 56, EQ = 57, LT = 58, LE = 59, EQK = 60, EQI = 61,
  LTI = 62, LEI = 63, GTI = 64, GEI = 65, TEST = 66, TESTSET = 67, RETURN = 70, RETURN0 = 71,
  RETURN1 = 72, CALL = 68, TAILCALL = 69, SELF = 20, GETTABUP = 11, CONCAT = 53, LEN = 52,
  SETUPVAL = 10, CLOSURE = 79, FORPREP = 74, NEWTABLE = 19, GETTABLE = 12, SETTABLE = 16,
}

-- Why a function stays in Lua, for what people write most.
local reasons <const> = {
  [op.CALL] = "calls a function", [op.TAILCALL] = "calls a function", [op.SELF] = "calls a method",
  [op.GETTABUP] = "reads a global", [op.CONCAT] = "joins strings", [op.LEN] = "takes a length",
  [op.SETUPVAL] = "changes a variable around it", [op.CLOSURE] = "makes a function",
  [op.FORPREP] = "has a loop", [op.NEWTABLE] = "makes a table",
  [op.GETTABLE] = "reads a field by a computed name", [op.SETTABLE] = "sets a field by a computed name",
}

local ROW <const> = { kind = "row" }

local function give_up(reason)
  error({ reason = reason }, 0)
end

local function const(value)
  if type(value) == "string" and not utf8.len(value) then
    give_up "has a string that is no UTF-8"
  end
  return { kind = "const", value = value, at = 1 }
end

local function binary(operator, a, b)
  if a == ROW or b == ROW then
    give_up "uses the row as a value"
  end
  return { kind = "binary", op = operator, a = a, b = b, at = 1, op_at = 1 }
end

local function unary(operator, a)
  if a == ROW then
    give_up "uses the row as a value"
  end
  return { kind = "unary", op = operator, a = a, at = 1 }
end

-- `not x` where x is a comparison becomes the other comparison only for `==`:
-- NaN makes the others differ.
local function negate(a)
  if a.kind == "unary" and a.op == "not" and a.truth then
    return a.a
  elseif a.kind == "binary" and (a.op == "==" or a.op == "~=") then
    return binary(a.op == "==" and "~=" or "==", a.a, a.b)
  end
  local result = unary("not", a)
  result.truth = true
  return result
end

-- if c then a else b, where only the truth of all three matters.
local function choose(c, a, b)
  local yes = a.kind == "const" and (a.value and true or false)
  local no = b.kind == "const" and (b.value and true or false)
  if a.kind == "const" and b.kind == "const" then
    return yes == no and const(yes) or (yes and c or negate(c))
  elseif a.kind == "const" then
    return yes and binary("or", c, b) or binary("and", negate(c), b)
  elseif b.kind == "const" then
    return no and binary("or", negate(c), a) or binary("and", c, a)
  end
  return binary("or", binary("and", c, a), binary("and", negate(c), b))
end

---@class perigee.Trace
---@field fn perigee.Function
---@field steps integer
local Trace = {}
Trace.__index = Trace

-- A state is copied where the ways part.
local function copy(state)
  local regs, set = table.move(state.regs, 0, 255, 0, {}), {}
  for i, field in ipairs(state.set) do
    set[i] = field
  end
  return { regs = regs, set = set }
end

local function read_field(state, name)
  for _, field in ipairs(state.set) do
    if field.name == name then
      return field.value
    end
  end
  return { kind = "path", parts = { name }, quoted = true, whole = true, at = 1 }
end

local function write_field(state, name, value)
  if value == ROW then
    give_up "uses the row as a value"
  elseif value.kind == "const" and value.value == nil then
    give_up "sets a field to nil"
  end
  for i, field in ipairs(state.set) do
    if field.name == name then
      state.set[i] = { name = name, value = value }
      return
    end
  end
  state.set[#state.set + 1] = { name = name, value = value }
end

-- Instructions that go on to the next one.
local plain = {}

plain[op.MOVE] = function(_, regs, i) regs[i.a] = regs[i.b] end
plain[op.LOADI] = function(_, regs, i) regs[i.a] = const(i.bx - 65535) end
plain[op.LOADF] = function(_, regs, i) regs[i.a] = const((i.bx - 65535) + 0.0) end
plain[op.LOADK] = function(self, regs, i) regs[i.a] = const(self.fn.constants[i.bx]) end
plain[op.LOADFALSE] = function(_, regs, i) regs[i.a] = const(false) end
plain[op.LOADTRUE] = function(_, regs, i) regs[i.a] = const(true) end

plain[op.LOADNIL] = function(_, regs, i)
  for r = i.a, i.a + i.b do
    regs[r] = const(nil)
  end
end

plain[op.GETUPVAL] = function(self, regs, i)
  local upvalue = self.fn.upvalues[i.b]
  local kind = type(upvalue.value)
  if not upvalue.constant then
    give_up(("reads '%s', which may change: declare it <const>"):format(upvalue.name))
  elseif kind ~= "number" and kind ~= "string" and kind ~= "boolean" then
    give_up(("uses '%s', a %s"):format(upvalue.name, kind))
  end
  regs[i.a] = const(upvalue.value)
end

plain[op.GETFIELD] = function(self, regs, i, state)
  if regs[i.b] ~= ROW then
    give_up "looks into a value"
  end
  regs[i.a] = read_field(state, self.fn.constants[i.c])
end

plain[op.SETFIELD] = function(self, regs, i, state)
  if regs[i.a] ~= ROW then
    give_up "changes a value"
  end
  write_field(state, self.fn.constants[i.b], i.k and const(self.fn.constants[i.c]) or regs[i.c])
end

local function arithmetic(operator)
  return function(_, regs, i) regs[i.a] = binary(operator, regs[i.b], regs[i.c]) end
end

local function with_constant(operator)
  return function(self, regs, i) regs[i.a] = binary(operator, regs[i.b], const(self.fn.constants[i.c])) end
end

plain[op.ADD], plain[op.SUB] = arithmetic "+", arithmetic "-"
plain[op.MUL], plain[op.DIV] = arithmetic "*", arithmetic "/"
plain[op.ADDK], plain[op.SUBK] = with_constant "+", with_constant "-"
plain[op.MULK], plain[op.DIVK] = with_constant "*", with_constant "/"
plain[op.UNM] = function(_, regs, i) regs[i.a] = unary("-", regs[i.b]) end
plain[op.NOT] = function(_, regs, i) regs[i.a] = unary("not", regs[i.b]) end
plain[op.ADDI] = function(_, regs, i) regs[i.a] = binary("+", regs[i.b], const(i.c - 127)) end
-- What follows an operation, for values with metatables.  (`x - 5` is ADDI with
-- -5: Lua adds, and so do we.)
plain[op.MMBIN] = function() end
plain[op.MMBINI], plain[op.MMBINK] = plain[op.MMBIN], plain[op.MMBIN]

-- The condition of a test, true when the jump behind it is taken.
local tests = {}

local function number(i)
  local value = i.b - 127
  return const(i.c ~= 0 and value + 0.0 or value)
end

tests[op.EQ] = function(_, regs, i) return binary("==", regs[i.a], regs[i.b]) end
tests[op.LT] = function(_, regs, i) return binary("<", regs[i.a], regs[i.b]) end
tests[op.LE] = function(_, regs, i) return binary("<=", regs[i.a], regs[i.b]) end
tests[op.EQK] = function(self, regs, i) return binary("==", regs[i.a], const(self.fn.constants[i.b])) end
tests[op.EQI] = function(_, regs, i) return binary("==", regs[i.a], number(i)) end
tests[op.LTI] = function(_, regs, i) return binary("<", regs[i.a], number(i)) end
tests[op.LEI] = function(_, regs, i) return binary("<=", regs[i.a], number(i)) end
tests[op.GTI] = function(_, regs, i) return binary(">", regs[i.a], number(i)) end
tests[op.GEI] = function(_, regs, i) return binary(">=", regs[i.a], number(i)) end
tests[op.TEST] = function(_, regs, i) return regs[i.a] end
tests[op.TESTSET] = function(_, regs, i) return regs[i.b] end

-- Both ways of a test.  With k the jump that follows is taken when the condition
-- holds, else when it does not.
function Trace:branch(pc, state)
  local i = self.fn.code[pc]
  local condition = tests[i.op](self, state.regs, i)
  if condition == ROW then
    give_up "uses the row as a value"
  end
  local jumped = copy(state)
  if i.op == op.TESTSET then
    jumped.regs[i.a] = state.regs[i.b]
  end
  local target = pc + 2 + self.fn.code[pc + 1].jump
  local when_true, when_false = jumped, state
  local to_true, to_false = target, pc + 2
  if not i.k then
    when_true, when_false = state, jumped
    to_true, to_false = pc + 2, target
  end
  if #state.set > 0 then
    give_up "sets fields and tests"
  end
  local a, b = self:follow(to_true, when_true), self:follow(to_false, when_false)
  if a.set or b.set then
    give_up "sets fields under a condition"
  end
  return { value = choose(condition, a.value, b.value) }
end

-- The result of what begins at pc: { value = } or { set = fields }.
function Trace:follow(pc, state)
  while true do
    self.steps = self.steps + 1
    local i = self.fn.code[pc]
    if self.steps > STEPS_MAX then
      give_up "is long"
    elseif tests[i.op] then
      return self:branch(pc, state)
    elseif i.op == op.RETURN1 or (i.op == op.RETURN and i.b == 2) then
      if state.regs[i.a] == ROW or #state.set > 0 then
        give_up "sets fields and returns a value"
      end
      return { value = state.regs[i.a] }
    elseif i.op == op.RETURN0 or (i.op == op.RETURN and i.b == 1) then
      return #state.set > 0 and { set = state.set } or { value = const(nil) }
    elseif i.op == op.LFALSESKIP then
      state.regs[i.a] = const(false)
      pc = pc + 2
    elseif i.op == op.JMP and i.jump >= 0 then
      pc = pc + 1 + i.jump
    elseif plain[i.op] then
      plain[i.op](self, state.regs, i, state)
      pc = pc + 1
    else
      give_up(reasons[i.op] or "has code that is not plain")
    end
  end
end

local function trace(fn)
  local read, reason = chunk.read(fn)
  if not read then
    return nil, reason
  elseif read.params ~= 1 or read.vararg then
    return nil, "does not take one row"
  end
  local self = setmetatable({ fn = read, steps = 0 }, Trace)
  local ok, result = pcall(self.follow, self, 1, { regs = { [0] = ROW }, set = {} })
  if ok then
    return result
  elseif type(result) ~= "table" then
    error(result, 0)
  end
  return nil, result.reason
end

--- What a function tells of a row, as the tree of an expression whose truth is
--- the truth of what it returns.
---@param fn function
---@return table? ast
---@return string? reason why it stays in Lua
function functions.condition(fn)
  local result, reason = trace(fn)
  if result and result.set then
    return nil, "sets fields"
  end
  return result and result.value, reason
end

--- The fields that a function sets in every row, in the order of setting.
---@param fn function
---@return { name: string, ast: table }[]? fields
---@return string? reason why it stays in Lua
function functions.fields(fn)
  local result, reason = trace(fn)
  if not result then
    return nil, reason
  elseif not result.set then
    return nil, "sets no fields in every row"
  end
  local fields = {}
  for i, field in ipairs(result.set) do
    fields[i] = { name = field.name, ast = field.value }
  end
  return fields
end

return functions

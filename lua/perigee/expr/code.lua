-- code.lua - instructions of a compiled expression, as core.program() takes
-- them.  Equal instructions are made once, and what the result does not need is
-- left out.
--
-- A value is what the compiler knows of a part of the expression:
--   { type =, reg = }              in a register: result of that instruction
--   { type =, const = true, value = }  a constant, not yet in a register
--   { type = "null", const = true }    nil, of any type that is needed
--   { type = "any" }               a column whose type is not known yet
--   { type = "mixed", reg = }      a bool or something else; reg is its truth
-- With falsy = true its null stands for nil or false, which the type does not
-- tell apart: `a and b` of a bool and a string.

local ops = require "perigee.expr.ops"

---@class perigee.Value
---@field type string
---@field reg integer?
---@field const boolean?
---@field value any
---@field falsy boolean?

local Code = {}
Code.__index = Code

-- The natives of one list of functions: the primitives by name, and the others.
local indexes <const> = setmetatable({}, { __mode = "k" })

local function index_of(functions)
  if indexes[functions] then
    return indexes[functions]
  end
  local index = { primitives = {}, others = {}, names = {} }
  for _, fn in ipairs(functions) do
    local primitive = ops.primitives[fn.name]
    if primitive and not index.primitives[fn.name]
      and ops.signature(primitive) == ops.signature(fn) then
      index.primitives[fn.name] = fn
    elseif fn.pure ~= false then
      for _, name in ipairs { fn.name, fn.plugin and fn.plugin .. "." .. fn.name } do
        index.others[name] = index.others[name] or {}
        table.insert(index.others[name], fn)
      end
    end
  end
  indexes[functions] = index
  return index
end

--- Starts a program.
---@param functions table[] descriptions; those of `ops` are the primitives
function Code.new(functions)
  return setmetatable({ list = {}, known = {}, functions = index_of(functions) }, Code)
end

--- The functions of plugins with this name, "name" or "plugin.name".
---@param name string
---@return table[]?
function Code:others(name)
  return self.functions.others[name]
end

-- The native of a primitive.  A list without any primitive comes from a check
-- that cannot run.
local function native_of(self, name)
  local primitives = self.functions.primitives
  local fn = primitives[name]
  if not fn and next(primitives) then
    error({ message = ("the plugin 'ops' has no %s"):format(ops.signature(ops.primitives[name])) }, 0)
  end
  return fn and fn.native
end

local function add(self, kind, key, instruction)
  key = instruction[1] .. "\0" .. key
  local reg = self.known[key]
  if not reg then
    reg = #self.list + 1
    self.list[reg], self.known[key] = instruction, reg
  end
  return { type = kind, reg = reg }
end

--- The register of a value.
---@param value perigee.Value
---@return integer
function Code:reg(value)
  if value.reg then
    return value.reg
  end
  local key = ("%s\0%s\0%s"):format(value.type, math.type(value.value) or type(value.value),
    math.type(value.value) == "float" and ("%a"):format(value.value) or tostring(value.value))
  value.reg = add(self, value.type, key, { "const", value.type, value.value }).reg
  return value.reg
end

--- A column of the batch.
---@param name string
---@param kind string
---@return perigee.Value
function Code:column(name, kind)
  return add(self, kind, name, { "column", name })
end

local function regs_of(self, values)
  local regs = {}
  for i, value in ipairs(values) do
    regs[i] = self:reg(value)
  end
  return regs
end

local function plain_type(returns)
  return returns:match "^opt_(.*)" or returns
end

-- Whether a call with these arguments is known without running it.
local function shortcut(values)
  local result
  for _, value in ipairs(values) do
    if value.type == "any" then
      return { type = "any" }
    elseif value.const and value.value == nil then
      result = { type = "null", const = true }
    end
  end
  return result
end

--- A call of a native function of a plugin.
---@param fn table its description
---@param values perigee.Value[] of the types of its parameters
---@return perigee.Value
function Code:call_native(fn, values)
  local known = shortcut(values)
  if known then
    return known
  end
  local regs = regs_of(self, values)
  local key = ("%p\0%s"):format(fn, table.concat(regs, " "))
  return add(self, plain_type(fn.returns), key, { "call", fn.native, regs })
end

--- A call of a primitive; null when an argument is the constant nil.
---@param name string
---@param ... perigee.Value
---@return perigee.Value
function Code:call(name, ...)
  local values = { ... }
  local known = shortcut(values)
  if known then
    return known
  end
  local regs = regs_of(self, values)
  return add(self, plain_type(ops.primitives[name].returns),
    name .. "\0" .. table.concat(regs, " "), { "call", native_of(self, name), regs })
end

--- Equality by a primitive, never null: nil equals nil.
---@param name string
---@param a perigee.Value
---@param b perigee.Value
---@return perigee.Value
function Code:equal(name, a, b)
  local x, y = self:reg(a), self:reg(b)
  return add(self, "bool", ("%s\0%d %d"):format(name, x, y), { "equal", native_of(self, name), x, y })
end

--- One of the instructions "not", "truth", "and", "or", "if".
---@param op string
---@param kind string
---@param a perigee.Value
---@param b perigee.Value?
---@return perigee.Value
function Code:logic(op, kind, a, b)
  local x, y = self:reg(a), b and self:reg(b)
  return add(self, kind, ("%s\0%d %s"):format(kind, x, y), { op, x, y })
end

-- Where an instruction names registers: a list of its own, or some positions.
local function operands(instruction)
  local op = instruction[1]
  if op == "call" then
    return instruction[3], 1
  elseif op == "column" or op == "const" then
    return {}, 1
  end
  return instruction, op == "equal" and 3 or 2
end

local function mark(list, root)
  local needed = { [root] = true }
  for i = root, 1, -1 do
    local regs, first = operands(list[i])
    for k = first, needed[i] and #regs or 0 do
      needed[regs[k]] = true
    end
  end
  return needed
end

--- The program whose result is `value`.
---@param value perigee.Value
---@return { type: string, code: table[] } spec
function Code:finish(value)
  local root = self:reg(value)
  local needed, moved, code = mark(self.list, root), {}, {}
  for i = 1, root do
    if needed[i] then
      local instruction = self.list[i]
      local regs, first = operands(instruction)
      for k = first, #regs do
        regs[k] = moved[regs[k]]
      end
      code[#code + 1] = instruction
      moved[i] = #code
    end
  end
  return { type = value.type, code = code }
end

return Code

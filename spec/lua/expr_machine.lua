-- expr_machine.lua - runs compiled expressions on single rows, in plain Lua:
-- every primitive written anew, from Lua's own operators and libraries.

local machine = {}

local natives = {}

local function numeric(name, fn)
  natives[name .. "_i64"], natives[name .. "_f64"] = fn, fn
end

local function any(names, fn)
  for name in names:gmatch "%S+" do
    natives[name] = fn
  end
end

any("eq_bool eq_i64 eq_f64 eq_str eq_time eq_i64_f64", function(a, b) return a == b end)
any("lt_i64 lt_f64 lt_str lt_time lt_i64_f64 lt_f64_i64", function(a, b) return a < b end)
any("le_i64 le_f64 le_str le_time le_i64_f64 le_f64_i64", function(a, b) return a <= b end)

numeric("add", function(a, b) return a + b end)
numeric("sub", function(a, b) return a - b end)
numeric("mul", function(a, b) return a * b end)
numeric("neg", function(a) return -a end)
numeric("abs", math.abs)
numeric("min", math.min)
numeric("max", math.max)
natives.idiv_i64 = function(a, b) if b ~= 0 then return a // b end end
natives.mod_i64 = function(a, b) if b ~= 0 then return a % b end end
natives.fmod_i64 = function(a, b) if b ~= 0 then return math.fmod(a, b) end end
natives.idiv_f64 = function(a, b) return a // b end
natives.mod_f64 = function(a, b) return a % b end
natives.fmod_f64 = math.fmod
natives.div_f64 = function(a, b) return a / b end
natives.pow_f64 = function(a, b) return a ^ b end
natives.band = function(a, b) return a & b end
natives.bor = function(a, b) return a | b end
natives.bxor = function(a, b) return a ~ b end
natives.bnot = function(a) return ~a end
natives.shl = function(a, b) return a << b end
natives.shr = function(a, b) return a >> b end

natives.floor = function(a) return math.tointeger(math.floor(a)) end
natives.ceil = function(a) return math.tointeger(math.ceil(a)) end
natives.sqrt, natives.exp, natives.log, natives.log_base = math.sqrt, math.exp, math.log, math.log

any("i8_to_i64 i16_to_i64 i32_to_i64 u8_to_i64 u16_to_i64 u32_to_i64 u64_to_i64 f32_to_f64",
  function(a) return a end)
any("i64_to_f64 u64_to_f64", function(a) return a + 0.0 end)
any("f64_to_i64", math.tointeger)

local function narrow(name, low, high)
  natives["i64_to_" .. name] = function(a) if low <= a and a <= high then return a end end
end
narrow("i8", -128, 127)
narrow("i32", -2 ^ 31, 2 ^ 31 - 1)
narrow("u8", 0, 255)
narrow("u64", 0, math.maxinteger)

any("text_bool text_i64 text_f64", tostring)
natives.number = function(s) local n = tonumber(s) return n and n + 0.0 end
natives.integer = function(s) return math.tointeger(tonumber(s)) end
natives.number_base = tonumber
natives.concat = function(a, b) return a .. b end
natives.len = function(s) return #s end
for _, name in ipairs { "lower", "upper", "reverse", "rep", "sub", "byte" } do
  natives[name] = string[name]
end
natives.starts_with = function(s, prefix) return s:sub(1, #prefix) == prefix end
natives.ends_with = function(s, suffix) return suffix == "" or s:sub(-#suffix) == suffix end
natives.find = function(s, p, init) return (s:find(p, init)) end
natives.find_plain = function(s, p, init) return (s:find(p, init, true)) end
natives.find_prefix = function(s, p) return s:sub(1, #p) == p and 1 or nil end
any("match match_position", function(s, p, init) return (s:match(p, init)) end)
natives.gsub = function(s, p, with, n) return (s:gsub(p, with, n)) end

-- Descriptions of the primitives, whose native is their name.
function machine.functions()
  local ops = require "perigee.expr.ops"
  local list = {}
  for name, primitive in pairs(ops.primitives) do
    local args = {}
    for i, kind in ipairs(primitive.args) do
      args[i] = { name = "a" .. i, type = kind }
    end
    list[#list + 1] =
      { name = name, args = args, returns = primitive.returns, pure = true, native = name }
  end
  return list
end

local steps = {}

function steps.column(row, _, name)
  return row[name]
end

function steps.const(_, _, _, value)
  return value
end

function steps.call(_, regs, native, operands)
  local values = {}
  for i, reg in ipairs(operands) do
    values[i] = regs[reg]
    if values[i] == nil then
      return nil
    end
  end
  return assert(natives[native], native)(table.unpack(values))
end

function steps.equal(_, regs, native, a, b)
  if regs[a] == nil or regs[b] == nil then
    return regs[a] == regs[b]
  end
  return natives[native](regs[a], regs[b])
end

steps["not"] = function(_, regs, a) return not regs[a] end
steps.truth = function(_, regs, a) return not not regs[a] end
steps["and"] = function(_, regs, a, b) return regs[a] and regs[b] end
steps["or"] = function(_, regs, a, b) return regs[a] or regs[b] end

steps["if"] = function(_, regs, a, b)
  if regs[a] then
    return regs[b]
  end
end

--- The result of a program for one row.
function machine.run(spec, row)
  local regs = {}
  for i, instruction in ipairs(spec.code) do
    regs[i] = steps[instruction[1]](row, regs, table.unpack(instruction, 2, 4))
  end
  return regs[#spec.code]
end

return machine

-- ops.lua - the one table of what the plugin `ops` and the compiler agree on:
-- every primitive operation with its signature, and the names under which an
-- expression reaches them.  A spec compares it with the plugin.

local ops = {}

local signatures <const> = [[
eq_bool(bool, bool) -> bool
eq_i64(i64, i64) -> bool
eq_f64(f64, f64) -> bool
eq_str(str, str) -> bool
eq_time(time, time) -> bool
eq_i64_f64(i64, f64) -> bool
lt_i64(i64, i64) -> bool
le_i64(i64, i64) -> bool
lt_f64(f64, f64) -> bool
le_f64(f64, f64) -> bool
lt_str(str, str) -> bool
le_str(str, str) -> bool
lt_time(time, time) -> bool
le_time(time, time) -> bool
lt_i64_f64(i64, f64) -> bool
le_i64_f64(i64, f64) -> bool
lt_f64_i64(f64, i64) -> bool
le_f64_i64(f64, i64) -> bool

add_i64(i64, i64) -> i64
sub_i64(i64, i64) -> i64
mul_i64(i64, i64) -> i64
idiv_i64(i64, i64) -> opt_i64
mod_i64(i64, i64) -> opt_i64
neg_i64(i64) -> i64
add_f64(f64, f64) -> f64
sub_f64(f64, f64) -> f64
mul_f64(f64, f64) -> f64
div_f64(f64, f64) -> f64
idiv_f64(f64, f64) -> f64
mod_f64(f64, f64) -> f64
pow_f64(f64, f64) -> f64
neg_f64(f64) -> f64
band(i64, i64) -> i64
bor(i64, i64) -> i64
bxor(i64, i64) -> i64
bnot(i64) -> i64
shl(i64, i64) -> i64
shr(i64, i64) -> i64

floor(f64) -> opt_i64
ceil(f64) -> opt_i64
abs_i64(i64) -> i64
abs_f64(f64) -> f64
sqrt(f64) -> f64
exp(f64) -> f64
log(f64) -> f64
log_base(f64, f64) -> f64
min_i64(i64, i64) -> i64
min_f64(f64, f64) -> f64
max_i64(i64, i64) -> i64
max_f64(f64, f64) -> f64
fmod_i64(i64, i64) -> opt_i64
fmod_f64(f64, f64) -> f64

i8_to_i64(i8) -> i64
i16_to_i64(i16) -> i64
i32_to_i64(i32) -> i64
u8_to_i64(u8) -> i64
u16_to_i64(u16) -> i64
u32_to_i64(u32) -> i64
u64_to_i64(u64) -> opt_i64
u64_to_f64(u64) -> f64
f32_to_f64(f32) -> f64
i64_to_f64(i64) -> f64
f64_to_i64(f64) -> opt_i64
i64_to_i8(i64) -> opt_i8
i64_to_i16(i64) -> opt_i16
i64_to_i32(i64) -> opt_i32
i64_to_u8(i64) -> opt_u8
i64_to_u16(i64) -> opt_u16
i64_to_u32(i64) -> opt_u32
i64_to_u64(i64) -> opt_u64
f64_to_f32(f64) -> f32

text_bool(bool) -> str
text_i64(i64) -> str
text_f64(f64) -> str
text_time(time) -> str
number(str) -> opt_f64
integer(str) -> opt_i64
number_base(str, i64) -> opt_i64

concat(str, str) -> str
len(str) -> i64
lower(str) -> str
upper(str) -> str
reverse(str) -> str
rep(str, i64) -> str
sub(str, i64, i64) -> str
byte(str, i64) -> opt_i64
starts_with(str, str) -> bool
ends_with(str, str) -> bool

find(str, str, i64) -> opt_i64
find_plain(str, str, i64) -> opt_i64
find_prefix(str, str) -> opt_i64
match(str, str, i64) -> opt_str
match_position(str, str, i64) -> opt_i64
gsub(str, str, str, i64) -> str

time_add_i64(time, i64) -> opt_time
time_add_f64(time, f64) -> opt_time
time_sub_i64(time, i64) -> opt_time
time_sub_f64(time, f64) -> opt_time
time_diff(time, time) -> f64
time_of_str(str) -> opt_time
time_of_i64(i64) -> opt_time
time_of_f64(f64) -> opt_time
year(time) -> i64
month(time) -> i64
day(time) -> i64
hour(time) -> i64
minute(time) -> i64
second(time) -> i64
trunc(time, f64) -> opt_time

json_get(str, str) -> opt_str
json_to_bool(str) -> opt_bool
json_to_i64(str) -> opt_i64
json_to_f64(str) -> opt_f64
json_to_str(str) -> opt_str
json_number(str) -> opt_f64
json_concat(str) -> opt_str
json_text(str) -> opt_str
json_truth(str) -> bool
]]

---@class perigee.Primitive
---@field name string
---@field args string[]  types
---@field returns string as declared, such as "opt_i64"

local function read(line)
  local name, list, returns = line:match "^([%w_]+)%((.-)%) %-> ([%w_]+)$"
  local args = {}
  for kind in list:gmatch "[%w_]+" do
    args[#args + 1] = kind
  end
  return { name = name, args = args, returns = returns }
end

--- The primitives by name.
---@type table<string, perigee.Primitive>
ops.primitives = {}
for line in signatures:gmatch "[^\n]+" do
  local primitive = read(line)
  ops.primitives[primitive.name] = primitive
end

--- "lt_i64(i64, i64) -> bool", for a primitive or a described function.
---@param fn table
---@return string
function ops.signature(fn)
  local args = {}
  for i, arg in ipairs(fn.args) do
    args[i] = type(arg) == "table" and arg.type or arg
  end
  return ("%s(%s) -> %s"):format(fn.name, table.concat(args, ", "), fn.returns)
end

-- What a call by name may become: of the primitives in the list, the nearest
-- to the types of the arguments.
---@class perigee.Builtin
---@field [integer] string names of primitives
---@field defaults table<integer, any>? for arguments that are left out
---@field fold boolean? takes two or more arguments, two at a time
---@field same table<string, boolean>? types that come back as they are
---@field json string? the primitive for an argument of type json

local numbers <const> = { i64 = true, f64 = true }
local integers <const> = { i64 = true }

---@type table<string, perigee.Builtin>
ops.functions = {
  tostring = {
    "text_i64", "text_f64", "text_bool", "text_time", same = { str = true }, json = "json_text",
  },
  tonumber = { "number", "number_base", same = numbers, json = "json_number" },

  ["math.floor"] = { "floor", same = integers },
  ["math.ceil"] = { "ceil", same = integers },
  ["math.abs"] = { "abs_i64", "abs_f64" },
  ["math.sqrt"] = { "sqrt" },
  ["math.exp"] = { "exp" },
  ["math.log"] = { "log", "log_base" },
  ["math.min"] = { "min_i64", "min_f64", fold = true },
  ["math.max"] = { "max_i64", "max_f64", fold = true },
  ["math.fmod"] = { "fmod_i64", "fmod_f64" },
  ["math.tointeger"] = { "integer", "f64_to_i64", same = integers, json = "json_to_i64" },

  ["string.len"] = { "len" },
  ["string.lower"] = { "lower" },
  ["string.upper"] = { "upper" },
  ["string.reverse"] = { "reverse" },
  ["string.rep"] = { "rep" },
  ["string.sub"] = { "sub", defaults = { [3] = -1 } },
  ["string.byte"] = { "byte", defaults = { [2] = 1 } },
  ["string.find"] = { "find", defaults = { [3] = 1 } },
  ["string.match"] = { "match", defaults = { [3] = 1 } },
  ["string.gsub"] = { "gsub", defaults = { [4] = math.maxinteger } },

  starts_with = { "starts_with" },
  ends_with = { "ends_with" },
  totime = { "time_of_str", "time_of_i64", "time_of_f64" },
  year = { "year" },
  month = { "month" },
  day = { "day" },
  hour = { "hour" },
  minute = { "minute" },
  second = { "second" },
  trunc = { "trunc" },
}

-- `floor(x)` is `math.floor(x)`, unless a plugin has a floor.
for _, name in ipairs {
  "math.floor", "math.ceil", "math.abs", "math.sqrt", "math.exp", "math.log", "math.min",
  "math.max", "string.len", "string.lower", "string.upper",
} do
  ops.functions[name:match "%.(.*)"] = ops.functions[name]
end

--- The methods of strings.
---@type table<string, string> name of the function
ops.methods = {}
for name in pairs(ops.functions) do
  local method = name:match "^string%.(%a+)$"
  if method then
    ops.methods[method] = name
  end
end

return ops

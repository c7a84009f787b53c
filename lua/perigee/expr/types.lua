-- types.lua - conversions between the types of an expression.
--
-- Columns of narrow types are widened where something is done with them: i8 to
-- u32 and u64 to i64, f32 to f64, bin to str.  What does not fit is null: a u64
-- beyond i64, a float with a fraction where an integer is needed, an i64 given
-- to a function of i32.

local timestamp = require "perigee.expr.timestamp"

local types = {}

local wide <const> = {
  i8 = "i64", i16 = "i64", i32 = "i64", u8 = "i64", u16 = "i64", u32 = "i64", u64 = "i64",
  f32 = "f64", bin = "str",
}

-- How a value of one type becomes one of another: the primitive, or true when
-- only the name of the type changes.
local casts <const> = {
  bin = { str = true },
  str = { bin = true },
  i64 = {
    f64 = "i64_to_f64", i8 = "i64_to_i8", i16 = "i64_to_i16", i32 = "i64_to_i32",
    u8 = "i64_to_u8", u16 = "i64_to_u16", u32 = "i64_to_u32", u64 = "i64_to_u64",
  },
  f64 = { i64 = "f64_to_i64", f32 = "f64_to_f32" },
  f32 = { f64 = "f32_to_f64" },
  u64 = { i64 = "u64_to_i64", f64 = "u64_to_f64" },
  json = {
    bool = "json_to_bool", i64 = "json_to_i64", f64 = "json_to_f64", str = "json_to_str",
  },
}
for _, narrow in ipairs { "i8", "i16", "i32", "u8", "u16", "u32" } do
  casts[narrow] = { i64 = narrow .. "_to_i64" }
end

-- Casts of more than one step: the type between.
local via <const> = { i64 = { f32 = "f64" }, f64 = {}, json = { f32 = "f64" } }
for _, narrow in ipairs { "i8", "i16", "i32", "u8", "u16", "u32", "u64" } do
  via.f64[narrow], via.json[narrow] = "i64", "i64"
end

--- What a native function can return and an expression can hold.
types.columns = { bool = true, time = true, str = true, json = true, i64 = true, f64 = true }
for narrow in pairs(wide) do
  types.columns[narrow] = true
end

local function const(kind, value)
  return { type = kind, const = true, value = value }
end
types.const = const

--- Whether the value is the constant nil.
---@param value perigee.Value
---@return boolean
function types.is_nil(value)
  return value.const == true and value.value == nil
end

--- Whether nothing is known of the value yet.
---@param value perigee.Value
---@return boolean
function types.is_any(value)
  return value.type == "any"
end

-- A constant in another type, or nil when it has to be computed.
local function cast_const(value, kind)
  if value.value == nil then
    return const(kind)
  elseif kind == "f64" and value.type == "i64" then
    return const(kind, value.value + 0.0)
  elseif kind == "time" and value.type == "str" then
    local time = timestamp.parse(value.value)
    return time and const(kind, time)
  end
  return nil
end

--- The value in another type.
---@param code table
---@param value perigee.Value
---@param kind string
---@return perigee.Value? nil: there is no such conversion
function types.cast(code, value, kind)
  if value.type == kind or value.type == "any" then
    return value
  end
  local constant = value.const and cast_const(value, kind)
  if constant then
    return constant
  end
  local step = (casts[value.type] or {})[kind]
  if step == true then
    return { type = kind, reg = code:reg(value) }
  elseif step then
    return code:call(step, value)
  end
  local middle = wide[value.type] or (via[value.type] or {})[kind]
  local first = middle and middle ~= kind and types.cast(code, value, middle)
  return first and types.cast(code, first, kind)
end

--- The value in the type in which expressions work with it.
---@param code table
---@param value perigee.Value
---@return perigee.Value
function types.widen(code, value)
  local kind = wide[value.type]
  if not kind then
    return value
  end
  local result = types.cast(code, value, kind)
  return { type = result.type, reg = result.reg, const = result.const, value = result.value,
    falsy = value.falsy }
end

--- The type in which two widened values can be one column, if there is one.
---@param a string
---@param b string
---@return string?
function types.join(a, b)
  if a == b or b == "null" then
    return a
  elseif a == "null" then
    return b
  elseif a == "json" or b == "json" then
    local other = a == "json" and b or a
    return other == "i64" and "f64" or other ~= "time" and other or nil
  elseif (a == "i64" or a == "f64") and (b == "i64" or b == "f64") then
    return "f64"
  end
  return nil
end

--- A string or JSON string as text, nil and what is not known as it is.
---@param code table
---@param value perigee.Value widened
---@return perigee.Value? nil: it is neither
function types.as_text(code, value)
  if value.type == "str" or value.type == "json" or value.type == "null" then
    return types.cast(code, value, "str")
  end
  return value.type == "any" and value or nil
end

--- What it costs to hand a value to a parameter: 0 when it is of that type.
---@param value perigee.Value
---@param kind string
---@param text boolean whether numbers become text, as for Lua's own functions
---@return integer? nil: it does not fit
function types.cost(value, kind, text)
  local from = value.type
  if from == kind or from == "null" or from == "any" then
    return 0
  elseif value.const and from == "str" and kind == "time" then
    return timestamp.parse(value.value) and 1 or nil
  end
  from = wide[from] or from
  if from == kind then
    return 1
  elseif from == "i64" then
    return kind == "f64" and 3 or wide[kind] == "i64" and 2 or kind == "f32" and 4
      or text and kind == "str" and 8 or nil
  elseif from == "f64" then
    return kind == "f32" and 2 or (kind == "i64" or wide[kind] == "i64") and 5
      or text and kind == "str" and 8 or nil
  elseif from == "json" then
    return ({ f64 = 4, i64 = 5, str = 6, bool = 7 })[kind]
  end
  return nil
end

return types

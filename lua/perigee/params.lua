-- params.lua - checks a table of parameters against a schema.
--
-- The schema is what a plugin's description holds (a list of {name, type,
-- default, required, doc, low, high, choices}); stages written in Lua and the
-- stages of the host use the same form, so that every message reads alike.

local suggest = require "perigee.suggest"

local params = {}

---@class perigee.Param
---@field name string
---@field type string "i64", "f64", "bool", "str", "list_str", "opt_i64", ...
---@field default any
---@field required boolean?
---@field doc string?
---@field low number?
---@field high number?
---@field choices string[]?

local function show(value)
  if type(value) == "string" then
    local text = #value > 40 and value:sub(1, 37) .. "..." or value
    return ("'%s'"):format(text)
  elseif type(value) == "number" then
    return params.number_text(value)
  elseif type(value) == "boolean" then
    return tostring(value)
  end
  return value == nil and "nothing" or "a " .. type(value)
end

--- A number in as few digits as give it back.
---@param number number
---@return string
function params.number_text(number)
  if math.type(number) == "integer" then
    return tostring(number)
  end
  for digits = 14, 17 do
    local text = ("%." .. digits .. "g"):format(number)
    if tonumber(text) == number then
      return text
    end
  end
  return tostring(number)
end

local function integer(value)
  return type(value) == "number" and math.tointeger(value) or nil
end

local bounds <const> = {
  i8 = { -128, 127 }, u8 = { 0, 255 },
  i16 = { -32768, 32767 }, u16 = { 0, 65535 },
  i32 = { -2147483648, 2147483647 }, u32 = { 0, 4294967295 },
  i64 = { math.mininteger, math.maxinteger }, u64 = { 0, math.maxinteger },
}

local words <const> = {
  f64 = "a number", f32 = "a number", bool = "true or false", str = "a string",
  time = "a number of nanoseconds", pair = "a table of strings by name",
}

local function expected(kind)
  return bounds[kind] and "an integer" or words[kind] or "a value of type " .. kind
end

-- One value of a type that is no list: the value, or nil when it does not fit.
local function convert(kind, value)
  if bounds[kind] then
    local number = integer(value)
    local low, high = bounds[kind][1], bounds[kind][2]
    return number and low <= number and number <= high and number or nil
  elseif kind == "f64" or kind == "f32" then
    return type(value) == "number" and value or nil
  elseif kind == "time" then
    return integer(value)
  elseif kind == "bool" then
    if type(value) == "boolean" then
      return value
    end
    return nil
  elseif kind == "str" then
    return type(value) == "string" and value or nil
  end
  return value
end

local function convert_pairs(value)
  if type(value) ~= "table" then
    return nil, "expected a table such as { name = \"text\" }, got " .. show(value)
  end
  for key, item in pairs(value) do
    if type(key) ~= "string" or type(item) ~= "string" then
      return nil, ("expected strings by name, got [%s] = %s"):format(tostring(key), show(item))
    end
  end
  return value
end

local function convert_list(kind, value)
  if kind == "pair" then
    return convert_pairs(value)
  end
  if type(value) ~= "table" then
    value = { value } -- one is a list of one
  end
  local list = {}
  for i, item in ipairs(value) do
    list[i] = convert(kind, item)
    if list[i] == nil then
      return nil, ("item %d: expected %s, got %s"):format(i, expected(kind), show(item))
    end
  end
  for key in pairs(value) do
    if not (math.type(key) == "integer" and list[key] ~= nil) then
      return nil, ("expected a list, got a field '%s' in it"):format(tostring(key))
    end
  end
  return list
end

--- What is wrong with a value whose type is right.
---@param param { low: number?, high: number? }
---@param value any
---@return string? message
function params.range(param, value)
  if type(value) ~= "number" then
    return nil
  end
  local low, high = param.low, param.high
  if (low and value < low) or (high and value > high) or value ~= value then
    if low and high then
      return ("expected %s to %s, got %s"):format(low, high, value)
    elseif low or high then
      return ("expected at %s %s, got %s"):format(low and "least" or "most", low or high, value)
    end
    return ("expected a number, got %s"):format(value)
  end
end

local function check_choice(param, value)
  if not param.choices or #param.choices == 0 or type(value) ~= "string" then
    return nil
  end
  for _, choice in ipairs(param.choices) do
    if choice == value then
      return nil
    end
  end
  return ("expected one of %s; got '%s'%s"):format(table.concat(param.choices, ", "), value,
    params.did_you_mean(value, param.choices))
end

--- "; did you mean 'x'?", or nothing when no name is near.
---@param name string
---@param names string[]
---@return string
function params.did_you_mean(name, names)
  local near = suggest.nearest(name, names)
  return near and ("; did you mean '%s'?"):format(near) or ""
end

--- Checks one value.
---@param param perigee.Param
---@param value any
---@return any value as the plugin will get it, or nil
---@return string? message
function params.value(param, value)
  local kind = param.type:gsub("^opt_", "")
  local element = kind:match("^list_(.+)$")
  local result, message
  if element then
    result, message = convert_list(element, value)
    if result == nil then
      return nil, message
    end
  else
    result = convert(kind, value)
    if result == nil then
      return nil, ("expected %s, got %s"):format(expected(kind), show(value))
    end
  end
  message = params.range(param, result) or check_choice(param, result)
  if message then
    return nil, message
  end
  return result
end

-- The parameter that a single value without a name is for.
local function main_of(schema)
  for _, param in ipairs(schema) do
    if param.required then
      return param
    end
  end
  return schema[1]
end

--- Gives the values without a name to the main parameter: `head(10)`,
--- `sort { "-n", "name" }`, `file "access.log"`.
---@param schema perigee.Param[]
---@param arg any
---@return table? named
---@return string? message
function params.named(schema, arg)
  if arg == nil then
    return {}
  end
  local main = main_of(schema)
  if type(arg) ~= "table" then
    if not main then
      return nil, "expected no parameters, got " .. show(arg)
    end
    return { [main.name] = arg }
  end
  local named, list = {}, {}
  for key, value in pairs(arg) do
    if math.type(key) == "integer" then
      list[key] = value
    else
      named[key] = value
    end
  end
  if next(list) == nil then
    return named
  elseif not main then
    return nil, "expected no parameters, got " .. show(list[1])
  elseif named[main.name] ~= nil then
    return nil, ("parameter '%s' is given twice, with and without its name"):format(main.name)
  elseif main.type:find("list_", 1, true) then
    named[main.name] = list
  elseif #list == 1 and next(list, 1) == nil then
    named[main.name] = list[1]
  else
    return nil, ("parameter '%s' takes one value, got a list"):format(main.name)
  end
  return named
end

--- Checks a whole table: unknown names, types, ranges, what is missing.
---@param schema perigee.Param[]
---@param named table<string, any>
---@param report fun(message: string)
---@param others string[]? further names to suggest
---@return table<string, any> values
function params.check(schema, named, report, others)
  local known, names, values = {}, {}, {}
  for i, param in ipairs(schema) do
    known[param.name], names[i] = param, param.name
  end
  for _, name in ipairs(others or {}) do
    names[#names + 1] = name
  end
  local given = {}
  for name in pairs(named) do
    given[#given + 1] = name
  end
  table.sort(given, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(given) do
    local param = known[name]
    if not param then
      local hint = params.did_you_mean(tostring(name), names)
      if hint == "" and #names > 0 then
        hint = "; known: " .. table.concat(names, ", ")
      end
      report(("unknown parameter '%s'%s"):format(tostring(name), hint))
    else
      local value, message = params.value(param, named[name])
      if message then
        report(("parameter '%s': %s"):format(name, message))
      end
      values[name] = value
    end
  end
  for _, param in ipairs(schema) do
    if param.required and named[param.name] == nil then
      local doc = param.doc and param.doc ~= "" and (" (%s)"):format(param.doc) or ""
      report(("parameter '%s' is missing%s"):format(param.name, doc))
    end
  end
  return values
end

params.show = show

return params

-- expr_oracle.lua - what Lua itself makes of an expression on a row: the text is
-- run by load().  Where perigee lets nil pass (arithmetic, ordering, calls), a
-- metatable of nil lets Lua do so too, for as long as the expression runs.  A
-- call has one result; floor and ceil give an integer or nil and tonumber a float,
-- for a column has one type.

local oracle = {}

local function pass_nil(fn)
  return function(...)
    for i = 1, select("#", ...) do
      if select(i, ...) == nil then
        return nil
      end
    end
    return (fn(...))
  end
end

local function wrap(library)
  local copy = {}
  for name, value in pairs(library) do
    copy[name] = type(value) == "function" and pass_nil(value) or value
  end
  return copy
end

local function whole(fn)
  return pass_nil(function(x) return math.tointeger(fn(x)) end)
end

local strings, maths = wrap(string), wrap(math)
maths.floor, maths.ceil = whole(math.floor), whole(math.ceil)

-- A column of numbers from texts has one type, float.
local function to_float(value, base)
  local number = tonumber(value, base)
  return type(value) == "string" and not base and number and number + 0.0 or number
end

local functions = {
  math = maths, string = strings, tostring = pass_nil(tostring), tonumber = pass_nil(to_float),
  starts_with = pass_nil(function(s, prefix) return s:sub(1, #prefix) == prefix end),
  ends_with = pass_nil(function(s, suffix) return suffix == "" or s:sub(-#suffix) == suffix end),
}

local nothing = {}
for _, event in ipairs {
  "add", "sub", "mul", "div", "mod", "pow", "unm", "idiv", "band", "bor", "bxor", "shl", "shr",
  "bnot", "concat", "len", "lt", "le",
} do
  nothing["__" .. event] = function() end
end
nothing.__index = function() return function() return nil end end

--- Runs the text on a row; an error is raised.
function oracle.run(text, row)
  local env = setmetatable({ row = row }, { __index = function(_, name)
    local value = row[name]
    if value == nil then
      value = functions[name]
    end
    return value
  end })
  local chunk = assert(load("return " .. text, "=", "t", env))
  local before = debug.getmetatable ""
  debug.setmetatable("", { __index = strings })
  debug.setmetatable(nil, nothing)
  local ok, value = pcall(chunk)
  debug.setmetatable(nil, nil)
  debug.setmetatable("", before)
  return ok and value or not ok and error(value, 2) or value
end

return oracle

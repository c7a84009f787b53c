-- twin.lua - for twin_test.c: calls functions and methods by two ways, with the same
-- arguments, right and wrong ones, and compares what comes of it.

-- quick: functions; slow: { name =, params =, call = } for each of them, methods: the
-- same of methods, and owner =; classes: what makes objects.
local quick <const>, slow <const>, methods <const>, buffer <const>, classes <const> = ...

local makers <const> = {} -- a call may change what it gets: each gets its own

local function add(make)
  makers[#makers + 1] = make
end

for _, value in ipairs {
  true, false, 0, 1, 2, -1, 127, 128, -129, 255, 256, 32768, 65536, 2147483647, 2147483648,
  -2147483649, 4294967296, math.maxinteger, math.mininteger, 0.0, -0.0, 1.0, 1.5, 2.0 ^ 31,
  2.0 ^ 53, 2.0 ^ 63, -2.0 ^ 63, 1e300, math.huge, -math.huge, 0 / 0, "", "1", "x", "\u{e4}",
  "\xff", "a\0b", ("n"):rep(40), "0x10", print,
} do
  add(function() return value end)
end
add(function() return nil end)
for _, text in ipairs {
  "", "1, 2", "1, 2.0, 3", "1.5, 2", "'a', 'b'", "1, 'b'", "1, nil, 3", "true, false",
  "a = 'b'", "x = 1, y = 2", "x = 1", "{ 1, 2 }, { 3 }", "{ 'a', 'b' }", "[0] = 1", "256, -1",
  "{ x = 1, y = 2 }", "dot = true", "round = { r = 1 }", "{ dot = true }",
  "name = 'Ann', here = true, rank = 3, at = { x = 1, y = 2 }, path = {}, tags = { 'a' },"
    .. "initial = 'x', age = 4",
} do
  add(assert(load("return {" .. text .. "}")))
end
for _, kind in ipairs { "f64", "i64", "i32", "u8", "f32" } do
  add(function() return assert(buffer(kind, { 1, 2, 3, 4 })) end)
end
add(function() return assert(buffer("f64", { 1, 2, 3, 4 }):slice(2, 3)) end)
add(function() return assert(buffer("f64", { 1, 2, 3, 4 }):slice(1, 4, 2)) end)
add(function() return assert(buffer("f64", 0)) end)
add(function() -- one that is released
  local b = buffer("f64", { 1, 2 })
  b:release()
  return b
end)
add(function() -- one that a column shares
  local b = buffer("f64", { 1, 2 })
  b:column "x"
  return b
end)

local objects <const> = {
  counter = function() return classes.counter(5) end,
  tape = function() return classes.tape(("l"):rep(40), 4) end,
  spot = function() return classes.spot(1, 2) end,
  note = function() return classes.note("b", classes.write "a") end,
}
for _, name in ipairs { "counter", "tape", "spot", "note" } do
  add(objects[name])
end
add(function()
  local spot = classes.spot(1, 2)
  spot:release()
  return spot
end)

-- As text, the same for what is the same.
local function show(value, depth)
  depth = depth or 0
  if math.type(value) == "float" then
    return ("%a"):format(value)
  elseif type(value) == "string" then
    return ("%q"):format(value)
  elseif type(value) == "table" and depth < 5 then
    local list = {}
    for key, item in pairs(value) do
      list[#list + 1] = show(key) .. "=" .. show(item, depth + 1)
    end
    table.sort(list)
    return "{" .. table.concat(list, ",") .. "}"
  end
  local text = { (tostring(value):gsub("0x%x+", "")) }
  if type(value) == "userdata" then
    for _, name in ipairs { "x", "y", "n", "last", "len", "text" } do
      local good, field = pcall(function() return value[name] end)
      text[#text + 1] = good and type(field) ~= "function" and tostring(field) or ""
    end
    local good, len = pcall(function() return #value end)
    for i = 1, good and len or 0 do
      text[#text + 1] = show(value[i])
    end
  end
  return table.concat(text, " ")
end

-- What comes of a call with n values of the list, and what they are then.
local function outcome(call, list, n, make_self)
  local args = {}
  for i = 1, n do
    args[i] = list[i]()
  end
  local self = make_self and make_self()
  local text
  if self then
    text = show { pcall(call, self, table.unpack(args, 1, n)) } .. show(self)
  else
    text = show { pcall(call, table.unpack(args, 1, n)) }
  end
  for i = 1, n do
    args[i] = show(args[i])
  end
  return ("%s of (%s)"):format(text, table.concat(args, ", ")), text:sub(1, 7) == "{1=true"
end

local good_calls, bad_calls = 0, 0

-- A text as often as this would take all memory.
local function is_huge(name, list, n)
  local times = name == "repeat" and n > 1 and list[2]()
  return type(times) == "number" and times > 1000
end

local function compare(name, calls, list, n, make_self)
  if is_huge(name, list, n) then
    return
  end
  local first, good = outcome(calls[1], list, n, make_self)
  local second = outcome(calls[2], list, n, make_self)
  if first ~= second then
    error(("%s:\nquick: %s\n slow: %s"):format(name, first, second), 0)
  end
  good_calls = good_calls + (good and 1 or 0)
  bad_calls = bad_calls + (good and 0 or 1)
end

-- The values that fit parameter number i, behind others that fit.
local function find_fitting(f, fitting, i, make_self)
  local list, found = {}, {}
  for k = 1, i - 1 do
    list[k] = fitting[k][1]
  end
  for _, make in ipairs(makers) do
    list[i] = make
    local text = not is_huge(f.name, list, i) and outcome(f.call, list, i, make_self)
    if text and not text:find("parameter '" .. f.params[i] .. "'", 1, true) then
      found[#found + 1] = make
    end
  end
  return found
end

-- Every value for each parameter, between such as fit; and too few and too many.
local function compare_all(f, call, make_self)
  local calls <const>, count <const> = { call, f.call }, #f.params
  local fitting, list = {}, {}
  for i = 1, count do
    fitting[i] = find_fitting(f, fitting, i, make_self)
    assert(#fitting[i] > 0, f.name)
  end
  for n = 0, count + 1 do
    for at = 0, n do -- 0: all fit
      for _, make in ipairs(makers) do
        for _ = 1, count < 2 and 1 or 4 do
          for i = 1, n do
            local all <const> = fitting[i] or makers
            list[i] = all[math.random(#all)]
          end
          list[at] = make
          compare(f.name, calls, list, n, make_self)
        end
      end
    end
  end
end

for i, f in ipairs(slow) do
  compare_all(f, quick[i])
end
for _, m in ipairs(methods) do
  local make = objects[m.owner]
  if make then
    compare_all(m, make()[m.name], make)
  end
end
return good_calls, bad_calls

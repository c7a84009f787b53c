-- helper.lua - what the specs of bind share.

local assert = require "luassert"
local core = require "perigee.core"
local p = require "perigee"

local helper = {}

--- Asserts that a call raises an error with this in it, as plain text.
function helper.fails(text, f, ...)
  local good, message = pcall(f, ...)
  assert.is_false(good, "nothing was raised")
  assert.is_truthy(tostring(message):find(text, 1, true),
    ("expected '%s', got '%s'"):format(text, tostring(message)))
end

--- Asserts that this is in a text.
function helper.has(text, message)
  assert.is_truthy(tostring(message):find(text, 1, true),
    ("expected '%s', got '%s'"):format(text, tostring(message)))
end

--- A batch with every type that core.batch can make.
function helper.every_type()
  local function column(name, kind, ...)
    return { name = name, type = kind, values = { ... }, n = 3 }
  end
  return core.batch {
    column("bool", "bool", true, nil, false), column("i8", "i8", -128, nil, 127),
    column("u8", "u8", 0, nil, 255), column("i16", "i16", -32768, nil, 32767),
    column("u16", "u16", 0, nil, 65535), column("i32", "i32", -2 ^ 31 // 1 | 0, nil, 2 ^ 31 // 1 - 1 | 0),
    column("u32", "u32", 0, nil, 4294967295), column("i64", "i64", math.mininteger, nil, math.maxinteger),
    column("u64", "u64", 0, nil, math.maxinteger), column("f32", "f32", 0.5, nil, -2),
    column("f64", "f64", 1e300, nil, -0.25), column("time", "time", -1, nil, 1700000000123456789),
    column("str", "str", "", nil, ("\u{20ac}"):rep(9)), column("bin", "bin", "\0\255", nil, ("\255"):rep(20)),
    column("null", "null"),
  }
end

--- each() of a function that is called for every row: one that only sets fields
--- would become a derive.
function helper.each(fn)
  return p.each(function(row) return fn(row) end)
end

--- Runs rows through stages, row by row in batches of this size; the rows that
--- come out, and the result.
function helper.through(rows, stage, batch_rows)
  local out, result = p.collect(p.rows(rows) | stage, { workers = 1, batch_rows = batch_rows })
  assert(out, result)
  return out, result
end

--- Why rows were rejected.
function helper.whys(result)
  local list = {}
  for i, sample in ipairs(result.reject_samples) do
    list[i] = sample.why:gsub("^[^ ]-:%d+: ", "")
  end
  return list
end

local names = {}

--- A file with this in it, gone at the end of the spec file.
function helper.file(text)
  local name = os.tmpname()
  names[#names + 1] = name
  local file <close> = assert(io.open(name, "wb"))
  file:write(text or "")
  return name
end

function helper.read(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read "a"
end

function helper.clean()
  for _, name in ipairs(names) do
    os.remove(name)
  end
  names = {}
end

return helper

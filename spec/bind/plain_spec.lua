-- plain_spec.lua - plain Lua functions give the same over columns as in Lua:
-- generated functions over generated rows, nulls and mixed types among them.

local p = require "perigee"

local names <const> = { "i", "f", "s", "b", "n" }
local comparisons <const> = { "==", "~=", "<", "<=", ">", ">=" }
local seed = 1

local function any(n)
  seed = (seed * 1103515245 + 12345) & 0x7fffffff
  return (seed >> 8) % n + 1
end

local function constant()
  return ({ "0", "3", "-2", "2.5", "1e300", '"x"', '"abc"', "true", "false", "100000" })[any(10)]
end

local function operand(depth)
  local kind = any(depth > 0 and 6 or 4)
  if kind <= 3 then
    return "e." .. names[any(#names)]
  elseif kind == 4 then
    return constant()
  end
  return ("(%s %s %s)"):format(operand(depth - 1), ({ "+", "-", "*", "/" })[any(4)], operand(depth - 1))
end

local function condition(depth)
  local kind = any(depth > 0 and 7 or 2)
  if kind <= 2 then
    return ("%s %s %s"):format(operand(1), comparisons[any(#comparisons)], operand(1))
  elseif kind == 3 then
    return "e." .. names[any(#names)]
  elseif kind == 4 then
    return ("not (%s)"):format(condition(depth - 1))
  end
  return ("(%s) %s (%s)"):format(condition(depth - 1), any(2) == 1 and "and" or "or",
    condition(depth - 1))
end

local function make_rows(with_nulls)
  local rows = {}
  for i = 1, 40 do
    rows[i] = {
      i = any(9) - 5, f = any(5) == 1 and 0 / 0 or (any(40) - 20) / 4,
      s = ({ "x", "abc", "", "10" })[any(4)], b = any(2) == 1, n = any(200000),
    }
    if with_nulls and any(4) == 1 then
      rows[i][names[any(#names)]] = nil
    end
  end
  rows[41] = { i = 1, f = 1.5, s = "x", b = true, n = 1 }
  return rows
end

local function same_rows(a, b)
  if #a ~= #b then
    return false
  end
  for i, row in ipairs(a) do
    for _, name in ipairs(names) do
      local x, y = row[name], b[i][name]
      if x ~= y and (x == x or y == y) or math.type(x) ~= math.type(y) then
        return false
      end
    end
    if row.new ~= b[i].new and (row.new == row.new or b[i].new == b[i].new) then
      return false
    end
  end
  return true
end

local function function_of(text)
  return assert(load("return function(e) " .. text .. " end"))()
end

-- The same function where nobody sees what it does.
local function opaque(fn)
  return function(...) return fn(...) end
end

-- ThreadSanitizer keeps the stack of every row that raises, some gigabytes, and
-- there is one thread here.
if os.getenv "PERIGEE_SANITIZE" == "thread" then
  return
end

describe("plain functions", function()
  it("keep the same rows over columns as in Lua", function()
    local over_columns = 0
    local functions = require "perigee.expr.function"
    for round = 1, 400 do
      local text = "return " .. condition(3)
      local fn = function_of(text)
      over_columns = over_columns + (functions.condition(fn) and 1 or 0)
      local rows = make_rows(round % 2 == 0)
      local fast, result = p.collect(p.rows(rows) | p.where(fn))
      local slow, expected = p.collect(p.rows(rows) | p.where(opaque(fn)))
      assert(fast, result)
      assert.is_true(same_rows(fast, slow), text)
      assert.equal(expected.rejects, result.rejects, text)
    end
    assert.is_true(over_columns > 300, over_columns)
  end)

  it("set the same fields over columns as in Lua", function()
    for round = 1, 300 do
      local text = ("e.new = %s"):format(operand(3))
      local fn = function_of(text)
      local rows = make_rows(round % 2 == 0)
      local fast, result = p.collect(p.rows(rows) | p.each(fn))
      local slow, expected = p.collect(p.rows(rows) | p.each(opaque(fn)))
      assert(fast, result)
      assert.is_true(same_rows(fast, slow), text)
      assert.equal(expected.rejects, result.rejects, text)
    end
  end)

  it("are rejected row by row where Lua raises", function()
    local rows, result = p.collect(p.rows { { a = 1 }, { b = "x" }, { a = 3 } }
      | p.where(function(e) return e.a > 1 end))
    assert.same({ { a = 3 } }, rows)
    assert.equal(1, result.rejects)
  end)
end)

-- function_spec.lua - plain Lua functions of a row as expressions.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")
local functions = require "perigee.expr.function"
local text = require "perigee.expr.text"

local function condition(fn)
  local ast, why = functions.condition(fn)
  return ast and text.of(ast) or why
end

local function fields(fn)
  local list, why = functions.fields(fn)
  if not list then
    return why
  end
  local parts = {}
  for i, field in ipairs(list) do
    parts[i] = field.name .. " = " .. text.of(field.ast)
  end
  return table.concat(parts, ", ")
end

describe("plain functions", function()
  it("become conditions over columns", function()
    local limit <const> = tonumber "500"
    assert.equal('(500 <= status) and (method ~= "GET")',
      condition(function(e) return e.status >= 500 and e.method ~= "GET" end))
    assert.equal("(500 <= status) and ok",
      condition(function(e) return e.status >= limit and e.ok end))
    assert.equal("not (a < 1) and not (2.5 < b)",
      condition(function(e) return not (e.a < 1 or e.b > 2.5) end))
    assert.equal("(a and (b > 3)) or (not a and (c < 3))",
      condition(function(e) if e.a then return e.b > 3 end return e.c < 3 end))
  end)

  it("become columns when they only set fields", function()
    assert.equal("kb = bytes / 1024", fields(function(e) e.kb = e.bytes / 1024 end))
    assert.equal("a = 1, b = 1 + c", fields(function(e) e.a = 1 e.b = e.a + e.c end))
  end)

  it("stay in Lua, and say why", function()
    local limit = 500
    assert.equal("reads 'limit', which may change: declare it <const>",
      condition(function(e) return e.status > limit end))
    assert.equal("calls a method", condition(function(e) return e.path:find "x" end))
    assert.equal("reads a global", condition(function(e) return tonumber(e.a) == 1 end))
    assert.equal("has a loop",
      condition(function(e) local n = 0 for _ = 1, 2 do n = n + e.a end return n end))
    assert.equal("does not take one row", condition(function() return true end))
    assert.equal("is not written in Lua", condition(print))
    assert.equal("uses the row as a value", condition(function(e) return e == 1 end))
    assert.equal("sets fields under a condition", fields(function(e) if e.a then e.b = 1 end end))
    assert.equal("sets a field to nil", fields(function(e) e.b = nil end))
    assert.equal("has a string that is no UTF-8", fields(function(e) e.b = "\255" end))
    assert.equal("sets fields", condition(function(e) e.b = 1 end))
    limit = limit + 1
    assert.equal(501, limit)
  end)

  it("are kernels of the plan, with the function beside them", function()
    local nodes = harness.graph [[rows { { status = 1 } }
      | where(function(e) return e.status >= 500 end) | stdout "json"]]
    assert.equal("where", nodes[2].kind)
    assert.is_true(nodes[2].plain)
    assert.equal("function", type(nodes[2].fn))
  end)
end)

-- expr_random_spec.lua - random expressions: compiled and run must give what Lua
-- gives for the same text, row by row.  Inside the host they also run as real
-- programs over batches.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
package.path = ("%s../../lua/?.lua;%s../../lua/?/init.lua;%s"):format(here, here, package.path)

local expr = require "perigee.expr"
local machine = dofile(here .. "expr_machine.lua")
local oracle = dofile(here .. "expr_oracle.lua")
local random = dofile(here .. "expr_random.lua")

local kinds <const> = { "bool", "i64", "f64", "str" }

-- Equal values; nil and false are one for a truth, and so are all NaN.
local function same(kind, a, b)
  if kind == "bool" then
    return not a == not b
  end
  return a == b or (a ~= a and b ~= b)
end

local function compiled(text, functions)
  local ast, why = expr.parse(text)
  if not ast then
    error(("%s: %s at %d"):format(text, why.message, why.at))
  end
  local spec, message = expr.compile(ast, random.schema, functions)
  return spec or error(text .. ": " .. tostring(message))
end

local function show(row)
  local parts = {}
  for name, value in pairs(row) do
    parts[#parts + 1] = ("%s = %q"):format(name, value)
  end
  table.sort(parts)
  return table.concat(parts, ", ")
end

local function check_row(text, kind, got, row)
  local expected = oracle.run(text, row)
  if not same(kind, got, expected) then
    error(("%s\n  with %s\n  gives %s, in Lua %s"):format(text, show(row), tostring(got),
      tostring(expected)))
  end
end

describe("a random expression", function()
  for _, kind in ipairs(kinds) do
    it("of type " .. kind .. " means what it means in Lua", function()
      math.randomseed(20250601)
      local functions = machine.functions()
      for _ = 1, 1500 do
        local text = random.expression(kind, math.random(1, 4))
        local spec = compiled(text, functions)
        assert.equal(kind, spec.type == "null" and kind or spec.type, text)
        for _ = 1, 4 do
          local row = random.row()
          check_row(text, kind, machine.run(spec, row), row)
        end
      end
    end)
  end
end)

local has_core, core = pcall(require, "perigee.core")

-- The host gives the real core; other specs put a stand-in there.
if has_core and core.program and core.version ~= "0.0.0" then
  local function expressions_of(kind, count)
    local texts = {}
    for i = 1, count do
      texts["e" .. i] = random.expression(kind, math.random(1, 4))
    end
    return texts
  end

  -- Every column in every batch, whatever the rows have.
  local function source(p, rows)
    local list = { columns = {} }
    for i, column in ipairs(random.schema) do
      list.columns[i] = column.name
      for k, row in ipairs(rows) do
        list[k] = list[k] or {}
        list[k][i] = row[column.name]
      end
    end
    return p.rows(list)
  end

  describe("a random expression in the host", function()
    for _, kind in ipairs(kinds) do
      it("of type " .. kind .. " means what it means in Lua", function()
        math.randomseed(20250602)
        local p = require "perigee"
        for _ = 1, 10 do
          local rows, texts = {}, expressions_of(kind, 30)
          for i = 1, 67 do
            rows[i] = random.row()
          end
          local got = assert(p.collect(source(p, rows) | p.derive(texts)))
          for name, text in pairs(texts) do
            for i, row in ipairs(rows) do
              check_row(text, kind, got[i][name], row)
            end
          end
        end
      end)
    end
  end)
end

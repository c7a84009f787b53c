-- expressions_spec.lua - lua/EXPRESSIONS.md says what expressions do: its examples
-- are run, its functions are those that there are.  Inside the host only.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"

local has_core, core = pcall(require, "perigee.core")
if not has_core or core.version == "0.0.0" then
  return
end

local file <close> = assert(io.open(here .. "../../lua/EXPRESSIONS.md"))
local page = file:read "a"

describe("an expression of the page", function()
  local p = require "perigee"
  local row = { a = 7, b = 0, x = 2.5, s = "Hello", moment = "2025-06-01T10:30:00Z" }

  for text, result in page:gmatch "\n| `(.-)` | `?(.-)`? |" do
    it(("%s gives %s"):format(text, result), function()
      local expected = assert(load("return " .. result))()
      local rows = assert(p.collect(p.rows { row }
        | p.derive { t = "totime(moment)", n = "math.tointeger('none')" }
        | p.derive { result = text }))
      assert.equal(expected, rows[1].result)
      assert.equal(math.type(expected), math.type(rows[1].result))
    end)
  end
end)

describe("the functions of the page", function()
  it("are those that there are", function()
    local ops = require "perigee.expr.ops"
    local known, named = {}, {}
    for name in pairs(ops.functions) do
      known[name] = true
    end
    local list = page:match "## Functions\n(.-)\n\nEvery"
    for name in list:gmatch "`([%w_.]+)" do
      named[name] = true
    end
    assert.same(known, named)
  end)
end)

-- params_spec.lua - the checks that native and Lua stages share.

dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")
local params = require "perigee.params"

local function problems(schema, named)
  local list = {}
  local values = params.check(schema, named, function(text) list[#list + 1] = text end)
  return list, values
end

describe("params", function()
  local cases = {
    { "i64", 3, nil }, { "i64", 3.0, nil }, { "i64", 3.5, "expected an integer, got 3.5" },
    { "i8", 127, nil }, { "i8", 128, "expected an integer, got 128" },
    { "u8", -1, "expected an integer, got -1" },
    { "f64", 1, nil }, { "f64", "1", "expected a number, got '1'" },
    { "bool", false, nil }, { "bool", 0, "expected true or false, got 0" },
    { "str", "", nil }, { "str", {}, "expected a string, got a table" },
    { "list_str", "one", nil }, { "list_str", { "a", 1 }, "item 2: expected a string, got 1" },
    { "list_str", { a = "b" }, "expected a list, got a field 'a' in it" },
    { "list_pair", { a = "b" }, nil },
    { "list_pair", { a = 1 }, "expected strings by name, got [a] = 1" },
    { "list_pair", "x", "expected a table such as { name = \"text\" }, got 'x'" },
    { "opt_i64", 1, nil }, { "opt_str", 1, "expected a string, got 1" },
  }
  for _, case in ipairs(cases) do
    it(("check %s against %s"):format(params.show(case[2]), case[1]), function()
      local list = problems({ { name = "x", type = case[1] } }, { x = case[2] })
      assert.same(case[3] and { "parameter 'x': " .. case[3] } or {}, list)
    end)
  end

  it("refuse numbers out of range, and NaN", function()
    local schema = { { name = "x", type = "f64", low = 0, high = 1 } }
    assert.same({}, problems(schema, { x = 1 }))
    assert.same({ "parameter 'x': expected 0 to 1, got 2" }, problems(schema, { x = 2 }))
    assert.equal(1, #problems(schema, { x = 0 / 0 }))
  end)

  it("refuse what is no choice", function()
    local schema = { { name = "x", type = "str", choices = { "drop", "mark" } } }
    assert.same({}, problems(schema, { x = "mark" }))
    assert.same({ "parameter 'x': expected one of drop, mark; got 'mrk'; did you mean 'mark'?" },
      problems(schema, { x = "mrk" }))
  end)

  it("keep false apart from what is missing", function()
    local list, values = problems({ { name = "x", type = "bool", required = true } }, { x = false })
    assert.same({}, list)
    assert.is_false(values.x)
  end)

  it("give values without a name to the first required parameter", function()
    local schema = { { name = "a", type = "i64" }, { name = "b", type = "str", required = true } }
    assert.same({ b = "x" }, (params.named(schema, "x")))
    assert.same({ b = "x", a = 1 }, (params.named(schema, { "x", a = 1 })))
    assert.same({ n = { 1, 2 } }, (params.named({ { name = "n", type = "list_i64" } }, { 1, 2 })))
    local named, message = params.named(schema, { "x", b = "y" })
    assert.is_nil(named)
    assert.equal("parameter 'b' is given twice, with and without its name", message)
  end)

  it("write numbers so that they read back", function()
    for _, number in ipairs { 0.1, 0.99, 1 / 3, 1e300, 5e-324, 3, -7 } do
      assert.equal(number, tonumber(params.number_text(number)))
    end
    assert.equal("0.99", params.number_text(0.99))
  end)
end)

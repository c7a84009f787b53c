-- define_spec.lua - stages and codecs written in Lua.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")

local ticks = [[
local ticks = define.source { name = "ticks", doc = "Counts.",
  params = { { "count", "i64", default = 2, low = 0, doc = "How many." } },
  columns = { { name = "n", type = "i64" } },
  open = function(params)
    local i = 0
    return { poll = function() i = i + 1 return i <= params.count and { { n = i } } or nil end,
      close = function() closed = true end }
  end }
return ]]

describe("a Lua source", function()
  it("is a stage with checked parameters", function()
    assert.same({}, harness.problems(ticks .. "ticks(3) | stdout()"))
    assert.same({}, harness.problems(ticks .. "ticks() | stdout()"))
    assert.same({ "9: ticks: parameter 'count': expected at least 0, got -1" },
      harness.problems(ticks .. "ticks(-1) | stdout()"))
    assert.same({ "9: ticks: unknown parameter 'cont'; did you mean 'count'?" },
      harness.problems(ticks .. "ticks { cont = 1 } | stdout()"))
  end)

  it("is known by its name too", function()
    assert.same({}, harness.problems(ticks .. "_G.ticks(3) | stdout()"))
  end)

  it("may declare its columns", function()
    assert.same({ "9: where: no column 'm'; there are: n" },
      harness.problems(ticks .. [[ticks() | where "m > 1" | stdout()]]))
  end)

  it("is opened by the first poll, with defaults filled in", function()
    local source = harness.graph(ticks .. "ticks() | stdout()")[1]
    assert.equal("lua_source", source.kind)
    assert.same({ { n = 1 } }, source.poll())
    assert.same({ { n = 2 } }, source.poll())
    assert.is_nil(source.poll())
    source.close()
  end)

  it("that was never polled is not opened to be closed", function()
    local source = harness.graph [[
      define.source { name = "bad", open = function() error "opened" end }
      return bad() | stdout()]][1]
    assert.has_no.errors(function() source.close() end)
    assert.error_matches(function() source.poll() end, "opened")
  end)

  it("must give a function", function()
    local source = harness.graph [[
      define.source { name = "bad", open = function() return 1 end }
      return bad() | stdout()]][1]
    assert.error_matches(function() source.poll() end,
      "source 'bad': open%(%) must return a function, or a table with 'poll'")
  end)
end)

describe("a Lua transform, sink or codec", function()
  it("takes its place in the graph", function()
    local nodes = harness.graph [[
      define.decoder { name = "shout", open = function() return function(bytes) return {} end end }
      define.encoder { name = "quiet", open = function() return { encode = function() return "" end } end }
      local add = define.transform { name = "add", params = { { "by", "i64", required = true } },
        open = function(params) return function(row) row.a = row.a + params.by end end }
      local all = define.transform { name = "all", over = "batches",
        open = function() return function() end end }
      local collect = define.sink { name = "collect", open = function() return function() end end }
      return plan { file "x" | decode "shout" | add(1) | all() | collect(),
        rows { { a = 1 } } | stdout { as = "quiet" } }]]
    local kinds = {}
    for i, node in ipairs(nodes) do
      kinds[i] = node.kind
    end
    assert.same({ "source", "lua_decode", "each", "batches", "lua_sink", "lua_source", "lua_encode",
      "sink" }, kinds)
    local row = { a = 1 }
    nodes[3].fn(row)
    assert.equal(2, row.a)
  end)
end)

describe("a definition", function()
  local cases = {
    { [[define.source {}]], "define.source: expected a table with at least 'name' and 'open'" },
    { [[define.source { name = "x" }]],
      "define.source 'x': 'open' is missing: a function of the parameters" },
    { [[define.sink { name = "x", open = print, opn = 1 }]],
      "define.sink 'x': unknown field 'opn'; did you mean 'open'?" },
    { [[define.sink { name = "x", open = print, params = { { "a", "int" } } }]],
      "define.sink 'x': params[1]: expected { \"name\", type }, type one of i64, f64, bool, str, "
        .. "list_i64, list_f64, list_str, list_pair" },
    { [[define.sink { name = "x", open = print, params = { { "a", "i64", default = "b" } } }]],
      "define.sink 'x': params[1]: default of 'a': expected an integer, got 'b'" },
    { [[define.transform { name = "x", open = print, over = "row" }]],
      "define.transform 'x': 'over': expected \"rows\" or \"batches\", got 'row'" },
  }
  for _, case in ipairs(cases) do
    it("is refused: " .. case[1], function()
      assert.same({ "1: " .. case[2] }, { harness.problems(case[1])[1] })
    end)
  end

  it("declares columns in one form", function()
    local text = [[local s = define.source { name = "x", open = print, columns = %s } return s() | stdout()]]
    assert.same({ "1: x: 'columns' of source 'x': expected a list of { name = \"a\", type = \"i64\" }" },
      harness.problems(text:format [[{ "a" }]]))
    assert.same({ "1: x: 'columns' of source 'x': -e:1: no" },
      harness.problems(text:format [[function() error "no" end]]))
    assert.same({ "1: x: 'columns' of source 'x': column 'a': unknown type 'int'; did you mean 'i64'?" },
      harness.problems(text:format [[{ { name = "a", type = "int" } }]]))
    assert.same({}, harness.problems(text:format [[{ { name = "a", type = "any" } }]]))
  end)

  it("has one name", function()
    assert.same({ "2: define.sink 'x': is defined twice; the first is at -e:1" }, { harness.problems(
      "define.sink { name = 'x', open = print }\ndefine.sink { name = 'x', open = print }")[1] })
  end)
end)

-- plan_spec.lua - the graph that the core gets, and what decoders must fill.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")
local print_plan = require "perigee.plan.print"

-- "file>decode", "decode>where", ... of a graph.
local function edges(code)
  local nodes, list = harness.graph(code), {}
  for _, node in ipairs(nodes) do
    for _, index in ipairs(node.out) do
      local from = node.kind == "encode" and "encode" or node.label
      local to = nodes[index].kind == "encode" and "encode" or nodes[index].label
      list[#list + 1] = from .. ">" .. to
    end
  end
  table.sort(list)
  return list
end

local function columns(code)
  local _, nodes = harness.graph(code)
  local parts = {}
  for i, column in ipairs(nodes[#nodes - 1].schema.list) do
    parts[i] = column.name .. ":" .. column.type
  end
  return table.concat(parts, " ") .. (nodes[#nodes - 1].schema.open and " ..." or "")
end

describe("a plan", function()
  it("of one chain is a chain with an encoder before the sink", function()
    assert.same({ "decode>encode", "encode>stdout", "file>decode" },
      edges [[file "x" | decode "json" | stdout()]])
  end)

  it("gives every batch to each branch of tee and to what follows", function()
    assert.same({ "encode>stdout", "encode>write", "rows>tee", "tee>encode", "tee>encode" },
      edges [[rows { { a = 1 } } | tee { write "x.csv" } | stdout()]])
  end)

  it("joins open branches of route with the stage after it", function()
    local code = [[rows { { a = 1 } } | route { { when = "a > 1", head(1) },
      { when = "a > 2", write "x.csv" } } | sort "a" | stdout()]]
    assert.same({ "encode>stdout", "encode>write", "head>sort", "route>encode", "route>head",
      "route>sort", "rows>route", "sort>encode" }, edges(code))
  end)

  it("keeps the outputs of route in the order of its branches", function()
    local nodes = harness.graph
      [[rows { { a = 1 } } | route {
      { otherwise = true, stdout() }, { when = "a > 1", write "x.csv" }, { when = "a > 2", write "y.csv" } }]]
    local route = nodes[2]
    assert.equal("x.csv", nodes[nodes[route.out[1]].out[1]].params.path)
    assert.equal("y.csv", nodes[nodes[route.out[2]].out[1]].params.path)
    assert.equal("stdout", nodes[route.out[3]].label)
  end)

  it("gives a decoder's value without a name to its main parameter", function()
    assert.equal(";", harness.decode [[file "x" | decode { "csv", ";" } | stdout()]].params.sep)
  end)

  it("drops the rest of route when asked", function()
    local nodes = harness.graph
      [[rows { { a = 1 } } | route { { when = "a > 1", stdout() }, { otherwise = "drop" } }]]
    assert.equal(1, #nodes[2].out)
    assert.equal(1, nodes[2].branches)
  end)

  it("merges streams without a node for it", function()
    assert.same({ "encode>stdout", "rows>encode", "rows>encode" },
      edges [[merge { rows { { a = 1 } }, rows { { a = 2 } } } | stdout()]])
  end)

  it("holds several pipelines", function()
    local nodes = harness.graph [[plan { rows { { a = 1 } } | stdout(), rows { { a = 2 } } | stdout() }]]
    assert.equal(6, #nodes)
  end)

  it("shares no stages between chains made from one", function()
    local code = [[local function base() return rows { { a = 1 } } end
      return plan { base() | stdout(), base() | stdout() }]]
    assert.equal(6, #harness.graph(code))
  end)
end)

describe("a decoder is asked for", function()
  local cases = {
    { "every column when a sink reads them", "stdout()", nil },
    { "what where and group read", [[where "status >= 500" | group { by = "path", n = count() } | stdout()]],
      { "path", "status" } },
    { "nothing when rows are only counted", [[group { n = count() } | stdout()]], {} },
    { "what select names, and the filter before it",
      [[where "a > 1" | derive { c = "b + 1" } | select { "c", "d" } | stdout()]], { "a", "b", "d" } },
    { "every column before a Lua function", [[each(function() end) | select "a" | stdout()]], nil },
    { "the old name of a renamed column", [[rename { x = "y" } | select { "x", "z" } | stdout()]],
      { "y", "z" } },
    { "paths into nested values", [[where "geo.country == 'DE'" | select "id" | stdout()]],
      { "geo.country", "id" } },
    { "paths that select and group name",
      [[group { by = "geo.country", n = count() } | stdout()]], { "geo.country" } },
    { "the columns of sort", [[sort { "-t" } | head(5) | select "id" | stdout()]], { "id", "t" } },
    { "what all branches read",
      [[tee { where "a > 1" | select "b" | stdout() } | select "c" | stdout()]], { "a", "b", "c" } },
    { "what a kernel reads, but not what it adds", [[score() | select { "id", "score" } | stdout()]],
      { "id", "value" } },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.same(case[3], harness.decode([[file "x" | decode "json" | ]] .. case[2]).need)
    end)
  end
end)

describe("a decoder that can pick rows", function()
  local cases = {
    { "gives first what the where behind it reads", [[where "status >= 500 and path" | stdout()]],
      { "path", "status" } },
    { "gives first what a plain function reads",
      [[where(function(e) return e.status == 500 end) | stdout()]], { "status" } },
    { "gives all at once when nothing else is read",
      [[where "a > b" | select { "a", "b" } | stdout()]], nil },
    { "gives all at once to a where that reads no column", [[where "1 > 2" | stdout()]], nil },
    { "gives all at once to other stages", [[derive { b = "a" } | where "a > 1" | stdout()]], nil },
    { "gives all at once to several stages",
      [[tee { where "a > 1" | stdout() } | select { "a", "b" } | stdout()]], nil },
    { "gives all at once to a function that stays in Lua",
      [[where(function(e) return tostring(e.a) == "1" end) | stdout()]], nil },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      assert.same(case[3], harness.decode([[file "x" | decode "csv" | ]] .. case[2]).first)
    end)
  end

  it("gives all at once to two streams that are merged", function()
    local code = [[merge { file "x" | decode "csv", file "y" | decode "csv" } | where "a > 1" | stdout()]]
    assert.is_nil(harness.decode(code).first)
  end)

  -- Which rows the function itself runs on follows from the data, rejects may not.
  it("gives all at once to a function when it could reject a row for another column", function()
    local code = [[file "x" | decode { "csv", types = { %s = "i64" } }
      | where(function(e) return e.a == 1 end) | stdout()]]
    assert.same({ "a" }, harness.decode(code:format "a").first)
    assert.is_nil(harness.decode(code:format "b").first)
  end)

  it("is asked at once when it cannot", function()
    assert.is_nil(harness.decode [[file "x" | decode "json" | where "a > 1" | stdout()]].first)
  end)

  it("shows it in the plan", function()
    local read, nodes = harness.read [[file "x" | decode "csv" | where "b > a" | stdout()]]
    assert.matches("\n    reads every column\n    first a, b, then the rest of the rows that where keeps\n",
      print_plan.text(read, nodes))
    assert.matches('"first": %[%s*"a",%s*"b"%s*%]', print_plan.json(read, nodes))
  end)
end)

describe("records pass through as they are", function()
  local out <const> = [[ | stdout { as = "json" }]]
  local cases = {
    { "without a stage", out, {} },
    { "where rows are chosen by columns", [[ | where "a > 1 and geo.x.y == 2" | head(3)]] .. out,
      { "a", "geo", "geo.x", "geo.x.y" } },
    { "where columns are added", [[ | derive { b = "a" } | where "b > c"]] .. out, { "a", "c" }, { "b" } },
    { "where a function means columns", " | each(function(e) e.b = e.a + 1 end)" .. out, { "a" }, { "b" } },
    { "where rows are sorted", [[ | sort { "-a" } | head(2)]] .. out, { "a" } },
    { "in branches that end in such a sink",
      [[ | tee { derive { b = "a" } | write "b.ndjson" } | route { { when = "c" } }]] .. out,
      { "a", "c" }, { "b" } },
    { "where columns are dropped", [[ | where "geo.x > 1" | drop { "b", "a" }]] .. out,
      { "geo", "geo.x" }, {}, { { name = "a" }, { name = "b" } } },
    { "where columns are renamed", [[ | rename { b = "a" } | where "b.x > c" | drop "c"]] .. out,
      { "a", "c" }, {}, { { name = "a", as = "b" }, { name = "c" } } },
    { "where one is renamed and dropped",
      [[ | rename { b = "a" } | drop { "a", "b" }]] .. out, {},
      {}, { { name = "a" } } },
    { "where what was added is dropped", [[ | derive { b = "a" } | drop "b"]] .. out, { "a" }, { "b" } },
    { "where columns are selected",
      [[ | select { "e", "b", "c", "d" } | where "d.x"]] .. out,
      { "d" }, {}, nil, { { name = "e", as = "e" }, { name = "b", as = "b" },
        { name = "c", as = "c" }, { name = "d", as = "d" } } },
    { "where some are renamed, selected and added", [[ | rename { b = "a" } | derive { x = "z" }
      | select { "b", "c", "a", "d", "e", "x" } | drop "d"]] .. out, { "z" }, { "x" }, nil,
      { { name = "a", as = "b" }, { name = "c", as = "c" }, { name = "e", as = "e" } } },
    { "in branches that drop the same", [[ | route { { when = "c", drop "a" },
      { otherwise = true, drop "a" } }]] .. out, { "c" }, {}, { { name = "a" } } },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local node = harness.decode([[file "x" | decode "json"]] .. case[2])
      assert.same(case[3], node.keep)
      assert.same(case[4] or {}, node.added)
      assert.same(not case[6] and (case[5] or {}) or nil, node.members)
      assert.same(case[6], node.only)
    end)
  end

  local others = {
    { "of another format", [[decode "csv"]] .. out },
    { "to another format", [[decode "json" | stdout { as = "csv" }]] },
    { "with nulls", [[decode "json" | stdout { as = "json", nulls = true }]] },
    { "with a type that was asked for", [[decode { "json", types = { a = "str" } }]] .. out },
    { "where a column that is read is replaced", [[decode "json" | derive { a = "a + 1" }]] .. out },
    { "where few columns are selected", [[decode "json" | select { "a", "b", "c" }]] .. out },
    { "where columns are selected of some rows",
      [[decode "json" | where "a" | select { "a", "b", "c", "d" }]] .. out },
    { "where a path is selected", [[decode "json" | select { "a", "b", "c", "d.e" }]] .. out },
    { "where what was added comes first", [[decode "json" | derive { x = "a" }
      | select { "x", "a", "b", "c", "d" }]] .. out },
    { "where a column that was dropped is added", [[decode "json" | drop "a" | derive { a = "b" }]] .. out },
    { "where a column that was renamed is replaced",
      [[decode "json" | rename { b = "a" } | derive { b = "c" }]] .. out },
    { "where a column that was selected is replaced",
      [[decode "json" | select { "a", "b", "c", "d" } | derive { d = "a" }]] .. out },
    { "where what was added is renamed", [[decode "json" | derive { b = "a" } | rename { c = "b" }]] .. out },
    { "where only one branch drops columns", [[decode "json" | route { { when = "c", drop "a" } }]] .. out },
    { "where sinks get other columns",
      [[decode "json" | tee { drop "a" | write "a.ndjson" } | drop "b"]] .. out },
    { "where only one branch has added what is dropped",
      [[decode "json" | route { { when = "c", derive { x = "c" } } } | drop "x"]] .. out },
    { "where a function sees rows", [[decode "json" | each(function(e) print(e) end)]] .. out },
    { "where a function sees batches", [[decode "json" | batches(function(b) return b end)]] .. out },
    { "where a kernel sees them", [[decode "json" | score()]] .. out },
    { "where they are sorted with what was added", [[decode "json" | derive { b = "a" } | sort "b"]] .. out },
    { "where one branch wants columns", [[decode "json" | tee { stdout { as = "csv" } }]] .. out },
  }
  for _, case in ipairs(others) do
    it("not " .. case[1], function()
      assert.is_nil(harness.decode([[file "x" | ]] .. case[2]).keep)
    end)
  end

  it("not where streams are sorted together", function()
    assert.is_nil(harness.decode([[merge { file "x" | decode "json", file "y" | decode "json" } | sort "a"]]
      .. out).keep)
  end)

  it("from several streams", function()
    assert.same({ "a" }, harness.decode([[merge { file "x" | decode "json", file "y" | decode "json" }
      | where "a"]] .. out).keep)
  end)
end)

describe("the columns of a stage", function()
  local source = [[file "x" | decode "combined" | ]]
  local cases = {
    { "select", [[select { "path", "status" } | stdout()]], "path:str status:i64" },
    { "drop", [[drop { "host", "time", "method" } | stdout()]], "path:str status:i64 bytes:i64" },
    { "rename", [[select { "path" } | rename { url = "path" } | stdout()]], "url:str" },
    { "derive", [[select "status" | derive { bad = "status >= 500" } | stdout()]], "status:i64 bad:bool" },
    { "group", [[group { by = "path", n = count(), bytes = sum "bytes" } | stdout()]],
      "path:str n:i64 bytes:i64" },
    { "each", [[each(function() end) | stdout()]], " ..." },
  }
  for _, case in ipairs(cases) do
    it("are known after " .. case[1], function()
      assert.equal(case[3], columns(source .. case[2]))
    end)
  end

  it("come in the order in which aggregates were made", function()
    local code = [[rows { { a = 1 } } | group { z = count(), y = sum "a", x = mean "a" } | stdout()]]
    assert.equal("z:i64 y:i64 x:f64", columns(code))
  end)

  it("of csv are those that are named", function()
    assert.equal("a:str b:i64",
      columns [[file "x" | decode { "csv", names = { "a", "b" }, types = { b = "i64" } } | stdout()]])
  end)
end)

describe("a compiled group", function()
  local function compile(kinds)
    local nodes = harness.graph [[file "x" | decode "json" | group { s = sum "a" } | stdout()]]
    local aggregate = nodes[3].aggregates[1]
    local natives = {}
    for i, kind in ipairs(kinds) do
      natives[i] = assert(aggregate.compile { { name = "a", type = kind } }).native
    end
    return natives
  end

  it("takes the overload of the column's type", function()
    assert.same({ "sum/i64" }, compile { "i64" })
    assert.same({ "sum/f64" }, compile { "f64" })
    assert.same({ "sum/f64" }, compile { "json" })
  end)

  it("never narrows again", function()
    assert.same({ "sum/i64", "sum/f64", "sum/f64", "sum/f64" }, compile { "i64", "f64", "i64", "null" })
  end)

  it("names line and stage when a type does not fit", function()
    local nodes = harness.graph [[file "x" | decode "json" | group { s = sum "a" } | stdout()]]
    local args, message = nodes[3].aggregates[1].compile { { name = "a", type = "bool" } }
    assert.is_nil(args)
    assert.equal("-e:1: group: no sum(bool); there is sum(i64), sum(f64)", message)
  end)
end)

describe("a sort", function()
  local function sort_params(code)
    return harness.graph(code)[2].params
  end

  it("before a head orders no more rows than that", function()
    assert.same({ by = { "-a" }, limit = 3 },
      sort_params [[rows { { a = 1 } } | sort "-a" | head(3) | stdout()]])
  end)

  it("forgets rows on the way when the limit is small", function()
    local function folds(code)
      return harness.graph(code)[3].folds
    end
    assert.is_true(folds [[file "x" | decode "combined" | sort "path" | head(3) | stdout()]])
    assert.is_true(folds [[file "x" | decode "combined" | sort { "path", limit = 3 } | stdout()]])
    assert.is_false(folds [[file "x" | decode "combined" | sort "path" | head(5000) | stdout()]])
    assert.is_false(folds [[file "x" | decode "combined" | sort "path" | stdout()]])
    assert.is_true(folds [[file "x" | decode "json" | sort "path" | head(3) | stdout()]])
    assert.is_false(folds [[file "x" | decode "json" | sort "path" | where "true" | head(3) | stdout()]])
  end)

  it("orders all rows when something else reads them", function()
    assert.same({ by = { "a" } },
      sort_params [[rows { { a = 1 } } | sort "a" | where "a > 1" | head(3) | stdout()]])
    assert.same({ by = { "a" } },
      sort_params [[rows { { a = 1 } } | sort "a" | tee { stdout() } | head(3) | stdout()]])
  end)
end)

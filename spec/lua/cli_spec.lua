-- cli_spec.lua - the command line, and what is said on stderr.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")
local arguments = require "perigee.cli.arguments"
local json = require "perigee.json"
local print_plan = require "perigee.plan.print"
local report_module = require "perigee.cli.report"

local function read(line)
  local argv = {}
  for word in line:gmatch "%S+" do
    argv[#argv + 1] = word
  end
  return arguments.read(argv)
end

describe("arguments", function()
  it("after the config belong to the script", function()
    local options = read "run -q a.lua -v --json x"
    assert.equal("a.lua", options.config)
    assert.is_true(options.quiet)
    assert.same({ "-v", "--json", "x" }, options.rest)
  end)

  it("after -e CODE belong to the script, from the first plain word", function()
    local options = read "run -e code -q x -v"
    assert.equal("code", options.code)
    assert.is_true(options.quiet)
    assert.same({ "x", "-v" }, options.rest)
    assert.same({ "-v" }, read("run -e code -- -v").rest)
  end)

  it("of check and plan may follow the config", function()
    for _, command in ipairs { "check", "plan" } do
      local options = read(command .. " a.lua --json x --json")
      assert.is_true(options.json)
      assert.same({ "x", "--json" }, options.rest)
    end
  end)

  it("may begin with options", function()
    local options = read "-v --plugin-dir d run --plugin-dir e a.lua"
    assert.same({ "d", "e" }, options.plugin_dir)
    assert.equal("run", options.command)
    assert.equal(1, options.verbose)
  end)

  it("of test go to busted", function()
    assert.same({ "spec/lua", "-o", "TAP" }, read("test spec/lua -o TAP").rest)
  end)

  it("of gen and bench are words", function()
    local options = read "gen rust json"
    assert.same({ "rust", "json" }, { options.language, options.name })
    options = read "bench seed 7"
    assert.same({ "seed", 7 }, { options.name, options.rounds })
    assert.is_nil(read "bench seed".rounds)
  end)

  local wrong = {
    { "", "a command is missing: run, check, plan, plugins, gen, bench or test" },
    { "rn x", "unknown command 'rn'; did you mean 'run'?" },
    { "run", "a config is missing: perigee run CONFIG, or perigee run -e CODE" },
    { "plan --json", "a config is missing: perigee plan CONFIG, or perigee plan -e CODE" },
  }
  for _, case in ipairs(wrong) do
    it(("are refused: '%s'"):format(case[1]), function()
      local options, message, usage = read(case[1])
      assert.is_nil(options)
      assert.equal(case[2], message)
      assert.matches("^Usage: perigee", usage)
    end)
  end

  for _, line in ipairs { "run --nope a.lua", "run -e", "plugins --log-level x", "plugins a b",
    "gen", "gen lua", "gen perl json", "bench", "bench seed x", "bench seed 0" } do
    it(("are refused: '%s'"):format(line), function()
      assert.is_nil((read(line)))
    end)
  end

  it("ask for help: examples come right after the usage", function()
    local help = read("--help").help
    assert.is_true(help:find("Usage:", 1, true) < help:find("Examples:", 1, true))
    assert.is_true(help:find("Examples:", 1, true) < help:find("Options:", 1, true))
    assert.matches("Usage: perigee run", read("run -h").help)
    assert.is_true(read("--version").version)
  end)
end)

describe("the report", function()
  local lines
  local function report(quiet)
    lines = {}
    return report_module.new { quiet = quiet, write = function(text)
      for line in text:gmatch "[^\n]*\n" do
        lines[#lines + 1] = line:sub(1, -2)
      end
    end }
  end

  local result = { rejects = 4, absent = { "b" }, reject_samples = {
    { stream = "a.log", line = 17, why = "no quote", text = "x\27[31m\255y" },
    { stream = "a.log", byte = 99, why = "no digit", text = ("z"):rep(100) },
    { stream = "a.lua:3: each", why = "no row" },
  } }

  it("shows the first malformed rows, harmless and short", function()
    report():rejects(result)
    assert.same({
      "perigee: warning: 4 malformed rows were left out",
      "  a.log:17: no quote",
      "    x\\x1b[31m\\xffy",
      "  a.log: byte 99: no digit",
      "    " .. ("z"):rep(69) .. "...",
      "  a.lua:3: each: no row",
      "  ... and 1 more",
    }, lines)
  end)

  it("says who reads a column that never came", function()
    local _, nodes = harness.graph 'file "x" | decode "json"\n| where "b > 1" | select "a" | stdout()'
    report():absent(result, nodes)
    assert.same({ "perigee: warning: -e:2: where: column 'b' never appeared" }, lines)
  end)

  it("names a column that came and was probably meant", function()
    report():absent({ absent = { "staus" }, present = { "time", "status" },
      missed = { { name = "byts", at = "a.lua:3", label = "each", columns = { "bytes" } } } }, {})
    assert.same({
      "perigee: warning: column 'staus' never appeared; did you mean 'status'?",
      "perigee: warning: a.lua:3: each: column 'byts' never appeared; did you mean 'bytes'?",
    }, lines)
  end)

  it("tells rows and time, and what stages counted", function()
    local _, nodes = harness.graph 'file "x" | decode "json"\n| where "b > 1" | stdout()'
    local counts = {}
    for i, node in ipairs(nodes) do
      counts[i] = node.label == "decode" and { "records by plan", 5, "records one by one", 12345678 }
        or node.label == "where" and { "rows", 1 } or {}
    end
    report():totals({ rows_in = 5, rows_out = 1, bytes_in = 1000000, seconds = 0.5, counts = counts }, nodes)
    assert.same({
      "perigee: 5 rows in, 1 row out, 1.0 MB in 0.50 s (10 rows/s, 2 MB/s)",
      "  -e:1: decode: 5 records by plan, 12345678 records one by one",
      "  -e:2: where: 1 rows",
    }, lines)
  end)

  it("is silent when asked", function()
    report(true):rejects(result)
    report(true):absent(result, {})
    assert.same({}, lines)
  end)
end)

describe("a printed plan", function()
  local session, nodes = harness.read [[file "x" | decode "combined" | where "status >= 500"
    | route { { when = "bytes > 9", write "big.csv" }, { otherwise = true, head(3) } }
    | group { by = "path", n = count() } | stdout { as = "json" }]]

  it("shows what is read, what comes out, and every branch", function()
    assert.equal([[
file { path = { "x" } }  (-e:1)
decode { "combined" }  (-e:1)
    reads bytes, host, method, path, status, time
    gives host: str, time: time, method: str, path: str, status: i64, bytes: i64
where { "status >= 500" }  (-e:1)
    gives host: str, time: time, method: str, path: str, status: i64, bytes: i64
route  (-e:2)
    gives host: str, time: time, method: str, path: str, status: i64, bytes: i64
  when bytes > 9:
    write { as = "csv", path = "big.csv" }  (-e:2)
  otherwise:
    head { n = 3 }  (-e:2)
        gives host: str, time: time, method: str, path: str, status: i64, bytes: i64
    group { by = { "path" }, n = "count()" }  (-e:3)
        gives path: str, n: i64
    stdout { as = "json" }  (-e:3)
]], (print_plan.text(session, nodes):gsub("reads [^\n]*", function(line)
      return nodes[2].need and line or "reads bytes, host, method, path, status, time"
    end)))
  end)

  it("says whose records pass through as they are", function()
    local text = [[file "x" | decode "json" | %s stdout { as = "json" }]]
    local function shown(stages)
      return print_plan.text(harness.read(text:format(stages))):match "reads [^\n]*"
    end
    assert.equal("reads a; records pass through as they are", shown [[where "a > 1" |]])
    assert.equal("reads no column; records pass through as they are", shown "")
    assert.equal("reads b; records pass through as they are, with b as d, without a, c",
      shown [[rename { d = "b" } | where "d > 1" | drop { "c", "a" } |]])
    assert.equal("reads no column; of records, only d, b as x, a, c pass through as they are",
      shown [[rename { x = "b" } | select { "d", "x", "a", "c" } |]])
    assert.equal("reads every column", shown "each(function(e) print(e) end) |")
  end)

  it("is JSON for programs, with indices that lead on", function()
    local dkjson = require "dkjson"
    local object = assert(dkjson.decode(print_plan.json(session, nodes)))
    assert.equal(#nodes, #object.nodes)
    for i, node in ipairs(object.nodes) do
      assert.equal(i, node.index)
      for _, out in ipairs(node.out) do
        assert.is_table(object.nodes[out])
      end
    end
    assert.equal("combined", object.nodes[2].settings.decoder)
    assert.same({ name = "status", type = "i64" }, object.nodes[2].columns[5])
  end)
end)

describe("json", function()
  it("escapes, sorts and keeps empty lists", function()
    assert.equal('{\n  "a": [],\n  "b": "x\\n\\u0001\\"",\n  "c": 0.1\n}',
      json.encode { b = 'x\n\1"', a = json.list {}, c = 0.1 })
  end)
end)

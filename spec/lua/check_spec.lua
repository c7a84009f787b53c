-- check_spec.lua - every problem of a plan, with its line and what was expected.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")

-- Each case: a config text, and the problems it must give, all of them.
local cases = {
  { "unknown stage", [[file "x" | decode "json" | wher "a" | stdout()]],
    { "1: no stage or function 'wher'; did you mean 'where'?" } },
  { "unknown name that is not called", [[rows { { a = 1 } } | stdou]],
    { "1: no stage or function 'stdou'; did you mean 'stdout'?" } },
  { "unknown parameter", [[file { pth = "x" } | decode "json" | stdout()]],
    { "1: file: unknown parameter 'pth'; did you mean 'path'?",
      "1: file: parameter 'path' is missing (The path.)" } },
  { "unknown parameter that resembles nothing",
    [[rows { { a = 1 } } | head { n = 1, zzzzzz = 2 } | stdout()]],
    { "1: head: unknown parameter 'zzzzzz'; known: n" } },
  { "parameter of the wrong type", [[rows { { a = 1 } } | head "ten" | stdout()]],
    { "1: head: parameter 'n': expected an integer, got 'ten'" } },
  { "parameter out of range", [[rows { { a = 1 } } | head(-1) | stdout()]],
    { "1: head: parameter 'n': expected at least 0, got -1" } },
  { "integer where a fraction was given", [[rows { { a = 1 } } | head(1.5) | stdout()]],
    { "1: head: parameter 'n': expected an integer, got 1.5" } },
  { "list with a wrong item", [[rows { { a = 1 } } | sort { "a", 2 } | stdout()]],
    { "1: sort: parameter 'by': item 2: expected a string, got 2" } },
  { "two arguments", [[rows { { a = 1 } } | head(1, 2) | stdout()]],
    { "1: head: expected one argument, got 2; several values go into a table" } },
  { "the plugin's own check", [[file "x" | decode { "csv", sep = "" } | stdout()]],
    { "1: decode: parameter 'sep' is empty" } },
  { "paths that name no file", [[file { path = {} } | decode { "json", rejects = "" } | stdout()]],
    { "1: file: parameter 'path' names no file", "1: decode: parameter 'rejects' is empty" } },
  { "paths that no file can have",
    [[file { "-", "a\0b", "-" } | decode { "json", rejects = "-" } | stdout()]],
    { "1: file: parameter 'path' holds a zero byte", "1: file: parameter 'path': '-' is there twice",
      "1: decode: parameter 'rejects': '-' is no file" } },
  { "unknown decoder", [[file "x" | decode "jsn" | stdout()]],
    { "1: decode: no decoder 'jsn'; did you mean 'json'?" } },
  { "unknown encoder", [[rows { { a = 1 } } | stdout { as = "jsno" }]],
    { "1: stdout: no encoder 'jsno'; did you mean 'json'?" } },
  { "parameter of an encoder", [[rows { { a = 1 } } | stdout { as = "json", nuls = true }]],
    { "1: stdout: unknown parameter 'nuls'; did you mean 'nulls'?" } },
  { "unknown type", [[file "x" | decode { "json", types = { a = "int" } } | stdout()]],
    { "1: decode: parameter 'types': column 'a': unknown type 'int'; did you mean 'i64'?" } },
  { "choice", [[file "x" | decode { "json", on_error = "stp" } | stdout()]],
    { "1: decode: parameter 'on_error': expected one of skip, stop; got 'stp'; did you mean 'stop'?" } },
  { "unknown column", [[file "x" | decode "combined" | where "staus >= 500" | stdout()]],
    { "1: where: no column 'staus'; did you mean 'status'?" } },
  { "unknown columns of several stages",
    'file "x" | decode "combined"\n| where "staus > 1"\n| select { "pth" }\n| stdout()',
    { "2: where: no column 'staus'; did you mean 'status'?",
      "3: select: no column 'pth'; did you mean 'path'?" } },
  { "each without a function", [[rows { { a = 1 } } | each "a" | stdout()]],
    { "1: each: expected a function such as function(row) ... end, got 'a'" } },
  { "each with too much", [[rows { { a = 1 } } | each(function() end, {}, 1) | stdout()]],
    { "1: each: got 1 argument too many" } },
  { "options that are none", [[rows { { a = 1 } } | each(function() end, true) | stdout()]],
    { "1: each: expected options such as { parallel = true }, got true" } },
  { "unknown option", [[rows { { a = 1 } } | each(function() end, { paralel = true }) | stdout()]],
    { "1: each: unknown option 'paralel'; did you mean 'parallel'?" } },
  { "option of the wrong type",
    [[rows { { a = 1 } } | where(function() end, { parallel = 1 }) | stdout()]],
    { "1: where: 'parallel': expected true or false, got 1" } },
  { "option for an expression",
    [[rows { { a = 1 } } | where("a", { parallel = true }) | stdout()]],
    { "1: where: expected one expression, got 2 arguments" } },
  { "option that batches has not",
    [[rows { { a = 1 } } | batches(function() end, { parallel = true }) | stdout()]],
    { "1: batches: got 1 argument too many" } },
  { "two values for a decoder's one parameter", [[file "x" | decode { "csv", ";", "," } | stdout()]],
    { "1: decode: parameter 'sep' takes one value, got a list" } },
  { "column that a group has removed",
    [[rows { { path = 1, bytes = 2 } } | group { by = "path", n = count() } | sort "bytes" | stdout()]],
    { "1: sort: no column 'bytes'; there are: path, n" } },
  { "rename the wrong way round", [[rows { { path = 1 } } | rename { path = "source" } | stdout()]],
    { "1: rename: no column 'source'; there are: path (rename takes { new = \"old\" })",
      "1: rename: column 'path' exists already" } },
  { "rename onto a column", [[rows { { a = 1, b = 2 } } | rename { a = "b" } | stdout()]],
    { "1: rename: column 'a' exists already" } },
  { "sum of text", [[rows { { a = "x" } } | group { n = sum "a" } | stdout()]],
    { "1: group: 'n': no sum(str); there is sum(i64), sum(f64)" } },
  { "too few and too many arguments of an aggregate",
    [[rows { { a = 1 } } | group { n = quantile "a", m = sum(), o = count("a", 1) } | stdout()]],
    { "1: group: 'n': expected quantile(a1, a2), got 1 argument",
      "1: group: 'm': expected sum(a1), got 0 arguments",
      "1: group: 'o': expected count() or count(a1), got 2 arguments" } },
  { "unknown aggregate", [[rows { { a = 1 } } | group { n = agg("smu", "a") } | stdout()]],
    { "1: group: 'n': no aggregate 'smu'; did you mean 'sum'?" } },
  { "aggregate that is none", [[rows { { a = 1 } } | group { n = 3 } | stdout()]],
    { "1: group: 'n': expected an aggregate such as p.count(), got 3" } },
  { "empty group", [[rows { { a = 1 } } | group {} | stdout()]],
    { "1: group: expected 'by', an aggregate such as n = p.count(), or both" } },
  { "constant that an aggregate refuses",
    [[rows { { a = 1 } } | group { m = quantile("a", 2), n = quantile("a", -1),
      o = quantile("a", 1), q = quantile("a", "a") } | stdout()]],
    { "1: group: 'm': quantile: parameter 'a2': expected 0 to 1, got 2",
      "1: group: 'n': quantile: parameter 'a2': expected 0 to 1, got -1" } },
  { "paths that are none",
    [[plan { file "" | decode "json" | write { "", as = "json" },
      file { "x", "" } | decode "json" | write { "-", as = "json" } }]],
    { "1: file: parameter 'path' is empty", "1: write: parameter 'path' is empty",
      "2: file: parameter 'path' is empty",
      "2: write: parameter 'path': '-' is no file; stdout() writes to the standard output" } },
  { "kernel's input", [[rows { { a = 1 } } | score() | stdout()]],
    { "1: score: no column 'value'; there are: a" } },
  { "kernel's input of the wrong type", [[rows { { value = "x" } } | score() | stdout()]],
    { "1: score: expects column 'value' as f64, found str" } },
  { "source in the middle", [[rows { { a = 1 } } | rows { { a = 2 } } | stdout()]],
    { "1: rows: is a source and must come first; here it follows 'rows' (merge joins several sources)" } },
  { "no source", [[where "a" | stdout()]],
    { "1: where: needs a source before it, such as file or rows; join stages with '|'" } },
  { "bytes without decode", [[file "x" | where "a" | stdout()]],
    { [[1: where: expects rows, but 'file' gives bytes; put a decode between them, such as ]]
      .. [[decode "json"]] } },
  { "decode of rows", [[rows { { a = 1 } } | decode "json" | stdout()]],
    { "1: decode: expects bytes, but 'rows' gives rows already; leave the decode out" } },
  { "no sink", [[rows { { a = 1 } } | head(1)]],
    { "1: head: a pipeline must end in a sink; add | stdout() or | write { path = ... }" } },
  { "stage after a sink", [[rows { { a = 1 } } | stdout() | head(1)]],
    { "1: head: nothing can follow 'stdout', which is a sink" } },
  { "stage that is not called", [[rows { { a = 1 } } | stdout]],
    { "1: expected a stage after '|', got a function; call it: write stdout() instead of stdout" } },
  { "text in place of a stage", [[rows { { a = 1 } } | "stdout"]],
    { "1: expected a stage after '|', got a string" } },
  { "empty pipeline", [[pipeline {}]], { "1: pipeline: has no stages" } },
  { "stage used twice", "local r = rows { { a = 1 } }\nreturn plan { r | stdout(), r | stdout() }",
    { "1: rows: is used in two places; a stage has one place"
      .. " (make it in a function to use it again, or branch with tee)" } },
  { "stage used twice, in the middle",
    "local w = where 'a > b'\nreturn plan { rows { { a = 1 } } | w | stdout(),\n"
      .. "rows { { a = 1 } } | w | stdout(), rows { { a = 1 } } | w }",
    { "1: where: is used in two places; a stage has one place"
      .. " (make it in a function to use it again, or branch with tee)",
      "1: where: no column 'b'; there are: a" } },
  { "sink used twice",
    "local out = stdout()\nreturn plan { rows { { a = 1 } } | out, rows { { a = 1 } } | out }",
    { "1: stdout: is used in two places; a stage has one place"
      .. " (make it in a function to use it again, or merge what goes there)" } },
  { "chain used three times",
    "local c = file 'x' | decode 'json'\nreturn plan { c | where 'a' | stdout(),\n"
      .. "merge { c | head(1), c } | stdout() }",
    { "1: file: is used in two places; a stage has one place"
      .. " (make it in a function to use it again, or branch with tee)" } },
  { "chain used twice that is not ended",
    "local c = rows { { a = 1 } } | drop 'a'\nreturn plan { c | stdout(),\nc | head(1) }",
    { "1: rows: is used in two places; a stage has one place"
      .. " (make it in a function to use it again, or branch with tee)",
      "3: head: a pipeline must end in a sink; add | stdout() or | write { path = ... }" } },
  { "an argument of the outermost stage", "local x = 'return'\n\nreturn tee {} -- return",
    { "3: tee: expected a list of chains, got none",
      "3: tee: needs a source before it, such as file or rows; join stages with '|'" } },
  { "nothing returned", "local x = 1",
    { "-e: the script returned nothing; it must end with: return p.pipeline { ... }" } },
  { "a number returned", "return 3",
    { "-e: the script returned 3; it must end with: return p.pipeline { ... }" } },
  { "branch without a sink", [[rows { { a = 1 } } | tee { where "a > 1" } | stdout()]],
    { "1: where: a branch of tee must end in a sink; add | stdout() or | write { path = ... }" } },
  { "rows of no branch", [[rows { { a = 1 } } | route { { when = "a > 1", stdout() } }]],
    { "1: route: rows that match no branch have nowhere to go; add a stage after route,"
      .. " { otherwise = true, chain } or { otherwise = \"drop\" }" } },
  { "branch with a mistyped field",
    [[rows { { a = 1 } } | route { { when = "a > 1", stdout() }, { otherwse = true, stdout() } }]],
    { "1: route: branch 2: unknown parameter 'otherwse'; did you mean 'otherwise'?" } },
  { "branch without a condition", [[rows { { a = 1 } } | route { { stdout() } }]],
    { "1: route: branch 1: when: expected an expression such as \"status >= 500\", got nothing" } },
  { "column with blanks in its name", [[rows { { ["a b"] = 1 } } | where "a b > 1" | stdout()]],
    { "1: where: expected an operator or the end, found 'b' (a column with blanks in its name"
      .. " is row[\"its name\"])\n    a b > 1\n      ^" } },
  { "merge of bytes", [[merge { file "x", file "y" } | decode "json" | stdout()]],
    { "1: file: merge joins rows, but this gives bytes; put a decode after it",
      "1: file: merge joins rows, but this gives bytes; put a decode after it",
      "1: decode: expects bytes, but 'merge' gives rows already; leave the decode out" } },
  { "a file without a suffix", [[rows { { a = 1 } } | write "out"]],
    { "1: write: parameter 'as' is missing: as = \"json\", \"csv\" or \"table\"" } },
  { "rows of two types", [[rows { { a = 1 }, { a = "x" } } | stdout()]],
    { "1: rows: row 2: column 'a' is i64 before and str here" } },
  { "plugin that is not there", [[load "scor".min(1, 2)]],
    { "1: load: no plugin 'scor' in /fake/bin/../lib/perigee/v1, /fake/bin/native; did you mean 'score'?" } },
  { "an error of the script, in its last line", "return nil .. 'x'\n\n",
    { "1: attempt to concatenate a nil value" } },
  { "an error of the script", "local t = nil\nreturn t.x",
    { "2: attempt to index a nil value (local 't')" } },
}

describe("check", function()
  for _, case in ipairs(cases) do
    it("reports: " .. case[1], function()
      assert.same(case[3], harness.problems(case[2]))
    end)
  end

  it("reports problems in the order of the script", function()
    local lines = harness.problems 'return plan {\nrows(1) | stdout(),\nfile(2)\n| decode "x"\n}'
    local numbers = {}
    for i, line in ipairs(lines) do
      numbers[i] = tonumber(line:match "^%d+")
    end
    assert.same({ 2, 3, 4 }, numbers)
  end)

  it("marks the place of a syntax error", function()
    local line = harness.problems [[rows { { a = 1 } } | where "a >> > 1" | stdout()]][1]
    assert.matches("1: where: ", line, 1, true)
    assert.matches("\n    a >> > 1\n +%^", line)
  end)

  it("finds a function of a plugin only in the plugin", function()
    local line = harness.problems
      [[local s = load "score" return rows { { a = 1 } } | s.scre() | stdout()]][1]
    assert.equal("1: plugin 'score' has no 'scre'; did you mean 'score'?", line)
  end)

  it("calls no function of a plugin", function()
    local line = harness.problems [[load "score".min(1, 2)]][1]
    assert.matches("score.min: functions of plugins are not called while a plan is checked", line, 1, true)
  end)
end)

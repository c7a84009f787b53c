-- world_spec.lua - files and outputs as the world has them: each has an outcome.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

describe("a file", function()
  setup(program.setup)
  teardown(program.teardown)

  local count <const> = ' | group { n = count() } | stdout "json"'

  -- Reads "in" with a decoder, and counts.
  local function read(decoder, path)
    return program.run(('file %q | decode %s'):format(path or "in", decoder) .. count)
  end

  it("that is missing ends the run before anything is written", function()
    program.write("in", "a\n")
    local out, err, code = program.run(
      'file { "in", "nowhere" } | decode "lines" | write { path = "out", as = "json" }')
    assert.equal(1, code)
    assert.equal("", out)
    assert.matches("'nowhere': No such file or directory", err, 1, true)
    assert.is_nil(program.read "out")
  end)

  it("that is a directory is refused", function()
    local _, err, code = read('"lines"', ".")
    assert.equal(1, code)
    assert.matches("director", err:lower(), 1, true)
  end)

  it("that may not be read is refused", function()
    if program.sh "id -u" == "0\n" then
      return -- root may read anything
    end
    program.sh "echo a >locked; chmod 0 locked"
    local _, err, code = read('"lines"', "locked")
    assert.equal(1, code)
    assert.matches("'locked': Permission denied", err, 1, true)
  end)

  for _, decoder in ipairs { '"lines"', '"json"', '"csv"', '"combined"', '{ "pattern", "(?<a>x)" }' } do
    it("that is empty gives no rows: " .. decoder, function()
      program.write("in", "")
      local out, err, code = read(decoder)
      assert.same({ '{"n":0}\n', "", 0 }, { out, err, code })
    end)
  end

  local last_lines = {
    { '"lines"', "a\nb" }, { '"json"', '{"a":1}\n{"a":2}' }, { '"csv"', "a\n1\n2" },
    { '{ "pattern", "(?<a>x)" }', "x\nx" },
    { '"combined"',
      ('h - - [01/Jun/2025:10:00:01 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n'):rep(2):sub(1, -2) },
  }
  for _, case in ipairs(last_lines) do
    it("whose last newline lacks is read to its end: " .. case[1], function()
      program.write("in", case[2])
      local out, err, code = read(case[1])
      assert.same({ '{"n":2}\n', "", 0 }, { out, err, code })
    end)
  end

  it("with NUL bytes and bytes that are not UTF-8 gives rows", function()
    program.write("in", "a\0b\n\255\254\n")
    local out, _, code = program.run 'file "in" | decode "lines" | stdout "json"'
    assert.equal(0, code)
    assert.equal('{"line":"a\\u0000b"}\n{"line":"\u{FFFD}\u{FFFD}"}\n', out)
  end)

  it("with a line of 100 MB is read", function()
    program.sh "{ echo first; head -c 100000000 /dev/zero | tr '\\0' x; echo; echo last; } >in"
    local out, err, code = program.run(
      'file "in" | decode "lines" | derive { n = "#line" } | select "n" | stdout "json"')
    program.write("in", "")
    assert.same({ '{"n":5}\n{"n":100000000}\n{"n":4}\n', "", 0 }, { out, err, code })
  end)

  it("that is packed is read, whatever its name", function()
    program.sh [[printf 'a\nb\nc\n' | gzip >in]]
    assert.equal('{"n":3}\n', (read '"lines"'))
  end)

  for _, pack in ipairs { "gzip", "zstd -q" } do
    it("that is packed tells malformed rows by the line of what is in it: " .. pack, function()
      program.sh(([[{ seq -f '{"a":%%.0f}' 1 200000; echo bad; seq -f '{"a":%%.0f}' 1 9; echo worse
        } | %s >in; printf '{"a":1}\nplain\n' >in2]]):format(pack))
      for _, workers in ipairs { 1, 3 } do
        local out, err = program.run('file { "in", "in2", "in" } | decode "json"'
          .. ' | group { n = count() } | stdout "json"', "--workers " .. workers)
        assert.equal('{"n":400019}\n', out)
        local lines = {}
        for line in err:gmatch "(in2?:%d+): " do
          lines[#lines + 1] = line
        end
        assert.same({ "in:200001", "in:200011", "in2:2", "in:200001", "in:200011" }, lines)
      end
    end)
  end

  it("that is packed and torn fails after what was whole", function()
    program.sh [[seq 100000 | gzip >whole; head -c 100000 whole >in]]
    local _, err, code = read '"lines"'
    assert.equal(1, code)
    assert.matches("'in'", err, 1, true)
  end)

  it("of many that a pattern names is read in order", function()
    program.sh "echo 2 >part-2; echo 1 >part-1; echo 3 >part-3"
    assert.equal('{"line":"1"}\n{"line":"2"}\n{"line":"3"}\n',
      (program.run 'file "part-*" | decode "lines" | stdout "json"'))
  end)

  it("that no pattern finds is a failure", function()
    local _, err, code = read('"lines"', "nothing-*")
    assert.equal(1, code)
    assert.matches("nothing-*", err, 1, true)
  end)
end)

describe("an output", function()
  setup(program.setup)
  teardown(program.teardown)

  local numbers <const> = 'file "-" | decode "lines" | stdout "json"'

  it("that is full fails the run", function()
    local _, err, code = program.sh(
      ("seq 100000 | perigee run -e %s >/dev/full"):format(program.quote(numbers)))
    assert.equal(1, code)
    assert.matches("No space left on device", err, 1, true)
  end)

  it("that is full does not hide which rows were malformed", function()
    local _, err, code = program.sh("printf 'a\\n1\\n2,3\\n' | perigee run -e "
      .. program.quote [[file "-" | decode "csv" | stdout "json"]] .. " >/dev/full")
    assert.equal(1, code)
    assert.matches("1 malformed row was left out", err, 1, true)
    assert.matches("No space left on device", err, 1, true)
  end)

  it("whose reader has gone ends the run politely", function()
    local out, err = program.sh(("{ seq 10000000 2>.seq | perigee run -e %s; echo $? >code; } | head -n 1")
      :format(program.quote(numbers)))
    assert.equal('{"line":"1"}\n', out)
    assert.equal("", err)
    assert.equal("0\n", program.read "code")
  end)

  it("that cannot be made fails the run", function()
    local _, err, code = program.run 'rows { { a = 1 } } | write { path = "no/such/out", as = "json" }'
    assert.equal(1, code)
    assert.matches("'no/such/out': No such file or directory", err, 1, true)
  end)

  local bytes <const> = '{"a":1}\n'
  local clashes <const> = {
    { "write { path = 'in', as = 'json' }", "write: 'in' is also read by file (-e:1)" },
    { "write { path = './in', as = 'json', append = true }", "write: './in' is also read" },
    { "write { path = 'link', as = 'json' }", "write: 'link' is also read" },
    { "tee { write 'out.json', write 'sub/../out.json' }",
      "'sub/../out.json' is also written by write (-e:1)" },
    { "write 'rejects.json'", "write: 'rejects.json' is also written by decode (-e:1)" },
  }
  for _, case in ipairs(clashes) do
    it("that the plan uses otherwise is refused: " .. case[1], function()
      program.write("in", bytes)
      program.sh "mkdir -p sub; ln -sf in link"
      local out, err, code = program.run(
        "return file 'i*' | decode { 'json', rejects = 'rejects.json' } | " .. case[1])
      assert.same({ "", 3 }, { out, code })
      assert.matches(case[2], err, 1, true)
      assert.equal(bytes, program.read "in")
    end)
  end

  it("may be a device that is read, too, or get more from two stages", function()
    local out, err, code = program.run [[return file "/dev/null" | decode "lines"
      | tee {
        write { path = "/dev/null", as = "csv" }, write { path = "/dev/null", as = "json" },
        write { path = "more.csv", append = true }, write { path = "more.csv", append = true } }]]
    assert.same({ "", "", 0 }, { out, err, code })
  end)
end)

describe("a malformed row", function()
  setup(program.setup)
  teardown(program.teardown)

  local lines <const> = '{"a":1}\nnot json\n{"a":3}\n{"a":\n'

  before_each(function()
    program.write("in", lines)
  end)

  it("is counted and shown, and the run goes on", function()
    local out, err, code = program.run 'file "in" | decode "json" | stdout "json"'
    assert.equal(0, code)
    assert.equal('{"a":1}\n{"a":3}\n', out)
    assert.matches("2 malformed rows were left out\n  in:2: ", err, 1, true)
    assert.matches("\n  in:4: ", err, 1, true)
  end)

  it("ends the run when asked", function()
    local _, err, code = program.run 'file "in" | decode { "json", on_error = "stop" } | stdout "json"'
    assert.equal(1, code)
    assert.matches("in:2: ", err, 1, true)
  end)

  it("is kept when asked", function()
    program.run 'file "in" | decode { "json", rejects = "bad" } | stdout "json"'
    assert.equal('not json\n{"a":\n', program.read "bad")
  end)

  it("is not mentioned with -q", function()
    local out, err, code = program.run('file "in" | decode "json" | stdout "json"', "-q")
    assert.same({ '{"a":1}\n{"a":3}\n', "", 0 }, { out, err, code })
  end)
end)

describe("a column whose name is", function()
  setup(program.setup)
  teardown(program.teardown)

  it("there twice gets another, and that is told", function()
    program.write("in", "a,a\n1,2\n")
    local out, err, code = program.run 'file "in" | decode "csv" | stdout "json"'
    assert.same({ '{"a":1,"a_2":2}\n', 0 }, { out, code })
    assert.equal(
      "perigee: warning: csv: column 2 has the name of another, it is called 'a_2'\n", err)
  end)

  it("changed to two others is a problem", function()
    local _, err, code = program.run 'rows { { a = 1 } } | rename { b = "a", c = "a" } | stdout "json"'
    assert.same({ "-e:1: rename: column 'a' gets two names, 'b' and 'c'\n", 3 }, { err, code })
  end)
end)

describe("a column that never comes", function()
  setup(program.setup)
  teardown(program.teardown)

  it("is null, and mentioned at the end", function()
    program.write("in", '{"a":1}\n')
    local out, err, code = program.run
      'file "in" | decode "json" | where "b == nil" | select { "a", "b" } | stdout "json"'
    assert.equal(0, code)
    assert.equal('{"a":1}\n', out)
    assert.matches("column 'b' never appeared", err, 1, true)
  end)

  local readers <const> = {
    ["where 'levle == 1'"] = "where", ["derive { x = 'levle' }"] = "derive", ["drop 'levle'"] = "drop",
    ["rename { x = 'levle' }"] = "rename",
    ["each(function(row) if row.levle then error 'no' end end)"] = "each",
    ["route { { when = 'levle == 1', stdout 'json' }, { otherwise = true } }"] = "route",
    ["where 'a' | where 'levle == 1 and geo.x == nil'"] = "where",
    ["derive { levle = '1' } | where 'levle == 1'"] = false,
    ["each(function(row) row.levle = 1 end) | where 'levle == 1'"] = false,
  }
  for stages, reader in pairs(readers) do
    it("is mentioned, also where every column is read: " .. stages, function()
      program.write("in", '{"level":1,"a":true,"geo":{"y":1}}\n')
      local _, err, code = program.run(
        ("return file 'in' | decode 'json' | %s | stdout 'json'"):format(stages))
      assert.equal(0, code)
      assert.equal(reader and ("perigee: warning: -e:1: %s: column 'levle' never appeared; "
        .. "did you mean 'level'?\n"):format(reader) or "", err)
    end)
  end

  it("is not mentioned where another stream may have it", function()
    program.write("in", '{"a":1}\n')
    local out, err = program.run [[return merge { rows { { b = 2 } }, file "in" | decode "json" }
      | where "b == 2" | stdout "json"]]
    assert.same({ '{"b":2}\n', "" }, { out, err })
  end)

  it("is written as null from the first row on after a select, wherever bytes are cut", function()
    program.write("in", ('{"a":1}\n'):rep(5) .. '{"a":2,"b":3,"c":{"d":4}}\n{}\n')
    local code <const> = [[file "-" | decode "json" | %s | stdout { as = "json", nulls = true }]]
    for _, stages in ipairs { 'select { "b", "a", "c.d" }',
      'derive { e = "c.d" } | select { "b", "a", "e" } | rename { ["c.d"] = "e" }' } do
      local out = program.sh(("{ head -c 20 in; sleep 0.1; tail -c +21 in; } | perigee run -e %s")
        :format(program.quote(code:format(stages))))
      local empty = '{"b":null,"a":%s,"c.d":null}\n'
      assert.equal(empty:format("1"):rep(5) .. '{"b":3,"a":2,"c.d":4}\n' .. empty:format "null", out)
    end
  end)

  it("is mentioned for a decoder in Lua", function()
    program.write("in", "1\n")
    local _, err = program.run [[local p = require "perigee"
      p.define.decoder { name = "mine", open = function()
        return function(bytes) return { { level = bytes } } end
      end }
      return file "in" | decode "mine" | where "levle == 1" | stdout "json"]]
    assert.matches("-e:5: where: column 'levle' never appeared; did you mean 'level'?", err, 1, true)
  end)
end)

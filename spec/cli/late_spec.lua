-- late_spec.lua - a where that looks at the rows before the other columns are
-- made gives what one gives that gets whole rows.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

-- One with the where right behind the decoder; one with it behind another, so that
-- rows are decoded at once.
local function both(condition, rest)
  local source = [[return file { "a.csv", "b.csv" } | decode "csv" | ]]
  return source .. ("where %s | %s"):format(condition, rest),
    source .. ([[where "true" | where %s | %s]]):format(condition, rest)
end

local function run(code, workers, rows)
  return { program.sh(("perigee run --workers %d --batch-rows %d -e %s")
    :format(workers, rows, program.quote(code))) }
end

-- Runs of all sizes, which must be alike.
local function run_all(code)
  local expected
  for _, workers in ipairs { 1, 2, 4 } do
    for _, rows in ipairs { 1, 7, 4096 } do
      local got = run(code, workers, rows)
      expected = expected or got
      assert.same(expected, got, ("%d workers, batches of %d"):format(workers, rows))
    end
  end
  return expected
end

describe("a where behind a decoder that picks rows", function()
  -- Several chunks of 1 MB; `n` counts, `kind` is a text late in the first file.
  setup(function()
    program.setup()
    local lines = { "n,kind,status,note,part" }
    for i = 1, 60000 do
      local note = i % 9 == 0 and '"a ""note"""' or i % 7 == 0 and "" or "note number " .. i
      lines[#lines + 1] = ("%d,%s,%d,%s,%s"):format(i, i % 5000 == 0 and "text" or i % 3,
        i % 10 * 100, note, i % 11 == 0 and "x" or i)
      if i % 10007 == 0 then
        lines[#lines + 1] = "ragged"
      end
    end
    program.write("a.csv", table.concat(lines, "\n") .. "\n")
    program.write("b.csv", "n,kind,status,note,other\n1,2,900,b,3\n2,3,0,b,3\nx,y\n3,,900,\"\",\"a,b\"\n")
  end)

  teardown(program.teardown)

  local jobs <const> = {
    { "keeps few rows", [["status >= 900"]], [[stdout "json"]] },
    { "keeps most rows", [["status >= 100"]], [[stdout "json"]] },
    { "keeps all rows", [["n"]], [[stdout "json"]] },
    { "keeps none", [["status > 5000"]], [[stdout "json"]] },
    { "reads two columns", [["status >= 800 and kind == 2"]], [[select { "n", "note" } | stdout "csv"]] },
    { "feeds a group", [["status >= 800"]],
      [[group { by = "kind", n = count(), last = max "n" } | sort "kind" | stdout "csv"]] },
    { "feeds a head", [["status >= 800"]], [[head(123) | stdout "json"]] },
    { "feeds functions in Lua", [["status >= 800"]],
      [[each(function(row) row.note = row.note and #row.note; return row.n % 7 < 3 end) | stdout "json"]] },
    { "is a function of Lua", [[(function(row) return row.status >= 800 end)]], [[stdout "json"]] },
    { "is a function that meets nulls", [[(function(row) return row.note == nil end)]], [[stdout "json"]] },
    { "reads what not every file has", [["other == nil and status >= 900"]], [[stdout "json"]] },
    { "reads what no file has", [["sttus == nil and status >= 900"]],
      [[select { "n", "nots" } | stdout "json"]] },
    { "keeps none, before what no file has", [["status > 5000"]],
      [[select { "n", "nots" } | stdout "json"]] },
    { "drops all by what no file has", [["sttus == 900"]], [[stdout "json"]] },
    { "cannot do what its columns are not made for", [["note < 5"]], [[stdout "json"]] },
  }
  for _, job in ipairs(jobs) do
    it(job[1], function()
      local late, whole = both(job[2], job[3])
      local plan = program.sh("perigee plan -e " .. program.quote(late))
      assert.matches("then the rest of the rows that where keeps", plan, 1, true)
      local got = run_all(late)
      if job[2]:find "note <" then
        assert.equal(1, got[3])
        assert.equal(run(whole, 1, 4096)[2], got[2])
      else
        -- What is written to no sink but the messages names no second where.
        assert.same(run(whole, 1, 4096), got)
      end
    end)
  end

  it("counts the rows that came in, and those that went out", function()
    local late, whole = both([["status >= 900"]], [[stdout "json"]])
    local function counts(code, workers)
      local _, err = program.sh(("perigee run -v --workers %d -e %s >out")
        :format(workers, program.quote(code)))
      return err:match "perigee: [^\n]* in, [^\n]* out"
    end
    local expected = counts(whole, 1)
    assert.matches("60,?003 rows in", expected)
    assert.equal(expected, counts(late, 1))
    assert.equal(expected, counts(late, 2))
  end)

  it("rejects malformed rows once, in their order, and what it keeps for a value", function()
    local code = [[return file "a.csv"
      | decode { "csv", rejects = "out.rejects", types = { status = "i64", kind = "i64", part = "i64" } }
      | where "status >= 800" | stdout "json"]]
    local first, rejects
    for _, workers in ipairs { 1, 2, 4 } do
      for _, rows in ipairs { 7, 4096 } do
        local got = run(code, workers, rows)
        first, rejects = first or got, rejects or program.read "out.rejects"
        assert.same(first, got)
        assert.equal(rejects, program.read "out.rejects")
      end
    end
    local last, ragged, values = 0, 0, 0
    for line in rejects:gmatch "[^\n]+" do
      local n, status = line:match "^(%d+),%w+,(%d+),"
      ragged, values = ragged + (line == "ragged" and 1 or 0), values + (n and 1 or 0)
      if n then
        assert.is_true(tonumber(n) > last and tonumber(status) >= 800)
        last = tonumber(n)
      end
    end
    -- Of 60000, 2 in 10 are kept, of which 1 in 11 has an x as part.
    assert.equal(5, ragged)
    assert.is_true(values > 1000 and values < 1200, values)
    assert.matches(("%d malformed rows were left out"):format(ragged + values), first[2], 1, true)
  end)

  it("stops at the first malformed row when told to", function()
    local code = [[return file "a.csv" | decode { "csv", on_error = "stop", types = { part = "i64" } }
      | where "%s" | stdout "json"]]
    for _, workers in ipairs { 1, 2 } do
      local got = run(code:format "status >= 900", workers, 4096)
      assert.equal(1, got[3])
      assert.matches("a.csv:100: column 'part': 'x' is not i64", got[2], 1, true)
      got = run(code:format "status >= 9000", workers, 4096)
      assert.matches("a.csv:10009: row has 1 field, expected 5", got[2], 1, true)
    end
  end)
end)

-- same_spec.lua - what comes out never depends on the number of workers or on
-- the size of batches.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local jobs <const> = {
  { "filter and order", [[file(arg[1]) | decode "combined" | where "status >= 400" | stdout "csv"]] },
  { "group", [[file(arg[1]) | decode "combined" | group { by = { "method", "path" }, n = count(),
      bytes = sum "bytes", kb = mean("bytes / 1024"), low = min "bytes", high = max "time",
      p50 = quantile("bytes", 0.5), users = distinct "user" } | stdout "json"]] },
  { "sort and head", [[file(arg[1]) | decode "combined" | sort { "-bytes", "path" } | head(17)
      | select { "bytes", "path" } | stdout "csv"]] },
  { "head alone", [[file(arg[1]) | decode "combined" | head(50) | stdout "json"]] },
  { "Lua for each row", [[local n = 0
      return file(arg[1]) | decode "combined" | each(function(row)
        n = n + 1
        row.number = n
        if row.status == 503 then error "unavailable" end
        return row.status < 500
      end) | select { "number", "path" } | stdout "csv"]] },
  { "branches", [[file(arg[1]) | decode "combined"
      | tee { group { by = "status", n = count() } | stdout "csv" }
      | route { { when = "method == 'POST'", group { n = count() } | stdout "json" },
        { otherwise = "drop" } }]] },
}

describe("a job gives the same with any number of workers, in batches of any size:", function()
  -- Several chunks of 1 MB, so that several workers have something to do.
  setup(function()
    program.setup()
    program.sh(("for i in $(seq 60); do cat %s; done >access.log")
      :format(program.quote(program.root .. "/examples/data/access.log")))
  end)

  teardown(program.teardown)

  for _, job in ipairs(jobs) do
    it(job[1], function()
      local expected
      for _, workers in ipairs { 1, 2, 4 } do
        for _, rows in ipairs { 1, 7, 100, 4096 } do
          local out, err, code = program.sh(("perigee run --workers %d --batch-rows %d -e %s access.log")
            :format(workers, rows, program.quote(job[2])))
          assert.equal(0, code, err)
          expected = expected or { out, err }
          assert.same(expected, { out, err }, ("%d workers, batches of %d"):format(workers, rows))
        end
      end
      assert.is_true(#expected[1] > 0)
    end)
  end
end)

-- A sort before a head forgets rows on the way, one before anything else does not.
describe("the first rows of a sort", function()
  local first = [[file(arg[1]) | decode "%s" | sort %s | head(%d) | stdout "json"]]
  local all = [[file(arg[1]) | decode "%s" | sort %s | where "true" | head(%d) | stdout "json"]]

  setup(function()
    program.setup()
    program.sh(("for i in $(seq 100); do cat %s; done >access.log")
      :format(program.quote(program.root .. "/examples/data/access.log")))
  end)

  teardown(program.teardown)

  local function run(code, format, by, n)
    local out, err, code_of = program.sh(("perigee run -q --batch-rows 1000 -e %s data.%s")
      :format(program.quote(code:format(format, by, n)), format))
    assert.equal(0, code_of, err)
    return out
  end

  -- The columns change their types in every possible order; what is printed shows
  -- the types that they got.
  local values <const> = {
    integer = function(i) return i * 7919 % 10007 end,
    huge = function(i) return math.maxinteger - i % 3 end,
    float = function(i) return i * 31 % 997 + 0.5 end,
    text = function(i) return ('"t%d\\n"'):format(i * 7 % 1001) end,
    none = function() return "null" end,
    mixed = function(i) return ({ "3", '"3"', "true", "[3]", "2.5" })[i % 5 + 1] end,
  }

  local function write_json(kinds)
    local rows = {}
    for part, kind in ipairs(kinds) do
      for i = 1, 3000 do
        local key = kind == "none" and "" or ('"a":%s,'):format(values[kind](i))
        rows[#rows + 1] = ('{"n":%d,%s"b":%s,"pad":"%s"}')
          :format(part * 3000 + i, key, values[kinds[#kinds + 1 - part]](i), ("x"):rep(150))
      end
    end
    program.write("data.json", table.concat(rows, "\n"))
  end

  for _, by in ipairs { '"-bytes"', '{ "user", "-time" }', '{ "status", "path", "-bytes" }' } do
    for _, n in ipairs { 1, 4096, 4097 } do
      it(("are the first of all rows: sort %s, head(%d)"):format(by, n), function()
        program.sh "cp access.log data.combined"
        local expected = run(all, "combined", by, n)
        assert.is_true(#expected > 0)
        assert.equal(expected, run(first, "combined", by, n))
      end)
    end
  end

  for _, kinds in ipairs {
    { "integer", "integer", "float", "text" }, { "huge", "integer", "float" },
    { "text", "mixed", "integer", "huge" }, { "none", "float", "huge", "none" },
    { "float", "none", "text" }, { "none", "none" },
  } do
    it("are the first of all rows, whatever types come: " .. table.concat(kinds, ", "), function()
      write_json(kinds)
      for _, by in ipairs { '"a"', '"-a"', '{ "-b", "a" }' } do
        if kinds[1] ~= "none" or kinds[2] ~= "none" or not by:find "a" then
          for _, n in ipairs { 1, 20, 1500 } do
            local expected = run(all, "json", by, n)
            assert.is_true(#expected > 0)
            assert.is_true(expected == run(first, "json", by, n), by .. " " .. n)
          end
        end
      end
    end)
  end

  it("are not to be had of a column that never comes", function()
    write_json { "none", "none" }
    local _, err, code = program.run [[file "data.json" | decode "json" | sort "a" | head(3) | stdout "json"]]
    assert.same({ 1, true }, { code, err:find("no column 'a'", 1, true) ~= nil }, err)
  end)
end)

-- Chunks of integers that no float holds, of floats and of texts, some with
-- nulls: there the function runs in Lua, else over columns.
local function mixed()
  local rows, kinds = {}, { { "9007199254740993", "3" }, { "2.5", "1e300" }, { '"t"', '"7"' } }
  for part = 1, 12 do
    local kind = kinds[part % #kinds + 1]
    for i = 1, 6000 do
      local value = part % 4 < 2 and i % 50 == 0 and "null" or kind[i % 2 + 1]
      rows[#rows + 1] = ('{"n":%d,"a":%s,"pad":"%s"}'):format(#rows, value, ("x"):rep(120))
    end
  end
  return table.concat(rows, "\n")
end

describe("a plain function gives the same with any number of workers", function()
  setup(function()
    program.setup()
    program.write("mixed.ndjson", mixed())
  end)

  teardown(program.teardown)

  for _, body in ipairs { "e.x = e.a", "e.x = e.a + 1", "e.x = -e.a e.y = e.n / 2" } do
    it("where types change and rows fail: " .. body, function()
      local expected
      for _, workers in ipairs { 1, 2, 4, 4 } do
        local out, err, code = program.sh(("perigee run --workers %d --batch-rows 1000 -e %s mixed.ndjson")
          :format(workers, program.quote(([[file(arg[1]) | decode "json"
            | each(function(e) %s end) | drop "pad" | stdout "json"]]):format(body))))
        assert.equal(0, code, err)
        expected = expected or { out, err }
        assert.is_true(expected[1] == out and expected[2] == err, ("%d workers: %s"):format(workers, err))
      end
      assert.is_true(#expected[1] > 0)
    end)
  end

  it("and leaves out no row for what a function of columns would have given", function()
    local out, err = program.run([[file "mixed.ndjson" | decode "json"
      | each(function(e) e.x = e.a end) | group { n = count() } | stdout "csv"]])
    assert.same({ "n\n72000\n", "" }, { out, err })
  end)
end)

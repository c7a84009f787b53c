-- counts_spec.lua - `perigee run -v` tells how often the short ways could be taken,
-- and how often they could not: the same with any number of workers.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

-- What each stage counted: { decode = { ["records by plan"] = 7 } }.
local function counts(code, workers)
  local _, err, status = program.run(code, ("-v --workers %d >out"):format(workers))
  assert.equal(0, status, err)
  local found = {}
  for label, rest in err:gmatch "\n  %-e:%d+: (%w+): ([^\n]+)" do
    found[label] = {}
    for n, name in (rest .. ", "):gmatch "(%d+) (.-), " do
      found[label][name] = math.tointeger(tonumber(n))
    end
  end
  return found
end

local function write(name, count, line_of, head)
  local lines = { head }
  for i = 1, count do
    lines[#lines + 1] = line_of(i)
  end
  program.write(name, table.concat(lines, "\n") .. "\n")
end

local function regular(i)
  return ('{"id":%d,"level":"%s","text":"number %d"}'):format(i, i % 10 == 0 and "error" or "info", i)
end

local rows <const> = 60000 -- several chunks

describe("perigee run -v", function()
  setup(program.setup)
  teardown(program.teardown)

  for _, workers in ipairs { 1, 3 } do
    local function with(text)
      return ("%s (%d workers)"):format(text, workers)
    end

    it(with "counts the records of json that keep to the plan, and the others", function()
      local code = [[file "a.ndjson" | decode "json" | where "id > 0" | stdout "csv"]]
      write("a.ndjson", rows, regular)
      local decode = counts(code, workers).decode
      local few = decode["records one by one"]
      assert.equal(rows, few + decode["records by plan"])
      assert.is_true(few < 100, few)

      -- One in three has its keys in another order.
      write("a.ndjson", rows, function(i)
        return i % 3 ~= 0 and regular(i) or ('{"text":"t","level":"info","id":%d}'):format(i)
      end)
      decode = counts(code, workers).decode
      local planned = decode["records by plan"] or 0
      assert.equal(rows, decode["records one by one"] + decode["records by key"] + planned)
      assert.is_true(decode["records by key"] > rows // 2)

      -- One in three has a key of its own.
      write("a.ndjson", rows, function(i)
        return i % 3 ~= 0 and regular(i) or ('{"id":%d,"a longer key %d":1,"text":"t"}'):format(i, i)
      end)
      decode = counts(code:gsub("| stdout", '| select "id" | stdout'), workers).decode
      assert.is_true(decode["records one by one"] >= rows // 3)
    end)

    it(with "counts the chunks of json that were kept as text, and the others", function()
      local code = [[file "a.ndjson" | decode "json" | derive { more = "id + 1" } | stdout "json"]]
      write("a.ndjson", rows, regular)
      local decode = counts(code, workers).decode
      assert.is_true(decode["chunks kept as text"] > 3)
      assert.is_nil(decode["chunks not kept"])

      write("a.ndjson", rows, function(i)
        return i % 3 ~= 0 and regular(i) or ('{"text":"t","level":"info","id":%d}'):format(i)
      end)
      decode = counts(code, workers).decode
      assert.is_true(decode["chunks not kept"] > 3)
      assert.is_nil(decode["chunks kept as text"])
    end)

    it(with "counts the rows of a where that looks at them first", function()
      write("a.csv", rows, function(i) return ("%d,number %d"):format(i, i) end, "id,text")
      local code = [[file "a.csv" | decode "csv" | where "id % 10 == 0" | stdout "json"]]
      local decode = counts(code, workers).decode
      assert.equal(rows, decode["rows looked at first"])
      assert.equal(rows // 10, decode["rows picked of those"])
    end)

    it(with "counts the records of csv whose quotes are where they belong, and the others", function()
      local code = [[file "a.csv" | decode "csv" | stdout "json"]]
      write("a.csv", rows, function(i) return ('%d,"number, ""%d"""'):format(i, i) end, "id,text")
      local decode = counts(code, workers).decode
      assert.equal(rows + 1, decode["records of regular quotes"]) -- and the header
      assert.is_nil(decode["records with stray quotes"])

      -- One in a hundred has a text with quotes, or is torn.
      write("a.csv", rows, function(i)
        return i % 200 == 0 and ('%d,6" by %d"'):format(i, i)
          or i % 200 == 100 and ('"%d"%d,x'):format(i, i)
          or ('%d,"number, %d"'):format(i, i)
      end, "id,text")
      decode = counts(code, workers).decode
      assert.equal(rows // 100, decode["records with stray quotes"])
      assert.equal(rows - rows // 100 + 1, decode["records of regular quotes"])
    end)

    it(with "counts the lines of an access log that their quotes take apart, and the others", function()
      -- With escapes; and one in a thousand has a bracket in the name of its user.
      write("a.log", rows, function(i)
        return ([[192.0.2.1 - %s [01/Jun/2025:10:00:%02d +0000] "GET /%d HTTP/1.1" 200 5 "-" "%s"]])
          :format(i % 1000 == 0 and "a[b" or "-", i % 60, i, i % 3 == 0 and [[a \"b\"]] or "agent")
      end)
      local decode = counts([[file "a.log" | decode "combined" | stdout "json"]], workers).decode
      assert.equal(rows // 1000, decode["lines from left to right"])
      assert.equal(rows - rows // 1000, decode["lines by their quotes"])
    end)

    it(with "counts the rows of a plain function that run over columns, and those in Lua", function()
      local code = [[file "a.ndjson" | decode "json"
        | each(function(row) row.more = row.id + 1 end) | stdout "json"]]
      write("a.ndjson", rows, regular)
      assert.same({ ["rows over columns"] = rows }, counts(code, workers).each)

      -- A null ends the way over columns for its batch.
      write("a.ndjson", rows, function(i) return i == 2 and '{"text":"of no number"}' or regular(i) end)
      local each = counts(code, workers).each
      assert.equal(rows, each["rows over columns"] + each["rows in Lua"])
      assert.is_true(each["rows in Lua"] < rows / 2)
    end)
  end

  it("says nothing of what did not happen, nor without -v", function()
    program.write("a.ndjson", "")
    assert.same({}, counts([[file "a.ndjson" | decode "json" | stdout "json"]], 1))
    write("a.ndjson", 10, regular)
    local _, err = program.run [[file "a.ndjson" | decode "json" | stdout "json"]]
    assert.equal("", err)
  end)
end)

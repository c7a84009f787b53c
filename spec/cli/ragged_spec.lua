-- ragged_spec.lua - records whose members differ: where chunks end must not show.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

-- `opt` comes in the first 496 KiB, `late` with its first value, `later` once.
local function record(i)
  local parts = { ('{"id":%d,"pad":"%s"'):format(i, ("x"):rep(i % 61)) }
  parts[#parts + 1] = i % 500 == 77 and (',"opt":%d'):format(i) or nil
  parts[#parts + 1] = i == 15000 and ',"late":null' or nil
  parts[#parts + 1] = i >= 15005 and i % 3 == 0 and (',"late":%d'):format(i) or nil
  parts[#parts + 1] = i == 15010 and ',"later":[1]' or nil
  return table.concat(parts) .. "}\n"
end

-- From the file, and from a pipe in pieces that reads see as they are.
local inputs <const> = {
  { "rows.ndjson", "" },
  { "-", "dd if=rows.ndjson bs=9973 2>.dd |" },
  { "-", "{ head -c 100; sleep 0.02; head -c 497000; sleep 0.02; cat; } <rows.ndjson |" },
}

local function each_way(stages, check)
  for _, input in ipairs(inputs) do
    for _, options in ipairs { "--workers 1", "--workers 2", "--workers 2 --batch-rows 7" } do
      local code <const> = program.quote(([[file "%s" | decode "json" | %s]]):format(input[1], stages))
      check(program.sh(("%s perigee run %s -e %s"):format(input[2], options, code)))
    end
  end
end

describe("columns of ragged records", function()
  setup(function()
    program.setup()
    local list = {}
    for i = 0, 19999 do
      list[#list + 1] = record(i)
    end
    program.write("rows.ndjson", table.concat(list))
    program.write("early.ndjson", table.concat(list, "", 1, 15001))
  end)

  teardown(program.teardown)

  it("are null from the first row, or from that of their first value", function()
    local keys = {}
    each_way([[stdout { as = "json", nulls = true }]], function(out, err, status)
      assert.same({ "", 0 }, { err, status })
      local i = 0
      for line in out:gmatch "[^\n]+" do
        local late = i >= 15006 and (i % 3 == 0 and (',"late":%d'):format(i) or ',"late":null') or ""
        local later = i < 15010 and "" or i == 15010 and ',"later":[1]' or ',"later":null'
        local opt = i % 500 == 77 and ("%d"):format(i) or "null"
        keys[i] = keys[i]
          or ('{"id":%d,"pad":"%s","opt":%s%s%s}'):format(i, ("x"):rep(i % 61), opt, late, later)
        assert.equal(keys[i], line)
        i = i + 1
      end
      assert.equal(20000, i)
    end)
  end)

  it("end in a header that has those of the first row, and tells the first other", function()
    each_way([[stdout "csv"]], function(out, err, status)
      assert.equal("id,pad,opt", out:match "^[^\n]*")
      assert.equal("perigee: -e:1: stdout: encoder 'csv': row 15007 is the first with a column 'late', "
        .. "which the header does not have; name the columns with select before this\n", err)
      assert.equal(1, status)
    end)
  end)

  it("follow from the rows that are kept", function()
    local rows <const> = "15007,x,,\n15008,xx,,\n15009,xxx,,15009\n"
    each_way([[where "id > 15006" | head(3) | stdout "csv"]], function(out, err, status)
      assert.same({ "id,pad,opt,late\n" .. rows, "", 0 }, { out, err, status })
    end)
    each_way([[where "id < 15005 or id > 15009" | drop "later" | stdout "csv"]], function(_, err)
      assert.matches("row 15008 is the first with a column 'late'", err, 1, true)
    end)
  end)

  it("are all those that came where no row is kept", function()
    each_way([[where "id < 0" | stdout "csv"]], function(out, err, status)
      assert.same({ "id,pad,opt,late,later\n", "", 0 }, { out, err, status })
    end)
  end)

  it("that are null only are no columns of later rows", function()
    local out, err, status = program.run [[file "early.ndjson" | decode "json" | stdout "csv"]]
    assert.same({ "", 0 }, { err, status })
    assert.equal("id,pad,opt", out:match "^[^\n]*")
  end)

  it("do not keep rows back from somebody who watches a slow writer", function()
    program.sh [[(echo '{"a":1}'; sleep 4; cat out.csv >seen.csv; echo '{"a":2}') |
      perigee run -e 'file "-" | decode "json" | stdout "csv"' >out.csv]]
    assert.same({ "a\n1\n", "a\n1\n2\n" }, { program.read "seen.csv", program.read "out.csv" })
  end)

  it("are waited for only where they show", function()
    for code, waits in pairs {
      [ [[stdout "csv"]] ] = true,
      [ [[each(function() end) | stdout { as = "json", nulls = true }]] ] = true,
      [ [[select "id" | stdout "csv"]] ] = false,
      [ [[stdout "json"]] ] = false,
    } do
      local out = program.sh(([[perigee plan -e %s]]):format(
        program.quote([[file "rows.ndjson" | decode "json" | ]] .. code)))
      assert.equal(waits, out:find("waits for 496 KiB", 1, true) ~= nil, code)
    end
  end)
end)

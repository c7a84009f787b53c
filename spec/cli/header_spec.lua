-- header_spec.lua - columns that are known without rows, and those that never come.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local function gives(expected, code)
  local out, err, status = program.run(code)
  assert.equal(0, status, err)
  assert.equal(expected, out)
end

describe("columns that nobody has", function()
  setup(function()
    program.setup()
    program.write("rows.ndjson", '{"status":1,"geo":{"x":1}}\n{"status":2}\n')
  end)

  teardown(program.teardown)

  local function says(stages, ...)
    for _, options in ipairs { "", ", { parallel = true }" } do
      local code = ([[file "rows.ndjson" | decode "json"
        | each(function(e) e.level = tostring(e.status) end%s) | %s | stdout "json"]]):format(options, stages)
      local _, err = program.run(code)
      assert.equal(table.concat { ... }, err)
    end
  end

  it("are told with the stage that reads them, behind a function too", function()
    local never <const> = "perigee: warning: -e:2: %s: column '%s' never appeared; did you mean '%s'?\n"
    says('group { by = "staus", n = count() }', never:format("group", "staus", "status"))
    says('group { by = "status", n = sum "levle" }', never:format("group", "levle", "level"))
    says('where "levl == nil" | select "staus"', never:format("where", "levl", "level"),
      never:format("select", "staus", "status"))
    says [[derive { x = "level" } | where "geo.x == 1" | group { by = { "x", "geo.x" } }]]
  end)

  it("are told of functions of batches", function()
    local function tells(body, ...)
      local code = ([[file "rows.ndjson" | decode "json"
        | batches(function(batch) %s end) | stdout "json"]]):format(body)
      for _, options in ipairs { "--workers 1", "--workers 2 --batch-rows 1" } do
        local _, err = program.run(code, options)
        assert.equal(table.concat { ... }, err)
      end
    end
    local never <const> = "perigee: warning: -e:2: batches: column '%s' never appeared%s\n"
    tells("return batch.staus and batch", never:format("staus", "; did you mean 'status'?"))
    tells([[return not batch.zz and pcall(batch.column, batch, "yy") or batch]],
      never:format("yy", ""), never:format("zz", ""))
    tells [[return batch.status and batch:names()[1] and batch.rows > 0 and not batch.mine
      and batch:with { mine = 1 }]]
    tells("return batch.geo and batch")
    local _, err = program.run [[file "rows.ndjson" | decode "json"
      | batches(function(batch) return batch:with { level = 1 } end)
      | where "levle == nil" | group { by = { "level", "staus" } } | stdout "json"]]
    assert.equal("perigee: warning: -e:3: where: column 'levle' never appeared; did you mean 'level'?\n"
      .. "perigee: warning: -e:3: group: column 'staus' never appeared; did you mean 'status'?\n", err)
  end)

  it("are no expressions", function()
    local takes <const> = "; this takes names of columns, so make one first: derive { %s = %q }\n"
    local function refuses(name, stages, what, text)
      local _, err, status = program.sh("perigee check -e " .. program.quote(
        'file "rows.ndjson" | decode "json"\n| ' .. stages .. [[ | stdout "json"]]))
      assert.equal(("-e:2: %s'%s' is an expression"):format(what, text) .. takes:format(name, text), err)
      assert.equal(3, status)
    end
    refuses("hour", [[group { by = "hour(time)", n = count() }]], "group: 'by': ", "hour(time)")
    refuses("hour", [[sort "-hour(time)"]], "sort: ", "hour(time)")
    refuses("hour", [[select { "status", "hour(time)" }]], "select: ", "hour(time)")
    refuses("hour", [[rename { h = "hour(time)" }]], "rename: ", "hour(time)")
    refuses("lower", [[drop "geo.x:lower()"]], "drop: ", "geo.x:lower()")
    refuses("x", [[select "status" | sort "-status"| drop "status + 1"]], "drop: ", "status + 1")
  end)

  it("are told as expressions, where they may be names, if they are none", function()
    local never <const> = "perigee: warning: -e:2: select: column '%s' never appeared%s\n"
    says([[select { "status + 1" }]], never:format("status + 1",
      [[; this takes names of columns, so make one first: derive { x = "status + 1" }]]))
    says([[select { "size (MB)" }]], never:format("size (MB)", ""))
    says([[select { "status-x" }]], never:format("status-x", "; did you mean 'status'?"))
    says([[select { "staus" }]], never:format("staus", "; did you mean 'status'?"))
  end)

  it("may be named as they like", function()
    program.write("odd.csv", "a,size (MB),a-a,hour (UTC),b/2,nosuch(x)\n1,2,3,4,5,6\n")
    local out, err = program.run [[file "odd.csv" | decode "csv"
      | select { "size (MB)", "a-a", "hour (UTC)", "b/2", "nosuch(x)" } | sort "a-a" | stdout "csv"]]
    assert.same({ "size (MB),a-a,hour (UTC),b/2,nosuch(x)\n2,3,4,5,6\n", "" }, { out, err })
  end)

  it("are not told where no row came", function()
    says [[where "false" | each(function(e) e.y = tostring(e.status) end) | group { by = "staus" }]]
  end)

  it("end a sort, which tells those that there are", function()
    says('sort "-staus"', "perigee: -e:2: sort: no column 'staus'; did you mean 'status'?\n")
    says('sort "x" | head(1)', "perigee: -e:2: sort: no column 'x'; there are: status, geo, level\n")
  end)
end)

describe("columns that the plan knows", function()
  setup(function()
    program.setup()
    program.write("empty", "")
    program.write("rows.ndjson", '{"a":1}\n{"b":2,"a":2}\n')
  end)

  teardown(program.teardown)

  it("are a header also where no row comes", function()
    for _, stages in ipairs { [[file "empty" | decode "json" |]],
      [[file "rows.ndjson" | decode "json" | where "a > 2" |]] } do
      gives("b,a\n", stages .. [[ select { "b", "a" } | stdout "csv"]])
      gives("b,n\n", stages .. [[ group { by = "b", n = count() } | stdout "csv"]])
      gives("b;x\n", stages .. [[ select "b" | derive { x = 1 } | stdout { as = "csv", sep = ";" }]])
      gives("", stages .. [[ select "b" | stdout { as = "csv", header = false }]])
    end
    gives("b,a\n1,2\n", [[rows { { a = 2, b = 1 } } | select { "b", "a" } | stdout "csv"]])
  end)

  it("are all there, in the plan's order, whichever branch gives rows", function()
    for condition, rows in pairs { ["a > 5"] = "1,,1\n2,,2\n", ["a < 2"] = "1,1,\n2,,2\n" } do
      local code = ([[file "rows.ndjson" | decode "json" | select { "a" }
        | route { { when = "%s", derive { x = "a" } }, { otherwise = true, derive { y = "a" } } } | ]])
        :format(condition)
      gives("a,x,y\n" .. rows, code .. [[stdout "csv"]])
      assert.equal("a  x  y", program.run(code .. [[stdout "table"]]):match "^[^\n]*")
    end
  end)

  it("stand above a table without rows", function()
    gives("b  a\n-  -\n(no rows)\n", [[file "empty" | decode "json" | select { "b", "a" } | stdout "table"]])
  end)
end)

describe("columns that a decoder finds", function()
  local both <const> = { "csv", "a,b\n", "table", "a  b\n-  -\n(no rows)\n" }

  setup(function()
    program.setup()
    program.write("empty", "")
    program.write("head.csv", "a,b\n")
    program.write("other.csv", "b,c\n")
    program.write("rows.csv", "a,b\n1,2\n3,4\n")
    program.write("twice.csv", "a,a\n1,2\n")
    program.write("rows.ndjson", '{"a":1}\n{"b":2,"a":2}\n')
  end)

  teardown(program.teardown)

  local function header(expected, stages)
    for _, workers in ipairs { "1", "2" } do
      local out, err, status = program.run(stages .. [[ | stdout "csv"]], "--workers " .. workers)
      assert.same({ expected, "", 0 }, { out, err, status })
    end
  end

  it("are a header where there is nothing but them", function()
    for i = 1, #both, 2 do
      gives(both[i + 1], ([[file "head.csv" | decode "csv" | stdout %q]]):format(both[i]))
    end
    gives("", [[file "head.csv" | decode "csv" | stdout { as = "csv", header = false }]])
    gives("", [[file "head.csv" | decode "csv" | stdout "json"]])
    gives("", [[file "empty" | decode "csv" | stdout "csv"]])
    gives("(no rows)\n", [[file "empty" | decode "json" | stdout "table"]])
  end)

  it("are a header where no row is kept", function()
    for _, input in ipairs { [[file "rows.csv" | decode "csv"]], [[file "rows.ndjson" | decode "json"]] } do
      header("a,b\n", input .. [[ | where "a > 5"]])
      header("a,b\n", input .. [[ | where(function(row) return row.a > 5 end)]])
    end
  end)

  it("go through the stages as rows would", function()
    header("x,b,c\n", [[file "head.csv" | decode "csv" | derive { c = "a + 1", b = 1 } | rename { x = "a" }]])
    header("b\n", [[file "rows.csv" | decode "csv" | where "a > 5" | sort "a" | drop "a" | head(1)]])
    header("a,b,x,y\n", [[file "head.csv" | decode "csv"
      | route { { when = "a < 2", derive { x = "a" } }, { otherwise = true, derive { y = "a" } } }]])
    header("a,b,c\n", [[merge { file "head.csv" | decode "csv", file "other.csv" | decode "csv" }]])
  end)

  it("end at a function that may make others", function()
    header("", [[file "head.csv" | decode "csv" | batches(function(batch) return batch end)]])
  end)

  it("give way to those of rows from elsewhere", function()
    for _, order in ipairs { "head.csv rows.csv", "rows.csv head.csv" } do
      local code <const> = ([[merge { file "%s" | decode "csv", file "%s" | decode "csv" }]])
        :format(order:match "(%S+) (%S+)")
      header("a,b\n1,2\n3,4\n", code)
    end
    header("b,c\n2,1\n4,1\n", [[merge { file "head.csv" | decode "csv" | drop "a",
      file "rows.csv" | decode "csv" | drop "a" | derive { c = 1 } }]])
  end)

  it("are warned about once", function()
    local out, err = program.run [[file "twice.csv" | decode "csv" | where "a > 5" | stdout "csv"]]
    assert.equal("a,a_2\n", out)
    assert.equal("perigee: warning: csv: column 2 has the name of another, it is called 'a_2'\n", err)
  end)
end)

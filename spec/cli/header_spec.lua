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

  it("are not guessed where they are known from rows only", function()
    gives("", [[file "empty" | decode "json" | stdout "csv"]])
    gives("(no rows)\n", [[file "empty" | decode "json" | select "a" | stdout "table"]])
  end)
end)

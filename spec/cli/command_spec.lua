-- command_spec.lua - the commands and their exit codes, as a shell sees them.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

describe("the program", function()
  setup(program.setup)
  teardown(program.teardown)

  local cases = {
    -- what it is, command, exit code, what stdout and stderr contain
    { "shows its version", "perigee --version", 0, "perigee 0.1.0 (ABI 1.0, Lua 5.4)\n", "" },
    { "shows help", "perigee --help", 0, "Usage: perigee", "" },
    { "shows help by word", "perigee help", 0, "perigee help COMMAND tells more", "" },
    { "shows help for a command by word", "perigee -v help run nothing", 0, "second one ends the run", "" },
    { "knows no help for what is no command", "perigee help rum", 2, "", "unknown command 'rum'" },
    { "shows help for a command", "perigee run --help", 0, "--workers N", "" },
    { "wants a command", "perigee", 2, "", "a command is missing" },
    { "suggests commands", "perigee chek x.lua", 2, "", "unknown command 'chek'; did you mean 'check'?" },
    { "suggests options", "perigee run --quite x.lua", 2, "", "unknown option '--quite'" },
    { "wants a config", "perigee run", 2, "", "a config is missing" },
    { "wants one config", "perigee run -e 'rows {}' x.lua --quiet", 3, "", "-e:1: " },
    { "says when there is no config", "perigee run nowhere.lua", 3, "",
      "cannot read the config: nowhere.lua: No such file or directory" },
    { "checks a config", "perigee check -e 'rows { { a = 1 } } | stdout()'", 0, "", "-e: no problems" },
    { "checks quietly", "perigee check -q -e 'rows { { a = 1 } } | stdout()'", 0, "", "" },
    { "checks for programs", "perigee check --json -e 'rows { { a = 1 } } | stdou()'", 3,
      '"ok": false', "" },
    { "checks what an encoder takes",
      [[perigee check -e 'rows { { a = 1 } } | stdout { as = "csv", sep = ";;" }']], 3, "",
      "-e:1: stdout: encoder 'csv': parameter 'sep': expected one byte, and no quote or line break" },
    { "checks all that an encoder takes",
      [[perigee check -e 'rows { { a = 1 } } | stdout { as = "csv", nulls = "a,b" }']], 3, "",
      "-e:1: stdout: encoder 'csv': parameter 'nulls': a text that needs quotes" },
    { "checks what a kernel takes", [[perigee check -e 'rows { { a = 1 } } | sort { by = {} } | stdout()']],
      3, "", "-e:1: sort: kernel 'sort': parameter 'by' names no column" },
    { "shows a plan", "perigee plan -e 'rows { { a = 1 } } | stdout \"json\"'", 0, "stdout", "" },
    { "lists plugins", "perigee plugins", 0, "json ", "" },
    { "shows one item", "perigee plugins sort", 0, "sort", "" },
    { "shows the plugin of an aggregate", "perigee plugins quantile", 0, "aggregate quantile", "" },
    { "shows the plugin of a function", "perigee plugins eq_str", 0, "function eq_str", "" },
    { "says when there is no such plugin", "perigee plugins jsn", 2, "", "did you mean 'json'?" },
    { "refuses what is no plugin", "printf hello >x.so; perigee plugins ./x.so", 4, "", "x.so" },
    { "refuses it in a config",
      "printf hello >x.so; perigee run -e 'load \"./x.so\" return rows {} | stdout()'", 4, "", "x.so" },
    { "fails when the run does", "perigee run -e 'file \"nowhere\" | decode \"lines\" | stdout()'", 1, "",
      "nowhere" },
  }
  for _, case in ipairs(cases) do
    it(case[1], function()
      local out, err, code = program.sh(case[2])
      assert.equal(case[3], code, out .. err)
      assert.matches(case[4], out, 1, true)
      assert.matches(case[5], err, 1, true)
      if case[4] == "" then
        assert.equal("", out)
      end
      if case[5] == "" then
        assert.equal("", err)
      end
    end)
  end

  it("gives a script its arguments, and options after it too", function()
    program.write("args.lua", [[
local p = require "perigee"
return p.rows { { name = arg[0], all = table.concat(arg, " ") } } | p.stdout "json"]])
    assert.equal('{"all":"a -q --x","name":"args.lua"}\n', (program.sh "perigee run args.lua a -q --x"))
  end)

  it("keeps data and everything else apart", function()
    local out, err = program.run([[print "note" return rows { { a = 1 } } | stdout "json"]], "-v")
    assert.equal('{"a":1}\n', out)
    assert.matches("note\n", err, 1, true)
    assert.matches("1 row in, 1 row out", err, 1, true)
  end)

  it("has no colours where no terminal is", function()
    local _, err = program.sh "unset NO_COLOR; perigee check -e 'rows { { a = 1 } } | stdou()'"
    assert.is_nil(err:find "\27")
  end)

  it("ends with 130 after SIGINT, and shows the results so far", function()
    local out, err, code = program.sh([[
      { echo '{"n":1}'; sleep 5; } | timeout --foreground --preserve-status -s INT 0.7 ]] .. program.path
      .. [[ run -e 'file "-" | decode "json" | group { n = sum "n" } | stdout "json"']])
    assert.equal(130, code, err)
    assert.equal('{"n":1}\n', out)
  end)
end)

-- install_spec.lua - an installed program finds its Lua modules and plugins, and
-- plugins are built with the installed headers.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local files = dofile(here .. "files.lua")
local build = assert(os.getenv "PERIGEE_BUILD", "PERIGEE_BUILD names the build tree")

describe("an installed perigee", function()
  local prefix

  setup(function()
    prefix = files.lines_of("mktemp -d")[1]
    assert(os.execute(("cmake --install '%s' --prefix '%s' >/dev/null"):format(build, prefix)))
  end)

  teardown(function()
    os.execute("rm -r '" .. prefix .. "'")
  end)

  local function run(command)
    return files.lines_of(("cd / && P='%s' && { %s; } 2>&1 </dev/null"):format(prefix, command))
  end

  it("runs a pipeline", function()
    assert.same({ '{"a":2}' },
      run [["$P/bin/perigee" run -e 'rows { { a = 1 }, { a = 2 } } | where "a > 1" | stdout "json"']])
  end)

  it("has its Lua modules in the program, where no file stands for one", function()
    assert.same({ "perigee 0.1.0" },
      run [[mkdir -p "$P/alone/share/perigee/lua/perigee" && cp "$P/bin/perigee" "$P/alone" &&
        echo 'error "a stranger"' >"$P/alone/share/perigee/lua/perigee/cli.lua" &&
        "$P/alone/perigee" --version | cut -d ' ' -f 1-2]])
  end)

  it("lists the plugins that it was installed with", function()
    local text = table.concat(run [["$P/bin/perigee" plugins]], "\n")
    for _, name in ipairs { "aggregates", "combined", "csv", "files", "json", "ops", "order" } do
      assert.matches(name, text, 1, true)
    end
    assert.matches("/lib/perigee/v1/json.so", table.concat(run [["$P/bin/perigee" plugins json]]), 1, true)
  end)

  it("writes plugins in Rust that find its binding", function()
    local lines = run [["$P/bin/perigee" gen rust order && ls "$P/share/perigee/rust"]]
    local text = table.concat(lines, "\n")
    assert.matches(('#[path = "%s/share/perigee/rust/perigee.rs"]'):format(prefix), text, 1, true)
    assert.matches("abi.rs\nperigee.rs", text, 1, true)
  end)

  it("has the headers for a plugin, and loads it", function()
    assert.same({ "7" }, run(([[cc -shared -fPIC -I"$P/include" %q -o "$P/minmax.so" &&
      "$P/bin/perigee" run -e 'local m = load "'"$P"'/minmax.so"
      return rows { { a = m.max(3, 7) } } | stdout { as = "csv", header = false }']])
      :format(files.root .. "/examples/06_first_plugin/minmax.c")))
  end)
end)

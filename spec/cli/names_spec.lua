-- names_spec.lua - what the program remembers of plugins, and when it does not believe it.

local core = require "perigee.core"
local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local config <const> = program.quote [[rows { { a = 1 } } | stdout "json"]]

describe("the names of plugins", function()
  setup(program.setup)
  teardown(program.teardown)

  local function run(before)
    local out, err, code = program.sh(("export XDG_CACHE_HOME=%s/cache; %s; perigee run -e %s")
      :format(program.quote(program.dir), before, config))
    assert.same({ '{"a":1}\n', "", 0 }, { out, err, code })
  end

  it("are remembered in the cache directory, as long as the files are the same", function()
    run "mkdir -p cache"
    local text = program.read "cache/perigee/names"
    assert.matches("^perigee " .. core.version:gsub("%p", "%%%0"), text)
    assert.matches("/native/json.so\t%d+:[%d:.]+\tname=json\tsha256=%x+\t", text)
    run "true"
    assert.equal(text, program.read "cache/perigee/names")
    run "sed -i 's/:[0-9]*\\.[0-9]*:/:1.2:/' cache/perigee/names"
    assert.equal(#text, #program.read "cache/perigee/names")
    assert.is_nil(program.read "cache/perigee/names":find(":1.2:", 1, true))
  end)

  it("are not believed when another plugin has them", function()
    run "sed -i 's/encoders=[^\t]*/encoders=nothing/' cache/perigee/names"
    run "sed -i 's/encoders=nothing/encoders=json/' cache/perigee/names"
  end)

  it("may be any bytes, or not to be read", function()
    run "head -c 3000 /dev/urandom >cache/perigee/names"
    run "printf 'perigee\\n' >cache/perigee/names"
    run "rm -f cache/perigee/names; mkdir cache/perigee/names"
  end)

  it("are not looked for where others may write", function()
    run "rm -r cache/perigee; mkdir -m 777 cache/perigee"
    assert.is_nil(program.read "cache/perigee/names")
  end)

  it("of a file that may still change are not remembered", function()
    assert.is_nil(core.stamp(program.dir))
    assert.is_nil(core.stamp(program.dir .. "/nosuch"))
    program.write("new", "1")
    assert.is_nil(core.stamp(program.dir .. "/new"))
    assert.equal(core.stamp "/bin/sh", core.stamp "/bin/sh")
    assert.matches("^%d+:%d+:%d+:", core.stamp "/bin/sh")
  end)
end)

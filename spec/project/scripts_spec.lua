-- scripts_spec.lua - demo and setup: what they say, and when they give up.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local files = dofile(here .. "files.lua")
local build = assert(os.getenv "PERIGEE_BUILD", "PERIGEE_BUILD names the build tree")

-- Everything that a command says, and its exit code.
local function run(dir, command)
  local lines = files.lines_of(("cd '%s' && { %s; } 2>&1 </dev/null; echo $?"):format(dir, command))
  return table.concat(lines, "\n", 1, #lines - 1), tonumber(lines[#lines])
end

local dir

local function make_dir()
  dir = files.lines_of("mktemp -d")[1]
end

local function remove_dir()
  os.execute("rm -r '" .. dir .. "'")
end

describe("demo", function()
  -- The demo with a setup that has nothing to do, and this build.
  setup(function()
    make_dir()
    assert(os.execute(([[cd '%s' && cp '%s/demo' . && ln -s '%s/examples' . && mkdir build &&
      printf '#!/bin/sh\nexec "%s/perigee" "$@"\n' >build/perigee &&
      printf '#!/bin/sh\n' >setup && chmod +x build/perigee setup]])
      :format(dir, files.root, files.root, build)))
  end)
  teardown(remove_dir)

  local logs = {
    { "packages.log", "examples/02_package_log.lua", "action   packages" },
    { "access.log", "examples/03_access_log.lua", "path           n" },
    { "readings.ndjson", "examples/10_any_log.lua", "n  kind" },
  }
  for _, log in ipairs(logs) do
    it("shows " .. log[1] .. " with the example that reads it", function()
      local text, code = run(dir, "NO_COLOR=1 ./demo examples/data/" .. log[1])
      assert.equal(0, code, text)
      assert.matches("build/perigee run " .. log[2], text, 1, true)
      assert.matches(log[3], text, 1, true)
      assert.matches("What to try next", text, 1, true)
    end)
  end

  it("reads a packed log", function()
    local text, code = run(dir, "gzip <examples/data/access.log >old.gz; ./demo old.gz")
    assert.equal(0, code, text)
    assert.matches("03_access_log.lua", text, 1, true)
  end)

  it("may be called from anywhere", function()
    local text, code = run("/", ("'%s/demo' '%s/examples/data/access.log'"):format(dir, files.root))
    assert.equal(0, code, text)
  end)

  it("suggests what works", function()
    local text = run(dir, "./demo examples/data/packages.log")
    local command = text:match "\n  (build/perigee run %-e [^\n]*)"
    local out, code = run(dir, command)
    assert.same({ '{"n":2}', 0 }, { out, code })
  end)

  it("says when a log cannot be read", function()
    assert.same({ "demo: 'nowhere.log' is no file that can be read", 1 }, { run(dir, "./demo nowhere.log") })
    assert.same({ "demo: '.' is no file that can be read", 1 }, { run(dir, "./demo .") })
  end)

  it("shows its use", function()
    assert.same({ "usage: ./demo [LOG]", 2 }, { run(dir, "./demo --help") })
    assert.same({ "usage: ./demo [LOG]", 2 }, { run(dir, "./demo a b") })
  end)
end)

describe("setup", function()
  -- A machine on which no package is installed, for a user who is not root.
  setup(function()
    make_dir()
    assert(os.execute(([[cd '%s' && mkdir bin && cd bin &&
      for tool in sh dirname mktemp rm grep cat cmake; do ln -s "$(command -v $tool)" .; done
      for tool in dpkg-query apt-get; do printf '#!/bin/sh\nexit 1\n' >$tool; done
      printf '#!/bin/sh\necho 1000\n' >id && chmod +x dpkg-query apt-get id]]):format(dir)))
  end)
  teardown(remove_dir)

  local function setup_there(words)
    return run(files.root, ("PATH='%s/bin' ./setup %s"):format(dir, words))
  end

  it("says what to do as root when there is no sudo", function()
    local text, code = setup_there "release"
    assert.equal(1, code)
    assert.matches("there is no sudo", text, 1, true)
    assert.matches("apt-get update && apt-get install --no-install-recommends gcc libc6-dev cmake",
      text, 1, true)
    assert.is_nil(text:find("lua-busted", 1, true))
    assert.matches("lua-busted", setup_there "--tests release", 1, true)
  end)

  it("uses sudo, and shows what failed", function()
    assert(os.execute(("cd '%s/bin' && "
      .. "printf '#!/bin/sh\\necho no network; exit 100\\n' >sudo && chmod +x sudo"):format(dir)))
    local text, code = setup_there "release"
    assert.equal(1, code)
    assert.equal("setup: updating the lists of apt\nno network\n"
      .. "setup: failed, see above: sudo apt-get -q update", text)
  end)

  it("names the tool that is missing where apt is not", function()
    os.execute(("rm '%s/bin/apt-get'"):format(dir))
    local text, code = setup_there "release"
    assert.equal(1, code)
    assert.matches("setup: 'ninja' is missing", text, 1, true)
  end)

  it("shows its use", function()
    assert.same({ "usage: ./setup [--tests] PRESET", 2 }, { run(files.root, "./setup") })
  end)
end)

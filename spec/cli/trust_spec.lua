-- trust_spec.lua - plugins of strangers, as a shell sees them: probed, pinned, described.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local native <const> = os.getenv "PERIGEE_BUILD" .. "/spec/plugins/"

local function take(name)
  assert(os.execute(("cp %s %s"):format(program.quote(native .. name), program.quote(program.dir))))
end

local function config(name)
  return ([[load "./%s" return rows { { a = 1 } } | stdout "json"]]):format(name)
end

describe("a plugin of a stranger", function()
  setup(program.setup)
  teardown(program.teardown)

  local function sh(command)
    return program.sh(("export XDG_CACHE_HOME=%s/cache; mkdir -p cache; %s")
      :format(program.quote(program.dir), command))
  end

  for name, how in pairs {
    ["bad_crash.so"] = "its probe crashed in its constructors and init: signal 4",
    ["bad_exit.so"] = "its probe ended with exit code 0 in its constructors and init",
    ["bad_batch.so"] = "its probe crashed in kernel 'burst': signal 4",
  } do
    it("is a message when it is probed: " .. name, function()
      take(name)
      for _, command in ipairs { "run --probe -e", "check --probe -e", "plan --probe -e" } do
        local out, err, code = sh(("perigee %s %s"):format(command, program.quote(config(name))))
        assert.equal(4, code, err)
        assert.matches(name .. "': " .. how, err, 1, true)
        assert.equal("", out)
      end
      local _, err, code = sh("perigee plugins --probe ./" .. name)
      assert.equal(4, code, err)
      assert.matches(how, err, 1, true)
    end)
  end

  it("is a message when it hangs", function()
    take "bad_hang.so"
    local _, err, code = sh("perigee run --probe -e " .. program.quote(config "bad_hang.so"))
    assert.equal(4, code, err)
    assert.matches("its probe did not end within 5 s, in its constructors", err, 1, true)
  end)

  it("is told which libraries it lacks, without running", function()
    take "kinds.so"
    sh "sed -e 's/libc\\.so\\.6/libq.so.6/g' kinds.so >needs.so; chmod 755 needs.so"
    local out, err, code = sh "perigee plugins ./needs.so"
    assert.equal(0, code, err)
    assert.matches("cannot be loaded here, for want of 'libq.so.6'\n", out, 1, true)
    assert.matches('"missing": %[%s*"libq%.so%.6"%s*%]', (sh "perigee plugins --json ./needs.so"))
    out = sh "perigee plugins ./kinds.so"
    assert.is_nil(out:find("for want of", 1, true))
    assert.matches('"missing": %[%s*%]', (sh "perigee plugins --json ./kinds.so"))
  end)

  it("is probed once for each content, and runs", function()
    take "kinds.so"
    local command = "perigee run --probe -e " .. program.quote(config "kinds.so")
    for _ = 1, 2 do
      local out, err, code = sh(command)
      assert.equal(0, code, err)
      assert.equal('{"a":1}\n', out)
      assert.equal("1\n", (sh "ls cache/perigee/*.probed | wc -l"))
    end
  end)

  it("is listed as refused when its probe fails", function()
    local out, err, code = sh "mkdir d; cp bad_crash.so d; perigee plugins --probe --plugin-dir d"
    assert.equal(0, code, err)
    assert.matches("json ", out, 1, true)
    assert.matches("refused: plugin 'd/bad_crash.so': its probe crashed", err, 1, true)
  end)

  it("is refused when the pins of its directory say another sum", function()
    take "kinds.so"
    local good = sh "sha256sum kinds.so | tee plugins.pins; perigee plugins ./kinds.so"
    assert.matches("kinds 1.2.3", good, 1, true)
    local _, err, code = sh [[sed -i 's/^......../00000000/' plugins.pins
      perigee run -e 'load "./kinds.so" return rows {} | stdout()'; e=$?; rm plugins.pins; (exit $e)]]
    assert.matches("expected sha256 00000000", err, 1, true)
    assert.equal(4, code)
  end)

  it("shows its sum", function()
    local out = sh "perigee plugins --json ./kinds.so"
    assert.matches((sh "sha256sum kinds.so"):match "^%x+", out, 1, true)
  end)

  it("holds the constants of its aggregates to their ranges", function()
    take "kinds.so"
    local code <const> = [[local kinds = load "./kinds.so"
      return rows { { a = 2, b = 11 } } | group { by = "a", n = kinds.scaled("a", "%s") } | stdout "json"]]
    local _, err, exit = program.sh("perigee check -e " .. program.quote(code:format "-1"))
    assert.equal("-e:2: group: 'n': scaled: parameter 'by': expected 0 to 10, got -1\n", err)
    assert.equal(3, exit)
    for by, expected in pairs { ["10"] = 20, b = 22 } do
      assert.equal(('{"a":2,"n":%d}\n'):format(expected), (program.run(code:format(by))))
    end
    assert.matches("aggregate scaled(x: f64, by: f64 0 to 10) -> f64",
      program.sh "perigee plugins ./kinds.so", 1, true)
  end)
end)

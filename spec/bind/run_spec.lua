-- run_spec.lua - whole pipelines, and the program as a user runs it.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local each, has = helper.each, helper.has

local program <const> = core.exec_dir .. "/perigee"

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Runs the program: what it wrote to each stream, and its exit code.
-- to: where its output goes instead
local function perigee(arguments, to)
  local out, err = helper.file(), helper.file()
  local words = {}
  for i, word in ipairs(arguments) do
    words[i] = quote(word)
  end
  local command = ("%s %s >%s 2>%s"):format(quote(program), table.concat(words, " "),
    quote(to or out), quote(err))
  local _, _, code = os.execute(command)
  return helper.read(out), helper.read(err), code
end

local function lines_of(count)
  local lines = {}
  for i = 1, count do
    lines[i] = ('{"n":%d,"s":"%s","f":%s}\n'):format(i, ("s"):rep(i % 40), i % 7 == 0 and "null" or i / 4)
    if i % 100 == 0 then
      lines[i] = lines[i] .. "no json\n"
    end
  end
  return table.concat(lines)
end

describe("the output of a pipeline", function()
  after_each(helper.clean)

  -- Chains, each from the same bytes.
  local chains <const> = {
    ["as decoded"] = function(from) return from end,
    ["by expressions"] = function(from)
      return from | p.where "n % 3 == 1 and #s > 2" | p.derive { m = "n * 2", t = "s:upper()" }
        | p.select("t", "m", "f") | p.rename { text = "t" }
    end,
    ["by rows"] = function(from)
      return from | each(function(e)
        if e.n % 50 == 0 then
          error "fifty"
        elseif e.n % 2 == 0 then
          e.s, e.even = e.s .. "!", true
        end
        return e.n % 3 ~= 0
      end)
    end,
    ["by batches"] = function(from)
      return from | p.batches(function(b) return b:with { n = b.n:map(function(n) return n + 0.5 end) } end)
    end,
    ["by groups"] = function(from)
      return from | p.group { by = "s", n = p.count(), f = p.sum "f", q = p.quantile("n", 0.5) }
        | p.sort { "-n", "s" } | p.head(20)
    end,
    ["by routes"] = function(from)
      return from | p.route {
        { when = "n % 2 == 0", p.derive { way = "'even'" } },
        { when = "n % 3 == 0" },
        { otherwise = true, each(function(e) e.way = "other" end) },
      }
    end,
  }

  for name, chain in pairs(chains) do
    it("does not depend on workers and batches: " .. name, function()
      local path, first = helper.file(lines_of(3000)), nil
      for _, workers in ipairs { 1, 4 } do
        for _, batch_rows in ipairs { 1, 7, 4096 } do
          local out = helper.file()
          local result = assert(p.run(chain(p.file(path) | p.decode "json")
            | p.write { path = out, as = "json" },
            { workers = workers, batch_rows = batch_rows }))
          local text = helper.read(out)
          if name == "by routes" then -- branches meet in any order
            local list = {}
            for line in text:gmatch "[^\n]+" do
              list[#list + 1] = line
            end
            table.sort(list)
            text = table.concat(list, "\n")
          end
          first = first or { text = text, rejects = result.rejects, rows_out = result.rows_out }
          assert.is_true(#text > 100)
          assert.equal(first.rejects, result.rejects)
          assert.equal(first.rows_out, result.rows_out)
          assert.is_true(first.text == text,
            ("another output with %d workers and batches of %d"):format(workers, batch_rows))
        end
      end
    end)
  end
end)

describe("a run", function()
  it("tells what it did", function()
    local path = helper.file('{"a":1}\nbad\n{"a":2,"b":3}\n')
    local out = helper.file()
    local result = assert(p.run(p.file(path) | p.decode "json" | p.where "a > 1"
      | p.select("a", "never") | p.write { path = out, as = "json" }))
    assert.equal(2, result.rows_in)
    assert.equal(1, result.rows_out)
    assert.equal(26, result.bytes_in)
    assert.equal(1, result.rejects)
    assert.equal(false, result.interrupted)
    assert.is_true(result.seconds > 0)
    assert.same({ "never" }, result.absent)
    local sample = result.reject_samples[1]
    assert.same({ path, 2, 8, "bad" }, { sample.stream, sample.line, sample.byte, sample.text })
    has("expected '{'", sample.why)
    helper.clean()
  end)

  it("feeds several pipelines, branches and merges", function()
    local seen = {}
    local function sink(name)
      return p.define.sink { name = name, open = function()
        return function(b)
          seen[name] = seen[name] or {}
          table.move(b:totable(), 1, #b, #seen[name] + 1, seen[name])
        end
      end }()
    end
    assert(p.run(p.plan {
      p.merge { p.rows { { a = 1 } }, p.rows { { a = 2, b = "x" } } }
        | p.tee { p.where "a == 2" | sink "teed" } | sink "merged",
      p.pipeline { p.rows { { c = 1 }, { c = 2 }, { c = 3 } }
        | p.route { { when = "c == 1", sink "one" }, { when = "c == 2", sink "two" },
          { otherwise = "drop" } } },
    }))
    assert.same({ { a = 2, b = "x" } }, seen.teed)
    assert.same({ { a = 1 }, { a = 2, b = "x" } }, seen.merged)
    assert.same({ { { c = 1 } }, { { c = 2 } } }, { seen.one, seen.two })
  end)

  -- A sink that notes what is called; "write" and "close" may fail.
  local function noting(calls, fails)
    local function note(name)
      return function()
        calls[#calls + 1] = name
        if name == fails then
          error(name .. " failed")
        end
      end
    end
    return p.define.sink { name = "noting" .. tostring(calls), open = function()
      note "open"()
      return { write = note "write", close = note "close" }
    end }()
  end

  it("opens and closes a sink in Lua once, whatever happens", function()
    local three <const> = { { a = 1 }, { a = 2 }, { a = 3 } }
    for _, case in ipairs {
      { "open write close", three },
      { "open close", {} },
      { "open write close", three, fails = "write" },
      { "open write close", three, fails = "close" },
      { "open", three, fails = "open" },
    } do
      local calls = {}
      local result, message = p.run(p.rows(case[2]) | noting(calls, case.fails))
      assert.equal(case[1], table.concat(calls, " "))
      assert.equal(case.fails == nil, result ~= nil)
      assert.equal(case.fails and case.fails .. " failed",
        message and message:match "noting.*: .*: (.*)$")
    end
  end)

  it("opens and closes a sink in Lua beside one that fails, or that wants no rows", function()
    local calls = {}
    assert.is_nil((p.run(p.rows { { a = 1 } } | p.tee { p.where "a > 1" | noting(calls) }
      | noting({}, "write"))))
    assert.equal("open close", table.concat(calls, " "))
    calls = {}
    assert(p.run(p.rows { { a = 1 } } | p.head(0) | noting(calls)))
    assert.equal("open close", table.concat(calls, " "))
    calls = {}
    assert.is_nil((p.run(p.file "/nowhere" | p.decode "json" | noting(calls))))
    assert.equal("", table.concat(calls, " "))
  end)

  it("within another is refused", function()
    local _, result = p.collect(p.rows { { a = 1 } } | each(function()
      p.collect(p.rows { { a = 1 } })
    end))
    has("a pipeline cannot run within another", result.reject_samples[1].why)
    assert(p.collect(p.rows { { a = 1 } }))
  end)

  it("that fails says where", function()
    local result, message, kind = p.run(p.file "/nowhere/at/all" | p.decode "json" | p.stdout())
    assert.is_nil(result)
    has("run_spec.lua:", message)
    has("file: cannot open '/nowhere/at/all': No such file or directory", message)
    assert.equal("failed", kind)
  end)
end)

describe("the program", function()
  after_each(helper.clean)

  it("runs an expression", function()
    local out, err, code = perigee { "run", "-e",
      'rows { { a = 1 }, { a = 5 } } | where "a > 1" | stdout "json"' }
    assert.same({ '{"a":5}\n', "", 0 }, { out, err, code })
  end)

  it("runs a config, with its modules and arguments", function()
    local dir = helper.file()
    os.remove(dir)
    assert(os.execute("mkdir -p " .. dir))
    local function write(name, text)
      local file <close> = assert(io.open(dir .. "/" .. name, "w"))
      file:write(text)
    end
    write("lib.lua", "return function(e) e.lib = true end")
    write("main.lua", [[
local p = require "perigee"
return p.pipeline { p.rows { { a = arg[1] } } | p.each(require "lib") | p.stdout "json" }]])
    local out, err, code = perigee { "run", dir .. "/main.lua", "x" }
    assert(os.execute("rm -r " .. dir))
    assert.same({ '{"a":"x","lib":true}\n', "", 0 }, { out, err, code })
  end)

  it("says which rows were left out, and which columns never came", function()
    local out, err, code = perigee { "run", "-e",
      'rows { { a = 1 }, { a = 2 } } | each(function(e) if e.aa or e.a == 1 then error "one" end end)'
        .. ' | stdout "json"' }
    assert.same({ '{"a":2}\n', 0 }, { out, code })
    has("1 malformed row was left out", err)
    has("-e:1: each: -e:1: one", err)
    has("-e:1: each: column 'aa' never appeared", err)
  end)

  it("takes nothing from LUA_PATH and its kin, nor from the working directory", function()
    local dir = helper.file()
    os.remove(dir)
    assert(os.execute(("mkdir -p %s && echo 'error(1)' >%s/argparse.lua"):format(dir, dir)))
    local command = ("cd %s && LUA_PATH='./?.lua' LUA_PATH_5_4='./?.lua' LUA_INIT='error(1)' %s --version")
      :format(dir, quote(program))
    local pipe <close> = assert(io.popen(command))
    has("perigee " .. core.version, pipe:read "a")
    assert(os.execute("rm -r " .. dir))
  end)

  for text, case in pairs {
    ["2 for a wrong command line"] = { 2, { "runn" } },
    ["3 for a config that is wrong"] = { 3, { "run", "-e", "file 'x' | stdout()" } },
    ["1 for a run that fails"] = { 1, { "run", "-e", "file '/nowhere' | decode 'json' | stdout()" } },
    ["4 for a plugin that is refused"] = { 4, { "run", "-e", "load '/etc/passwd'.x | stdout()" } },
  } do
    it("ends with " .. text, function()
      local _, err, code = perigee(case[2])
      assert.equal(case[1], code)
      assert.is_true(#err > 0)
    end)
  end

  it("ends with 0 when its reader goes", function()
    for _, arguments in ipairs { "run -e 'rows(big) | stdout \"csv\"'", "plugins ops", "--help" } do
      arguments = arguments:gsub("rows%(big%)",
        "(function() local t = {} for i = 1, 200000 do t[i] = { a = i } end return rows(t) end)()")
      local codes = helper.file()
      assert(os.execute(("{ %s %s; echo $? >%s; } | head -c 1 >/dev/null")
        :format(quote(program), arguments, codes)))
      assert.equal("0\n", helper.read(codes), arguments)
    end
  end)

  it("ends with 1 when its output cannot be written", function()
    for _, arguments in ipairs { { "plugins", "ops" },
      { "run", "-e", "rows { { a = 1 } } | stdout 'csv'" } } do
      local _, err, code = perigee(arguments, "/dev/full")
      assert.equal(1, code, err)
    end
  end)

  -- Sends a signal to a run that would never end: its output and exit code.
  local function interrupted(signal)
    local out, err = helper.file(), helper.file()
    local code = [[(function()
      local source = define.source { name = "forever", open = function()
        local n = 0
        return function()
          n = n + 1
          if n == 1 then log "polled" end
          return { { n = n } }
        end
      end }
      return source() | group { n = max "n" } | stdout "json"
    end)()]]
    local command = ([[env --default-signal %s run --log-level info -e %s >%s 2>%s &
      until grep -q polled %s; do sleep 0.05; done
      kill -%s $!; wait $!; echo $?]]):format(quote(program), quote(code), out, err, err, signal)
    local pipe <close> = assert(io.popen(command))
    local said = pipe:read "a"
    return helper.read(out), tonumber(said)
  end

  it("ends with 130 when it is interrupted, with what it had", function()
    local out, code = interrupted "INT"
    assert.equal(130, code)
    assert.matches('^{"n":%d+}\n$', out)
  end)

  it("ends with 0 when it is terminated, with what it had", function()
    local out, code = interrupted "TERM"
    assert.equal(0, code)
    assert.matches('^{"n":%d+}\n$', out)
  end)
end)

-- parallel_spec.lua - functions of rows on the workers, each in a Lua state of
-- its own: what comes out is what one state gives.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local read <const> = [[file(arg[1]) | decode "combined" | ]]

local jobs <const> = {
  { "fields, rows dropped and rows rejected", [[each(function(row)
      row.kb = ("%.1f"):format((row.bytes or 0) / 1024)
      row.big = #row.path > 12 or nil
      if row.status == 503 then error("unavailable: " .. row.path) end
      return row.status < 500
    end, { parallel = true }) | drop { "agent", "referer" } | stdout "json"]] },
  { "a condition", [[where(function(row) return row.path:find "s/" end, { parallel = true })
      | select { "path", "status" } | stdout "csv"]] },
  { "a group behind it", [[each(function(row) row.section = row.path:match "^/[^/]*" end,
      { parallel = true }) | group { by = "section", n = count(), kb = mean("bytes / 1024") }
      | stdout "json"]] },
  { "many groups behind it", [[each(function(row)
      row.key = (row.bytes or 0) % 7 > 0 and row.path .. row.time % 3000000000000 // 1000000000
    end, { parallel = true }) | group { by = { "key", "method" }, n = count(),
      p50 = quantile("bytes", 0.5), p99 = quantile("bytes", 0.99), least = min "agent",
      kinds = distinct "status" } | stdout "json"]] },
  { "stages of both kinds", [[where "status ~= 304"
      | each(function(row) row.a = row.path:upper() end, { parallel = true })
      | derive { b = "bytes / 2" }
      | each(function(row) row.c = row.a .. tostring(row.b) end, { parallel = true })
      | each(function(row) row.d = row.c:len() end)
      | select { "a", "b", "c", "d" } | stdout "csv"]] },
}

-- One row, at the time `late`, decides what those after it become, which lie in
-- chunks that other workers have begun without it.
local learning <const> = {
  { "the order of columns", [[each(function(row)
      if row.time == late then
        row.first = row.path:len()
      elseif row.time > late then
        row.second = row.path:len()
        row.first = row.status
      end
    end, { parallel = true }) | drop { "agent", "referer", "user", "path" } | stdout "json"]] },
  { "a type, so that other values are rejected", [[each(function(row)
      if row.time == late then
        row.x = 1
      elseif row.time > late then
        row.x = row.path:upper()
      end
    end, { parallel = true }) | select { "time", "x" } | stdout "json"]] },
  { "floats, so that integers become floats", [[each(function(row)
      if row.time == late then
        row.x = 0.5
      elseif row.time > late then
        row.x = row.path:len()
      end
    end, { parallel = true }) | each(function(row) row.y = tostring(row.x) end, { parallel = true })
      | select { "time", "x", "y" } | stdout "json"]] },
}

local function run_code(code, options)
  return program.sh(("perigee run %s -e %s access.log"):format(options, program.quote(code)))
end

describe("functions that may run in parallel", function()
  local late

  local function run(job, options)
    return run_code(("local late = %s\nreturn %s%s"):format(late, read, job), options)
  end

  -- Times that only grow, over several chunks of 1 MB.
  setup(function()
    program.setup()
    local lines = {}
    for line in io.lines(program.root .. "/examples/data/access.log") do
      lines[#lines + 1] = line:find "%]" and line -- not the damaged one
    end
    local rows = {}
    for i = 1, 25000 do
      local line = lines[i % #lines + 1]
      rows[i] = line:gsub("%[[^%]]*%]", os.date("![%d/%b/%Y:%H:%M:%S +0000]", 1700000000 + i), 1)
    end
    program.write("access.log", table.concat(rows, "\n") .. "\n")
    late = (1700000000 + 15000) * 1000000000
  end)

  teardown(program.teardown)

  for _, job in ipairs(jobs) do
    it("give the same with any number of workers, in batches of any size: " .. job[1], function()
      local expected
      for _, workers in ipairs { 1, 4 } do
        for _, rows in ipairs { 1, 7, 4096 } do
          local out, err, code = run(job[2], ("--workers %d --batch-rows %d"):format(workers, rows))
          assert.equal(0, code, err)
          expected = expected or { out, err }
          assert.is_true(expected[1] == out and expected[2] == err,
            ("%d workers, batches of %d: %s"):format(workers, rows, err))
        end
      end
      assert.is_true(#expected[1] > 0)
    end)
  end

  for _, job in ipairs(learning) do
    it("learn in the order of the rows: " .. job[1], function()
      for _, rows in ipairs { 7, 1000000 } do
        local out, err, code = run(job[2], "--workers 1 --batch-rows " .. rows)
        assert.equal(0, code, err)
        assert.is_true(#out > 0)
        for _ = 1, 3 do
          local again, why = run(job[2], "--workers 4 --batch-rows " .. rows)
          assert.is_true(out == again and err == why, ("batches of %d: %s"):format(rows, why))
        end
      end
    end)
  end

  it("run in states of their own", function()
    local job = [[local id = {} print(tostring(id)) return %seach(function(row)
      row.id = tostring(id)
    end, { parallel = %s }) | group { by = "id", n = count() } | stdout "json"]]
    local out, err = run_code(job:format(read, "true"), "--workers 2")
    local main = err:match "table: %S+"
    assert.is_truthy(main)
    assert.is_nil(out:find(main, 1, true))
    out, err = run_code(job:format(read, "false"), "--workers 2")
    assert.is_truthy(out:find(err:match "table: %S+", 1, true))
    out, err = run_code(job:format(read, "true"), "--workers 1")
    assert.is_truthy(out:find(err:match "table: %S+", 1, true))
  end)

  -- What leads to the function, and what a plan says of it.
  local places <const> = {
    { read .. [[where "status > 0" | derive { kb = "bytes / 1024" }]], nil },
    { ("merge { %s select 'path' }"):format(read), nil },
    { read .. [[head(100000)]], "in order: it comes after 'head' (-e:2)" },
    { read .. [[sort "path" | where "status > 0"]],
      "in order: it comes after 'sort' (-e:2)" },
    { read .. [[each(function(row) row.x = #row.path:upper() end)]],
      "in order: it comes after 'each' (-e:2)" },
    { read .. [[tee { stdout "csv" }]], "in order: it comes after 'tee' (-e:2)" },
    { read .. [[route { { when = "status > 400", stdout "csv" }, { otherwise = true } }]],
      "in order: it comes after 'route' (-e:2)" },
    { read .. [[route { { when = "status > 400", drop "path" } }]],
      "in order: several branches lead to it" },
    { ("merge { %s, %s } | drop 'path'"):format(read:gsub(" | $", ""), read:gsub(" | $", "")),
      "in order: it comes after 'merge' (-e:2)" },
    { "rows { { path = '/' } }", "in order: its rows come from 'rows', not from a decoder" },
  }

  for _, place in ipairs(places) do
    it("run where the plan says after " .. place[1], function()
      local code = ([[local id = {} print(tostring(id)) return
        %s
        | each(function(row) row.id = tostring(id) end, { parallel = true })
        | group { by = "id", n = count() } | stdout "json"]]):format(place[1]:gsub(" | $", ""))
      local plan = program.sh(("perigee plan -e %s access.log"):format(program.quote(code)))
      assert.equal(place[2] and "in Lua: it reads a global; " .. place[2]
        or "in the Lua of each worker: it reads a global",
        plan:match "each  %(%-e:3%)\n *a function; runs ([^\n]*)")
      local out, err = run_code(code, "--workers 2")
      local in_main = out:find(err:match "table: %S+", 1, true) ~= nil
      assert.equal(place[2] ~= nil, in_main)
    end)
  end

  it("let the script speak once, and functions as often as they want", function()
    local _, err = run_code(([[print "made" log "made" return %seach(function(row)
      if row.time < %d then print("early", row.path:len()) end
    end, { parallel = true }) | stdout "json"]]):format(read, 1700000004 * 1000000000),
      "--workers 4 -v")
    assert.equal(2, select(2, err:gsub("made", "")))
    assert.equal(3, select(2, err:gsub("early\t%d", "")))
  end)

  it("take a script that can be read only once", function()
    program.write("job.lua", "local p = require 'perigee' return p." .. read:gsub("| ", "| p.")
      .. [[each(function(row) row.up = row.path:upper() end, { parallel = true })
        | p.group { by = "up", n = p.count() } | p.stdout "csv"]])
    local expected = program.sh "perigee run --workers 1 job.lua access.log"
    local out, err, code = program.sh "cat job.lua | perigee run --workers 4 /dev/stdin access.log"
    assert.equal(0, code, err)
    assert.equal(expected, out)
  end)

  it("call plugins, with objects of their own", function()
    local plugins = program.path:gsub("[^/]*$", "spec/plugins/")
    local job = ([[local all, class = load %q, load %q
      local counter = class.counter(7)
      return %seach(function(row)
        if counter:add(1) < 8 then error "somebody else's counter" end
        row.twice = all["repeat"](row.method, 2)
        row.inverse = all.invert(row.status - 404)
      end, { parallel = true }) | select { "twice", "inverse" } | stdout "csv"]])
      :format(plugins .. "types_all.so", plugins .. "types_class.so", read)
    local expected, said = run_code(job, "--workers 1")
    local out, err, code = run_code(job, "--workers 4")
    assert.equal(0, code, err)
    assert.matches("division by zero", err)
    assert.equal(said, err)
    assert.is_true(#out > 10000 and expected == out)
  end)

  it("miss names together", function()
    local _, err = run([[each(function(row)
        if row.time > late then row.late = "x" end
        return row.later == nil and row.late ~= "y"
      end, { parallel = true }) | stdout "json"]], "--workers 4")
    assert.equal(1, select(2, err:gsub("never appeared", "")), err)
    assert.matches("%-e:%d+: each: column 'later' never appeared; did you mean 'late'%?\n", err)
  end)

  it("end the run as others do when one of them cannot go on", function()
    local out, err, code = run([[each(function(row) row.a = row.path:upper() end, { parallel = true })
      | derive { b = "a + 1" } | stdout "json"]], "--workers 4")
    assert.equal("", out)
    assert.equal(1, code)
    assert.matches("derive", err)
  end)
end)

describe("a script that runs again", function()
  setup(function()
    program.setup()
    program.sh("cp " .. program.quote(program.root .. "/examples/data/access.log") .. " access.log")
  end)

  teardown(program.teardown)

  local function refused(job, why)
    local out, err, code = run_code(job, "--workers 2")
    assert.equal(3, code, err)
    assert.equal("", out)
    assert.matches(why, err, 1, true)
    out, err, code = run_code(job, "--workers 1")
    assert.equal(0, code, err)
    assert.is_true(#out > 0)
  end

  local each <const> = [[each(function(row) row.a = row.path:upper() end, { parallel = true })
    | stdout "json"]]

  it("must make the same stages", function()
    refused(([[local n = math.random(1 << 40)
      return %swhere("bytes ~= " .. n)
        | %s]]):format(read, each),
      "-e:2: where: the script made this stage otherwise when it ran again for a worker; with"
        .. " parallel = true it must make the same plan each time it runs")
    refused(([[local name = ("%%x"):format(math.random(1 << 60))
      return %sderive { [name] = "1" } | %s]]):format(read, each), "-e:2: derive: the script made")
  end)

  it("must make as many stages", function()
    refused(([[local s = %swhere "status > 0"
      for _ = 1, math.random(1 << 30) %% 1000 do
        s = s | where "status > 0"
      end
      return s | %s]]):format(read, each), "when it ran again for a worker")
  end)

  it("must make the same functions", function()
    refused(([[local n = math.random(1 << 60)
      return %seach(function(row) row.a = tostring(n) end, { parallel = true })
        | stdout "json"]]):format(read), "-e:2: each: the script made this stage otherwise")
    refused(([[local n = math.random(1 << 60)
      local function number() return n end
      return %seach(function(row) row.a = tostring(number()) end, { parallel = true })
        | stdout "json"]]):format(read), "-e:3: each: the script made this stage otherwise")
  end)

  it("may do as it likes where nothing is parallel", function()
    local _, err, code = run_code(([[local n = math.random(1 << 60)
      return %seach(function(row) row.a = tostring(n) end) | stdout "json"]]):format(read),
      "--workers 2")
    assert.equal(0, code, err)
  end)
end)

-- bench.lua - times the five jobs beside other tools and beside the floor.
--
--   cmake --build build --target bench        or, with choices:
--   lua5.4 spec/bench/bench.lua [--events N] [--runs N] [--jobs w1,w2] [--workers 1,2]
--                               [--peers mawk,jq | --no-peers]
--
-- Data goes to build/bench and is made once.  Every round runs all tools of a
-- job in turn, so that a slow moment of the machine meets all of them; the median
-- of the rounds is shown.  CPU is user + system of the whole process.  Each table
-- is kept in build/bench/tables-N; the ratio to the newest figure of another commit
-- (a "+": with changes) is the last column.
-- Needs lua5.4, /usr/bin/time (Debian: lua5.4, time) and a release build.

local here = arg[0]:match "^(.*)/[^/]*$" or "."
local jobs = dofile(here .. "/jobs.lua")

local function usage(message)
  io.stderr:write("bench: ", message, "; see the head of ", arg[0], "\n")
  os.exit(2)
end

local function split(text)
  local list = {}
  for part in text:gmatch "[^,]+" do
    list[#list + 1] = part
  end
  return list
end

local function read_options()
  local options = { events = 1000000, runs = 3, workers = { "1", "2" }, build = "build" }
  local i = 1
  while arg[i] do
    local name, value = arg[i]:match "^%-%-([%w-]+)$", arg[i + 1]
    if name == "no-peers" then
      options.peers, i = {}, i + 1
    elseif name == "events" or name == "runs" then
      options[name], i = math.tointeger(tonumber(value)) or usage(name .. " is not a number"), i + 2
    elseif (name == "jobs" or name == "workers" or name == "peers") and value then
      options[name], i = split(value), i + 2
    elseif name == "build" and value then
      options.build, i = value, i + 2
    else
      usage(("unknown option '%s'"):format(arg[i]))
    end
  end
  return options
end

local function capture(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return (pipe:read "a":gsub("%s+$", ""))
end

local function has(tool)
  return capture("command -v " .. tool) ~= ""
end

local function set_of(list)
  local set = {}
  for _, item in ipairs(list) do
    set[item] = true
  end
  return set
end

-- Makes the data once for each number of events.
local function data_of(options)
  local dir = ("%s/bench/%d"):format(options.build, options.events)
  local done <close> = io.open(dir .. "/done")
  if not done then
    io.stderr:write(("bench: making %d events in %s\n"):format(options.events, dir))
    assert(os.execute(("mkdir -p %s && %s/bench/generate %d %s && touch %s/done")
      :format(dir, options.build, options.events, dir, dir)))
  end
  return dir
end

-- What runs in one job: {tool=, command=}; `INPUT` is the input, `HERE` this folder.
local function contestants(options, job)
  local list = {}
  for _, workers in ipairs(options.workers) do
    list[#list + 1] = { tool = "perigee " .. workers, ours = true,
      command = ("%s/perigee run --workers %s %s/jobs/%s.lua INPUT")
        :format(options.build, workers, here, job.name) }
  end
  local wanted = options.peers and set_of(options.peers)
  for _, peer in ipairs(job.peers) do
    if (not wanted or wanted[peer.tool]) and has(peer.tool) then
      list[#list + 1] = peer
    end
  end
  list[#list + 1] = { tool = "wc -l", floor = true, command = "LC_ALL=C wc -l INPUT" }
  list[#list + 1] = { tool = "cat", floor = true, command = "cat INPUT" }
  return list
end

-- One run: wall and CPU seconds, peak memory in MiB.
local function time(command, out)
  local file = os.tmpname()
  local ok = os.execute(("/usr/bin/time -o %s -f '%%e %%U %%S %%M' sh -c %s")
    :format(file, ("'%s'"):format(("exec " .. command .. " >" .. out):gsub("'", [['\'']]))))
  local line
  for text in io.lines(file) do
    line = text
  end
  os.remove(file)
  local wall, user, system, memory = (line or ""):match "^([%d.]+) ([%d.]+) ([%d.]+) (%d+)$"
  if not ok or not wall then
    return nil
  end
  return { wall = tonumber(wall), cpu = user + system, memory = memory / 1024 }
end

local function median(runs, name)
  local values = {}
  for i, run in ipairs(runs) do
    values[i] = run[name]
  end
  table.sort(values)
  return values[(#values + 1) // 2]
end

local function size_of(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:seek "end"
end

-- `exec` takes one command: a leading VAR=value goes before it.
local function command_of(one, input)
  local text = one.command:gsub("INPUT", function() return input end):gsub("HERE", function() return here end)
  local env, rest = text:match "^(%u[%w_]*=%S+) (.*)$"
  return env and ("env %s %s"):format(env, rest) or text
end

local function run_job(options, job, dir)
  local input = dir .. "/" .. job.input
  local list = contestants(options, job)
  for round = 0, options.runs do -- round 0 warms the page cache and is left out
    for _, one in ipairs(list) do
      one.runs = one.runs or {}
      local result = (round > 0 or one.ours or one.floor) and time(command_of(one, input), "/dev/null")
      if round > 0 then
        one.runs[#one.runs + 1] = result or nil
      end
    end
  end
  local rows, bytes = {}, size_of(input)
  for _, one in ipairs(list) do
    if #one.runs > 0 then
      local cpu, wall = median(one.runs, "cpu"), median(one.runs, "wall")
      rows[#rows + 1] = { job = job.name, tool = one.tool, ours = one.ours, floor = one.floor,
        cpu = cpu, wall = wall, memory = median(one.runs, "memory"),
        mb_per_s = bytes / 1e6 / math.max(wall, 0.01),
        events_per_s = options.events / math.max(wall, 0.01) }
    else
      io.stderr:write(("bench: %s: %s failed\n"):format(job.name, one.tool))
    end
  end
  return rows
end

-- The best peer and the floor of a job, for the ratios.
local function compare(rows, before)
  local best, floor
  for _, row in ipairs(rows) do
    if not row.ours and not row.floor and (not best or row.cpu < best) then
      best = row.cpu
    elseif row.tool == "cat" then
      floor = row.cpu
    end
  end
  for _, row in ipairs(rows) do
    row.to_best = best and row.ours and row.cpu / best or nil
    row.to_floor = floor and floor > 0 and row.cpu / floor or nil
    local old = before[row.job .. " " .. row.tool]
    row.to_before = old and old > 0 and row.cpu / old or nil
  end
end

local function ratio(value)
  return value and ("%.2fx"):format(value) or ""
end

local function print_rows(job, rows)
  print(("\n%s  %s"):format(job.name, job.title))
  print(("  %-12s %8s %8s %8s %10s %8s %9s %8s %9s"):format("tool", "cpu s", "wall s", "MB/s",
    "events/s", "MiB", "best peer", "cat", "before"))
  for _, row in ipairs(rows) do
    print(("  %-12s %8.2f %8.2f %8.0f %10.0f %8.1f %9s %8s %9s"):format(row.tool, row.cpu, row.wall,
      row.mb_per_s, row.events_per_s, row.memory, ratio(row.to_best), ratio(row.to_floor),
      ratio(row.to_before)))
  end
end

-- How the first of ours stands to each of the others.
local function print_peers(rows)
  local parts = {}
  for _, row in ipairs(rows) do
    if not row.ours and not row.floor then
      parts[#parts + 1] = ("%.3fx %s"):format(rows[1].cpu / row.cpu, row.tool)
    end
  end
  if rows[1].ours and #parts > 0 then
    print(("  %s: %s"):format(rows[1].tool, table.concat(parts, ", ")))
  end
end

local function json_of(row)
  local parts = {}
  for _, name in ipairs { "job", "tool", "cpu", "wall", "memory", "mb_per_s", "events_per_s" } do
    local value = row[name]
    parts[#parts + 1] = type(value) == "string" and ("%q:%q"):format(name, value)
      or ("%q:%.6g"):format(name, value)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

-- The newest CPU seconds of each tool in tables of other commits.
local function read_before(dir, commit)
  local before = {}
  for path in capture(("ls -tr %s/*.ndjson"):format(dir)):gmatch "[^\n]+" do
    if path:match "%-(%w+%+?)%.ndjson$" ~= commit then
      for line in io.lines(path) do
        local job, tool, cpu = line:match '"job":"(.-)","tool":"(.-)","cpu":([%d.e+-]+)'
        if job then
          before[job .. " " .. tool] = tonumber(cpu)
        end
      end
    end
  end
  return before
end

local function main()
  local options = read_options()
  local dir = data_of(options)
  local tables = ("%s/bench/tables-%d"):format(options.build, options.events)
  assert(os.execute("mkdir -p " .. tables))
  local commit = capture(("git -C %s rev-parse --short HEAD; git -C %s diff --quiet HEAD || echo +")
    :format(here, here)):gsub("\n", "")
  local before = read_before(tables, commit)
  print(("%d events, median of %d runs, commit %s, %s, %s"):format(options.events, options.runs,
    commit, os.date "!%Y-%m-%d", capture "sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1"))
  local wanted = options.jobs and set_of(options.jobs)
  local path = ("%s/%s-%s.ndjson"):format(tables, os.date "!%Y%m%dT%H%M%S", commit)
  local out <close> = assert(io.open(path, "w"))
  for _, job in ipairs(jobs) do
    if not wanted or wanted[job.name] then
      local rows = run_job(options, job, dir)
      compare(rows, before)
      print_rows(job, rows)
      print_peers(rows)
      for _, row in ipairs(rows) do
        out:write(json_of(row), "\n")
      end
    end
  end
  print("\nas JSON: " .. path)
end

main()

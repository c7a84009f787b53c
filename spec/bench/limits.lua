-- limits.lua - what a run costs besides its work: its start, its memory, a stage
-- that does nothing; each beside the most that it may be.
--
--   lua5.4 spec/bench/limits.lua [BUILD [EVENTS]]
--
-- Uses the data of bench.lua.  Needs /usr/bin/time (Debian: time).

local build, events = arg[1] or "build", math.tointeger(tonumber(arg[2] or "1000000"))
local here <const> = arg[0]:match "^(.*)/[^/]*$" or "."
local data <const> = ("%s/bench/%d"):format(build, events)
local ROUNDS <const>, STARTS <const> = 5, 100

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

-- Wall and CPU seconds, and peak memory in MiB, of the whole process.
local function time(command)
  local file = os.tmpname()
  assert(os.execute(("/usr/bin/time -o %s -f '%%e %%U %%S %%M' sh -c %s >/dev/null")
    :format(file, quote(command))), command)
  local line
  for text in io.lines(file) do
    line = text
  end
  os.remove(file)
  local wall, user, system, memory = line:match "^([%d.]+) ([%d.]+) ([%d.]+) (%d+)$"
  return { wall = tonumber(wall), cpu = user + system, memory = memory / 1024 }
end

local function run(code, workers)
  return ("exec %s/perigee run --workers %d -e %s"):format(build, workers or 1, quote(code))
end

local function median(list)
  table.sort(list)
  return list[(#list + 1) // 2]
end

-- CPU seconds that `with` takes more than `without`, in turns.
local function difference(with, without)
  local list = {}
  for i = 1, ROUNDS do
    list[i] = time(with).cpu - time(without).cpu
  end
  return median(list)
end

-- Milliseconds of one run, of many in a row, less those of a shell that starts true.
local function start(code)
  local loop = "for i in $(seq %d); do %s; done"
  local ours = loop:format(STARTS, run(code):gsub("^exec ", ""))
  local list = {}
  for i = 1, ROUNDS do
    list[i] = (time(ours).wall - time(loop:format(STARTS, "/bin/true")).wall) / STARTS * 1e3
  end
  return median(list)
end

local function memory_of_jobs()
  local most = 0
  for _, job in ipairs { "w1", "w2", "w3", "w4", "w5" } do
    local input = job == "w1" and "access.log" or job == "w4" and "events.csv" or "events.ndjson"
    local one = time(("exec %s/perigee run --workers 2 %s/jobs/%s.lua %s/%s")
      :format(build, here, job, data, input))
    most = math.max(most, one.memory / 2)
  end
  return most
end

-- Peak memory after eight times the input, as a ratio to that after it.
local function growth(stage)
  local function of(times)
    local inputs = {}
    for i = 1, times do
      inputs[i] = ("%q"):format(data .. "/events.ndjson")
    end
    return time(run(("return file { %s } | decode 'json' | %s | stdout 'json'")
      :format(table.concat(inputs, ", "), stage))).memory
  end
  return of(8) / of(1)
end

local done <close> = io.open(data .. "/done")
if not done then
  assert(os.execute(("mkdir -p %s && %s/bench/generate %d %s && touch %s/done")
    :format(data, build, events, data, data)))
end

local small <const> = [[return file "/dev/null" | decode "json" | stdout "json"]]
-- How many lines there are, with a stage more before that.
local function counted(stage)
  return run(([[return file "%s/events.ndjson" | decode "lines" %s | group { n = count() } | stdout()]])
    :format(data, stage))
end

local in_lua <const> = "each(function(e) e.lat_s = tonumber(e.latency_ms) / 1000 end)"

local rows <const> = {
  { "start: run -e on an empty input, ms", 5, function() return start(small) end },
  { "peak memory of that, MiB", 8, function() return time(run(small)).memory end },
  { "peak memory of W1 to W5, MiB a worker", 64, memory_of_jobs },
  { "peak memory after 8 inputs, to 1: columns", 1.1, function() return growth "where 'status > 0'" end },
  { "  a function in Lua for each event", 1.1, function() return growth(in_lua) end },
  { "batches that does nothing, us an event", 0.05, function()
    return difference(counted "| batches(function(b) return b end)", counted "") / events * 1e6
  end },
}

print(("%-46s %8s %8s"):format("", "at most", "found"))
for _, row in ipairs(rows) do
  local found = row[3]()
  print(("%-46s %8.2f %8.3f  %s"):format(row[1], row[2], found, found <= row[2] and "met" or "not met"))
end

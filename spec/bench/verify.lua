-- verify.lua - compares what the jobs give with what other tools give.
--
--   lua5.4 spec/bench/verify.lua [BUILD]
--
-- 50,000 events; every job through perigee with one and with several workers,
-- and through mlr and jq, which parse JSON and CSV for real; the access log by a
-- few lines of Lua.  The same rows have to come from every tool that is measured
-- beside perigee (jobs.lua) and installed, else their times would not compare.
-- Rows are compared as sets of name and value, numbers as numbers.  Ends with 1
-- when any differ.  Needs mlr and jq (Debian: miller, jq).

local here = arg[0]:match "^(.*)/[^/]*$" or "."
local build = arg[1] or "build"
local dir = build .. "/bench/verify"

local function read(command)
  local pipe <close> = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  assert(pipe:close(), "failed: " .. command)
  return lines
end

-- jq prints every row with sorted names and numbers in one spelling.
local canonical <const> = [[jq -c -S 'walk(if type == "number" then (. * 1e9 | round) / 1e9 else . end)']]

-- The ten paths with the most errors: sorts the bytes of each, and looks.
local function of_access_log()
  local paths, list = {}, {}
  for line in io.lines(dir .. "/access.log") do
    local path, status, bytes = line:match '"%u+ (%S+) [^"]*" (%d+) (%d+)'
    if tonumber(status) >= 500 then
      local one = paths[path] or { path = path, sum = 0 }
      paths[path], one[#one + 1] = one, tonumber(bytes)
      one.sum = one.sum + tonumber(bytes)
    end
  end
  for _, one in pairs(paths) do
    table.sort(one)
    list[#list + 1] = one
  end
  table.sort(list, function(a, b) return #a ~= #b and #a > #b or #a == #b and a.path < b.path end)
  local rows = {}
  for i = 1, 10 do
    local one = list[i]
    rows[i] = ('{"bytes":%d,"n":%d,"p50":%d,"p99":%d,"path":"%s"}'):format(one.sum, #one,
      one[math.ceil(0.5 * #one)], one[math.ceil(0.99 * #one)], one.path)
  end
  return rows
end

local function jobs_of()
  local ours = ("%s/perigee run --workers %%d %s/jobs/%%s.lua %s/%%s"):format(build, here, dir)
  local function perigee(job, input, workers, csv)
    local command = ours:format(workers, job, input)
    return command .. (csv and " | mlr --icsv --ojsonl cat" or "") .. " | " .. canonical
  end
  local json, csv = dir .. "/events.ndjson", dir .. "/events.csv"
  local added = ("jq -c '. + {lat_s: (.latency_ms / 1000)}' %s"):format(json)
  local rename = "rename bytes_count,n,bytes_sum,bytes,latency_ms_mean,latency"
  return {
    { "w1", "access.log", perigee = perigee, csv = true, rows = of_access_log },
    { "w2", "events.ndjson", perigee = perigee, reference = ([[jq -c 'select(.level == "error")
      | {ts, service, path, user_id, kbps: (.bytes / .latency_ms)}' %s]]):format(json) },
    { "w3", "events.ndjson", perigee = perigee, csv = true, reference =
      ([[mlr --ijsonl --ojsonl stats1 -a count,sum,mean -f bytes,latency_ms -g service,status ]]
      .. [[then cut -o -f service,status,bytes_count,bytes_sum,latency_ms_mean then %s ]]
      .. [[then sort -f service -nf status %s]]):format(rename, json) },
    { "w4", "events.csv", perigee = perigee,
      reference = ("mlr --icsv --ojsonl filter '$status >= 500' %s"):format(csv) },
    { "w5", "events.ndjson", perigee = perigee, reference = added },
    { "w5_each", "events.ndjson", perigee = perigee, reference = added },
    { "w5_lua", "events.ndjson", perigee = perigee, reference = added },
    { "w5_lua_parallel", "events.ndjson", perigee = perigee, reference = added },
  }
end

-- What a peer prints without names, and what it leaves out: awk has no quantiles.
local unnamed <const> = {
  w1 = "path,n,bytes", w3 = "service,status,n,bytes,latency",
}
-- duckdb and fluent-bit spell times and numbers in ways of their own.
local compared <const> = { mawk = true, gawk = true, mlr = true, jq = true, ["lua5.4"] = true }

local function is_installed(peer)
  local needs = peer.tool == "lua5.4" and [[lua5.4 -e 'require "cjson"' 2>/dev/null]]
    or "command -v " .. peer.tool .. " >/dev/null"
  return compared[peer.tool] and os.execute(needs)
end

-- awk does not know the quotes of CSV: it gets the rows without, and those alone
-- are compared.
local function knows_all(job, peer)
  return job.name ~= "w4" or peer.tool == "mlr"
end

local function rows_of_peer(job, peer)
  local input = ("%s/%s"):format(dir, knows_all(job, peer) and job.input or "plain.csv")
  local command = peer.command:gsub("INPUT", input)
  local names = unnamed[job.name]
  if names then
    command = ("{ echo %s; %s; } | mlr --icsv --ojsonl cat"):format(names, command)
  end
  return read(command .. " | " .. canonical)
end

-- What the peer can have of those rows.
local function cut(rows, job, peer)
  if not knows_all(job, peer) then
    return read(("mlr --icsv --ojsonl filter '$status >= 500' %s/plain.csv | %s"):format(dir, canonical))
  end
  local list = {}
  for i, row in ipairs(rows) do
    list[i] = job.name == "w1" and row:gsub('"p%d+":%d+,', "") or row
  end
  return list
end

local function first_difference(a, b)
  for i = 1, math.max(#a, #b) do
    if a[i] ~= b[i] then
      return i
    end
  end
  return nil
end

if not os.execute "command -v mlr >/dev/null && command -v jq >/dev/null" then
  print "verify: not done, for mlr or jq is not installed"
  os.exit(0)
end
assert(os.execute(("mkdir -p %s && %s/bench/generate 50000 %s"):format(dir, build, dir)))
assert(os.execute(([[grep -v '"' %s/events.csv >%s/plain.csv]]):format(dir, dir)))
local failed = false
local function compare(what, got, expected)
  local at = first_difference(got, expected)
  if at then
    failed = true
    print(("%s: row %d differs\n  expected %s\n  got      %s"):format(what, at, expected[at], got[at]))
  else
    print(("%s: %d rows agree"):format(what, #got))
  end
end

local peers = {}
for _, job in ipairs(dofile(here .. "/jobs.lua")) do
  peers[job.name] = job
end
for _, job in ipairs(jobs_of()) do
  local expected = job.rows and job.rows() or read(job.reference .. " | " .. canonical)
  for _, workers in ipairs { 1, 4 } do
    local got = read(job.perigee(job[1], job[2], workers, job.csv))
    compare(("%s, %d workers"):format(job[1], workers), got, expected)
  end
  local measured = peers[job[1]]
  for _, peer in ipairs(measured.peers) do
    if is_installed(peer) then
      local got = rows_of_peer(measured, peer)
      compare(("%s, %s"):format(job[1], peer.tool), got, cut(expected, measured, peer))
    end
  end
end
os.exit(failed and 1 or 0)

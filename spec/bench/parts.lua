-- parts.lua - the parts by themselves, each beside its floor: decoders and encoders
-- beside memcpy, read and the scan for newlines; expressions, groups, aggregates and
-- sorting beside loops, and what crosses between Lua and C beside functions, written
-- by hand; plain functions over columns beside the same in Lua.
--
--   cmake --build build --target bench_parts        or
--   lua5.4 spec/bench/parts.lua [BUILD]
--
-- Each table is kept in build/bench/tables-parts; the last column is the ratio to
-- the newest figure of another commit (a "+": with changes): below 1 is quicker.

local build <const> = arg[1] or "build"
local here <const> = arg[0]:match "^(.*)/[^/]*$" or "."
local tables <const> = build .. "/bench/tables-parts"
local data <const> = build .. "/bench/50000"

local function capture(command)
  local pipe <close> = assert(io.popen(command .. " 2>/dev/null"))
  return (pipe:read "a":gsub("%s+$", ""))
end

-- `better`: is more better?
local programs <const> = {
  { name = "codecs, GB/s", better = true,
    command = ("%s/bench/codecs %s/native %s"):format(build, build, data),
    pattern = "^(.-) +([%d.]+) GB/s" },
  { name = "expressions, million rows/s", better = true,
    command = ("%s/bench/program_bench %s/native/ops.so"):format(build, build),
    pattern = "^(%S.-)  +([%d.]+)" },
  { name = "groups and aggregates, million rows/s", better = true,
    command = ("%s/bench/group_bench %s/native/aggregates.so"):format(build, build),
    pattern = "^(%S.-)  +([%d.]+)" },
  { name = "sort, million rows/s", better = true,
    command = ("%s/bench/sort_bench %s/native"):format(build, build),
    pattern = "^(%S.-)  +([%d.]+)" },
  { name = "plain functions: over columns, in Lua, ns a row", better = false,
    command = ("for i in 1 2 3; do %s/perigee run -q --workers 1 %s/plain.lua $i; done"):format(build, here),
    pattern = "^(%S.-)  +([%d.]+)" },
  { name = "calls, ns", better = false,
    command = ("%s/bench/border_bench %s/spec/plugins 31"):format(build, build),
    pattern = "^(%S.-)  +([%d.]+) +[%d.]+$" },
}

-- The newest figures in tables of other commits.
local function read_before(commit)
  local before = {}
  for path in capture(("ls -tr %s/*.tsv"):format(tables)):gmatch "[^\n]+" do
    if path:match "%-(%w+%+?)%.tsv$" ~= commit then
      for line in io.lines(path) do
        local name, value = line:match "^(.-)\t([%d.]+)$"
        before[name or line] = tonumber(value)
      end
    end
  end
  return before
end

-- Of this run, less than 1 is quicker.
local function to_before(program, name, value, before)
  local old = before[program.name .. ": " .. name]
  if not old or old == 0 or value == 0 then
    return ""
  end
  return ("  %.2fx"):format(program.better and old / value or value / old)
end

local function run(program, before, out)
  print("\n" .. program.name)
  local pipe = assert(io.popen(program.command))
  local seen = {}
  for line in pipe:lines() do
    local name, value = line:match(program.pattern)
    local is_floor = name and name:find "^floor"
    if name and not is_floor and not seen[name] then
      seen[name] = true
      print(("%-90s%s"):format(line, to_before(program, name, tonumber(value), before)))
      out:write(program.name, ": ", name, "\t", value, "\n")
    else
      print(line)
    end
  end
  if not pipe:close() then
    error(program.command .. " failed", 0)
  end
end

assert(os.execute(("mkdir -p %s %s && %s/bench/generate 50000 %s"):format(tables, data, build, data)))
local commit = capture(("git -C %s rev-parse --short HEAD; git -C %s diff --quiet HEAD || echo +")
  :format(here, here)):gsub("\n", "")
local before = read_before(commit)
local path = ("%s/%s-%s.tsv"):format(tables, os.date "!%Y%m%dT%H%M%S", commit)
print(("commit %s, %s, %s"):format(commit, os.date "!%Y-%m-%d",
  capture "sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1"))
do
  local out <close> = assert(io.open(path, "w"))
  for _, program in ipairs(programs) do
    run(program, before, out)
  end
end
print("\nkept: " .. path)

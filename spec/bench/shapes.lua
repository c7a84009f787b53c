-- shapes.lua - what decoders cost when records do not look like those before: by
-- how much their fast paths fall behind on shuffled, nested and dirty data.
--
--   lua5.4 spec/bench/shapes.lua [BUILD [EVENTS]]
--
-- The first EVENTS records of the data of bench.lua, reshaped, go through `codecs`,
-- which times decoders alone: the same events, whatever their shape.  "other" is the
-- part of the records that were changed.  Below it stands what the decoders count:
-- how often they took their short way, and how often they had to fall back; for
-- json also what a whole job says that hands records on as text.

local build, events = arg[1] or "build", math.tointeger(tonumber(arg[2] or "50000"))
local dir <const> = ("%s/bench/shapes"):format(build)
local here <const> = arg[0]:match "^(.*)/[^/]*$" or "."

-- The members of an object, as texts.
local function members(line)
  local list, at = {}, 2
  while true do
    local key, from = line:match('^("[%w_]+":)()', at)
    if not key then
      return list
    end
    local to = line:match("^%b{}()", from) or line:match("^[^\",}]+()", from)
    if not to then
      to = from + 1
      while line:sub(to, to) ~= '"' do
        to = to + (line:sub(to, to) == "\\" and 2 or 1)
      end
      to = to + 1
    end
    list[#list + 1] = key .. line:sub(from, to - 1)
    at = to + 1
  end
end

local function object(list)
  return "{" .. table.concat(list, ",") .. "}"
end

local function shuffled(line)
  local list = members(line)
  for i = #list, 2, -1 do
    local k = math.random(i)
    list[i], list[k] = list[k], list[i]
  end
  return object(list)
end

local function missing(line)
  local list = {}
  for _, member in ipairs(members(line)) do
    if math.random() >= 0.3 then
      list[#list + 1] = member
    end
  end
  return object(list)
end

local function nested(line)
  if math.random() < 0.5 then
    local list = members(line)
    table.insert(list, math.random(#list), '"trace":{"id":[1,2,{"of":"a{b"}],"in":{"to":{}}}')
    return object(list)
  end
end

local function escaped(line)
  return (line:gsub('"/[^"]*"', function(path) return path:gsub("/", "\\/") end))
end

-- One in a hundred is torn.
local function dirty(line)
  if math.random() < 0.01 then
    return line:sub(1, #line // 2)
  end
end

local function quoted(line)
  if not line:find('"', 1, true) then
    return '"' .. line:gsub(",", '","') .. '"'
  end
end

local function stray(line)
  return (line:gsub(",/(%a)", ',/"%1"', 1))
end

-- One in a hundred is of another encoding.
local function latin(line)
  if math.random() < 0.01 then
    return (line:gsub("/", "/\xE9", 1))
  end
end

local function quotes(line)
  return (line:gsub('"$', ' \\"x\\""'))
end

-- A shape answers nil for a record that it leaves as it is.
local function same() end

local formats <const> = {
  { name = "json", file = "events.ndjson", jobs = { "json decode, all", "json decode, 10", "json decode, 3" },
    shapes = { { "as generated", same }, { "keys shuffled", shuffled }, { "30 % missing", missing },
      { "nested", nested }, { "escaped", escaped }, { "dirty", dirty } } },
  { name = "csv", file = "events.csv", jobs = { "csv decode, all", "csv decode, 3" }, head = true,
    shapes = { { "as generated", same }, { "quoted", quoted }, { "stray quotes", stray },
      { "not UTF-8", latin }, { "dirty", dirty } } },
  { name = "combined", file = "access.log", jobs = { "combined decode, all", "combined decode, 3" },
    shapes = { { "as generated", same }, { "escaped", quotes }, { "not UTF-8", latin },
      { "dirty", dirty } } },
}

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  assert(file:write(text))
end

-- The reshaped file; the part of its records that were changed.
local function make(format, shape)
  math.randomseed(1)
  local lines, changed, count = {}, 0, 0
  for line in io.lines(("%s/bench/%d/%s"):format(build, events, format.file)) do
    count = count + 1
    local other = not (format.head and count == 1) and shape(line)
    changed = changed + (other and other ~= line and 1 or 0)
    lines[count] = other or line
  end
  write(("%s/%s"):format(dir, format.file), table.concat(lines, "\n") .. "\n")
  return changed / count
end

-- Nanoseconds a record of each job.  codecs tells gigabytes a second.
local function measure(format)
  local file <close> = assert(io.open(("%s/%s"):format(dir, format.file)))
  local bytes, times = file:seek "end", {}
  local pipe <close> = assert(io.popen(("%s/bench/codecs %s/native %s 1024 '%s decode'")
    :format(build, build, dir, format.name)))
  local last
  for line in pipe:lines() do
    local job, rate = line:match "^(.-) +([%d.]+) GB/s"
    if job then
      times[job], last = bytes / tonumber(rate) / events, job
    elseif last == format.jobs[1] then
      times.counts = line:match "^%s*(.*)"
    end
  end
  return times
end

-- What the decoder of the job that adds a field counts, in all: it keeps records as
-- text where it can.
local function kept()
  local pipe <close> = assert(io.popen(("%s/perigee run -v %s/jobs/w5.lua %s/events.ndjson 2>&1 >/dev/null")
    :format(build, here, dir)))
  return pipe:read "a":match "w5.lua:%d+: decode: ([^\n]*)" or "nothing"
end

local function print_shape(format, name, part, times, regular)
  local cells = {}
  for i, job in ipairs(format.jobs) do
    cells[i] = ("%9.0f %6.2fx"):format(times[job], times[job] / regular[job])
  end
  print(("  %-16s %5.0f %% %s"):format(name, part * 100, table.concat(cells)))
  print("    " .. (times.counts or "nothing counted"))
  if format.name == "json" then
    print("    as W5: " .. kept())
  end
end

assert(os.execute(("mkdir -p %s %s/bench/%d && %s/bench/generate %d %s/bench/%d")
  :format(dir, build, events, build, events, build, events)))
for _, format in ipairs(formats) do
  write(("%s/%s"):format(dir, format.file), "")
end
for _, format in ipairs(formats) do
  local regular
  print(("\n%s: ns of CPU time a record, and the ratio to the regular one: %s"):format(format.name,
    table.concat(format.jobs, "; "):gsub(format.name .. " decode, ", "")))
  print(("  %-16s %7s"):format("shape", "other"))
  for _, shape in ipairs(format.shapes) do
    local part = make(format, shape[2])
    local times = measure(format)
    regular = regular or times
    print_shape(format, shape[1], part, times, regular)
  end
end

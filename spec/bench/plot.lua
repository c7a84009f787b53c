-- plot.lua - draws a table of bench.lua: CPU seconds of every tool and job.
--
--   lua5.4 spec/bench/plot.lua build/bench/tables-N/TABLE.ndjson >plot.svg

local WIDTH <const>, LEFT <const>, BAR <const>, GAP <const> = 720, 150, 15, 20
local colors <const> = { ours = "#c2410c", peer = "#94a3b8", floor = "#e2e8f0" }
local titles <const> = {
  w1 = "Access log: filter, group by path, quantiles", w2 = "NDJSON: filter, compute, project",
  w3 = "NDJSON: group by two keys", w4 = "CSV: filter, typed NDJSON",
  w5 = "NDJSON: add a field, write everything", w5_each = "The same by a plain Lua function, over columns",
  w5_lua = "The same by a function that stays in Lua",
  w5_lua_parallel = "The same with a Lua state for each worker",
}

local function read(path)
  local jobs, order, longest = {}, {}, 0
  for line in io.lines(path) do
    local job, tool, cpu = line:match '"job":"(.-)","tool":"(.-)","cpu":([%d.e+-]+)'
    if not jobs[job] then
      jobs[job] = {}
      order[#order + 1] = job
    end
    cpu = tonumber(cpu)
    table.insert(jobs[job], { tool = tool, cpu = cpu })
    longest = math.max(longest, cpu)
  end
  return jobs, order, longest
end

local function kind_of(tool)
  return tool:find "^perigee" and "ours" or (tool == "cat" or tool == "wc -l") and "floor" or "peer"
end

local function bar(y, row, scale)
  local width = math.max(1, row.cpu * scale)
  return ([[<text x="%d" y="%d" text-anchor="end">%s</text>
<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>
<text x="%.1f" y="%d">%.2f s</text>
]]):format(LEFT - 8, y + 12, row.tool, LEFT, y, width, BAR - 2, colors[kind_of(row.tool)],
    LEFT + width + 6, y + 12, row.cpu)
end

local function main(path)
  local jobs, order, longest = read(path)
  local scale, y, parts = (WIDTH - LEFT - 70) / longest, 10, {}
  for _, job in ipairs(order) do
    parts[#parts + 1] = ('<text x="%d" y="%d" font-weight="bold">%s</text>\n')
      :format(LEFT, y + 12, titles[job] or job)
    y = y + GAP
    for _, row in ipairs(jobs[job]) do
      parts[#parts + 1] = bar(y, row, scale)
      y = y + BAR
    end
    y = y + GAP // 2
  end
  print(([[<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d"
font-family="sans-serif" font-size="12">
<rect width="100%%" height="100%%" fill="#ffffff"/>
%s</svg>]]):format(WIDTH, y, table.concat(parts)))
end

main(arg[1] or error "a table of bench.lua is missing")

-- script.lua - one config for one plugin in several languages: what it prints does
-- not depend on which.
--
--   perigee run script.lua ./measure.so      a native one
--   perigee run script.lua measure_lua       the one in Lua
local p = require "perigee"
local name = arg[1]
local measure = name:find "/" and p.load(name) or require(name)

local function group_spread(fields)
  return p.group { by = fields.by, spread = measure.spread(fields.of) }
end
if not name:find "/" then
  group_spread = measure.group_spread
end

for _, call in ipairs {
  { "min", 1, 2 }, { "min", -10, 10 }, { "min", 2000, 2000 },
  { "min", 2147483647, -2147483648 },
  { "root", 2.25 }, { "root", -1 }, { "root", 0 },
  { "shout", "as loud as 10\0 \u{e9}\xff" }, { "shout", "" },
} do
  local good, result = pcall(measure[call[1]], table.unpack(call, 2))
  print(("%s: %s %s"):format(call[1], good, tostring(result):gsub("[\0\x80-\xff]", "?")))
end

local rows = {}
for i = 1, 5000 do
  local value = i % 7 ~= 0 and (i * i * 7919 % 10007) / 80 or nil
  rows[i] = { key = "k" .. i % 5, a = i % 13, b = i % 3 ~= 0 and i % 11 or nil, value = value }
end
rows[5001] = { key = "never", a = 1, b = 2 }

return p.plan {
  p.rows(rows) | measure.reach { limit = 60 } | group_spread { by = "key", of = "value" }
    | p.sort "key" | p.stdout { as = "json" },
  p.rows(rows) | p.derive { low = "min(a, b)" } | p.group { by = "low", n = p.count() }
    | p.sort "low" | p.stdout { as = "json" },
  p.rows(rows) | p.where "value ~= nil" | p.head(3)
    | p.each(function(row) row.root, row.key = measure.root(row.value), measure.shout(row.key) end)
    | p.stdout { as = "json" },
  p.rows(rows) | measure.reach() | p.group { n = p.count() } | p.stdout { as = "json" },
  p.rows(rows) | group_spread { by = "key", of = "value" } | p.sort "key" | p.stdout { as = "json" },
}

-- W5 by a function that stays in Lua, for it calls another one.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.each(function(e) e.lat_s = tonumber(e.latency_ms) / 1000 end)
    | p.stdout { as = "json" },
}

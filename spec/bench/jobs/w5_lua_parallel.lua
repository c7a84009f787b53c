-- The same with a Lua state for each worker.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.each(function(e) e.lat_s = tonumber(e.latency_ms) / 1000 end, { parallel = true })
    | p.stdout { as = "json" },
}

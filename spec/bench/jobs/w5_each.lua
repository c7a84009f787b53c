-- W5 by a plain Lua function, which runs over columns.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.each(function(e) e.lat_s = e.latency_ms / 1000 end)
    | p.stdout { as = "json" },
}

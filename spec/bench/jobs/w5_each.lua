-- W5 with fields made in Lua, for each event; a method call keeps the function
-- from being run over columns.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.each(function(e)
      e.lat_s = e.latency_ms / 1000
      e.kind = e.method:sub(1, 1)
    end)
    | p.stdout { as = "json" },
}

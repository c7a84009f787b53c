-- The same in the Lua of each worker.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.each(function(e)
      e.lat_s = e.latency_ms / 1000
      e.kind = e.method:sub(1, 1)
    end, { parallel = true })
    | p.stdout { as = "json" },
}

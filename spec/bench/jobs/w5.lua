-- W5: NDJSON, add a field, write everything.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.derive { lat_s = "latency_ms / 1000" }
    | p.stdout { as = "json" },
}

-- W3: NDJSON, group by two keys.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.group {
      by = { "service", "status" }, n = p.count(), bytes = p.sum "bytes",
      latency = p.mean "latency_ms",
    }
    | p.sort { "service", "status" }
    | p.stdout { as = "csv" },
}

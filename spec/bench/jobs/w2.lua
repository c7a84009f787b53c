-- W2: NDJSON, filter, compute, project, NDJSON.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "json"
    | p.where [[level == "error"]]
    | p.derive { kbps = "bytes / latency_ms" }
    | p.select("ts", "service", "path", "user_id", "kbps")
    | p.stdout { as = "json" },
}

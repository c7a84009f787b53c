-- W4: CSV, filter, typed NDJSON.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "csv"
    | p.where "status >= 500"
    | p.stdout { as = "json" },
}

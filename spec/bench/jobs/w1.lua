-- W1: access log, filter, group by path with quantiles, the ten most frequent.
local p = require "perigee"

return p.pipeline {
  p.file(arg[1])
    | p.decode "combined"
    | p.where "status >= 500"
    | p.group {
      by = "path", n = p.count(), bytes = p.sum "bytes",
      p50 = p.quantile("bytes", 0.5), p99 = p.quantile("bytes", 0.99),
    }
    | p.sort { "-n", "path" } | p.head(10)
    | p.stdout { as = "csv" },
}

-- 03: which pages of a web server fail, and how large are the answers?
--
--   perigee run examples/03_access_log.lua examples/data/access.log
--
-- `combined` reads what nginx and Apache write by default.  `each` calls a Lua
-- function for every row, here to cut off the query; the rest runs as native
-- code over whole columns.  The log holds a torn line: it is counted, shown and
-- left out.
local p = require "perigee"

return p.file { path = arg[1] or "access.log" }
  | p.decode "combined"
  | p.where "status >= 500 and method ~= 'HEAD'"
  | p.each(function(row) row.path = row.path:match "^[^?]*" end)
  | p.group {
    by = "path",
    n = p.count(),
    users = p.distinct "user",
    bytes = p.sum "bytes",
    p90 = p.quantile("bytes", 0.9),
  }
  | p.sort { "-n", "path" }
  | p.head(10)
  | p.stdout { as = "table" }

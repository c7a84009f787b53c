-- 08: one stream to several places, several streams to one.
--
--   perigee run examples/08_branches.lua
--
-- `merge` joins streams, each with stages of its own.  `tee` gives every row to
-- a branch and to what follows.  `route` gives each row to the first branch
-- whose condition is true.
local p = require "perigee"

local web = p.file { path = "examples/data/access.log" }
  | p.decode { "combined", on_error = "skip" }
  | p.where "status >= 400"
  | p.derive { origin = "'web'", what = "tostring(status)" }
  | p.select { "time", "origin", "what" }

local apt = p.file { path = "examples/data/packages.log" }
  | p.decode { "pattern", [[^(?<time>\S+ \S+) (?<what>\w+)]], types = { time = "time" } }
  | p.derive { origin = "'apt'" }
  | p.select { "time", "origin", "what" }

return p.merge { web, apt }
  | p.tee {
    p.group { by = "origin", n = p.count() } | p.sort { "origin" } | p.stdout { as = "table" },
  }
  | p.route {
    { when = "origin == 'web'",
      p.group { by = "what", n = p.count() } | p.sort { "what" } | p.stdout { as = "csv" } },
    { when = "what == 'install' or what == 'remove'", p.head(2) | p.stdout { as = "json" } },
    { otherwise = "drop" },
  }

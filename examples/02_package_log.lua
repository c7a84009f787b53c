-- 02: what has apt done here?  A log that nothing knows the format of.
--
--   perigee run examples/02_package_log.lua examples/data/packages.log
--
-- Without a file it reads this machine's own log.  `pattern` takes lines apart
-- with a regular expression; its named groups become columns.  `group` makes
-- one row for each value of a column, with as many aggregates as you like.
local p = require "perigee"

return p.file { path = arg[1] or "/var/log/dpkg.log" }
  | p.decode {
    "pattern",
    [[^(?<time>\S+ \S+) (?<action>\w+)(?: (?<package>[^ :]+):(?<arch>\w+) (?<from>\S+) (?<to>\S+))?]],
    types = { time = "time" },
  }
  | p.where "action == 'install' or action == 'upgrade' or action == 'remove'"
  | p.group {
    by = "action",
    packages = p.distinct "package",
    first = p.min "time",
    last = p.max "time",
  }
  | p.sort { "-packages" }
  | p.stdout { as = "table" }

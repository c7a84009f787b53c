-- 10: which kinds of line does a log have that one knows nothing about?
--
--   perigee run examples/10_any_log.lua examples/data/packages.log
--
-- Whatever looks like a number, a version or an address becomes a mark, so that
-- lines of one kind are equal; the rarest kinds are often the interesting ones,
-- for which the sort would be "n".
local p = require "perigee"

return p.file { path = arg[1] }
  | p.decode "lines"
  | p.derive { kind = [[line:gsub("[%w_.:+~-]*%d[%w_.:+~-]*", "#")]] }
  | p.group { by = "kind", n = p.count(), example = p.min "line" }
  | p.sort { "-n", "kind" }
  | p.head(12)
  | p.select { "n", "kind" }
  | p.stdout { as = "table" }

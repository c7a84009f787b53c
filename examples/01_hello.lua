-- 01: rows in, rows out.
--
--   perigee run examples/01_hello.lua
--
-- A config script describes a pipeline and returns it: a source, then what
-- happens to the rows, then a sink, joined with |.  `rows` is a Lua table as a
-- source, for trying things; `where` keeps the rows for which the expression is
-- true.
local p = require "perigee"

return p.rows {
    { moon = "Io", planet = "Jupiter", km = 3643 },
    { moon = "Luna", planet = "Earth", km = 3475 },
    { moon = "Phobos", planet = "Mars", km = 23 },
    { moon = "Titan", planet = "Saturn", km = 5150 },
  }
  | p.where "km > 1000 and planet ~= 'Earth'"
  | p.derive { greeting = "'hello, ' .. moon" }
  | p.select { "greeting", "km" }
  | p.stdout { as = "table" }

-- 09: rows that are broken.
--
--   perigee run examples/09_rejects.lua examples/data/readings.ndjson
--   cat rejects.txt && rm rejects.txt
--
-- A line that cannot be read is counted, shown with its place and its reason,
-- and, when asked, kept in a file; the run goes on.  So does a row for which a
-- Lua function raises an error.  `on_error = "stop"` ends the run instead.
local p = require "perigee"

return p.file { path = arg[1] }
  | p.decode { "json", types = { at = "time" }, rejects = "rejects.txt" }
  | p.each(function(row)
    if row.celsius and row.celsius < -40 then
      error(("%s: a sensor that says %g is broken"):format(row.sensor, row.celsius), 0)
    end
  end)
  | p.group { by = "sensor", n = p.count(), known = p.count "celsius", max = p.max "celsius" }
  | p.sort { "sensor" }
  | p.stdout { as = "table" }

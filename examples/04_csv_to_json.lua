-- 04: CSV in, JSON out.
--
--   perigee run examples/04_csv_to_json.lua examples/data/orders.csv
--
-- Fields become numbers, truths or texts by what they look like; `types` says
-- it where looks deceive: a postal code is no number.  An empty field is null,
-- and null is left out of JSON.
local p = require "perigee"

return p.file { path = arg[1] }
  | p.decode { "csv", types = { zip = "str", placed = "time" } }
  | p.derive { total = "quantity * price", express = "note ~= nil and note:find('now', 1, true) ~= nil" }
  | p.drop { "price" }
  | p.stdout { as = "json" }

-- 07: nothing is copied: the address that Lua sees is the one that C gets.
--
--   cc -O3 -fPIC -shared -Inative/include examples/07_addresses/place.c \
--     -o examples/07_addresses/place.so
--   perigee run examples/07_addresses/config.lua
--
-- `place` is a kernel: it gets a batch at a time, here the one that the function
-- before it saw.  `batch.n:address()` is where the values of the column n begin.
local p = require "perigee"
local place = p.load "./place.so"

local rows, seen = {}, nil
for i = 1, 10000 do
  rows[i] = { n = i }
end

return p.rows(rows)
  | p.batches(function(batch)
    seen = batch.n:address()
  end)
  | place.place()
  | p.batches(function(batch)
    local same = math.type(seen) == "integer" and batch.address[1] == seen
    print(("%d rows, sum %d, the same address: %s"):format(#batch, batch.sum[1], same))
    return false
  end)
  | p.stdout { as = "json" }

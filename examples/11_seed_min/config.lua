-- 11: the experiment that perigee grew from: a plugin with one function, called with
-- three pairs of numbers. What it prints is what the first one printed.
--
--   cc -O3 -fPIC -shared -Inative/include examples/11_seed_min/min.c \
--     -o examples/11_seed_min/seed.so
--   perigee run examples/11_seed_min/config.lua
--
-- The function runs over the columns a and b, all rows in one call. An encoder in
-- Lua gives the lines their form. `perigee bench seed` shows what it costs.
local p = require "perigee"
p.load "./seed.so"

p.define.encoder {
  name = "calls",
  open = function()
    local head = "Running plugin:\n"
    return function(batch)
      local lines = { head }
      head = ""
      for i = 1, #batch do
        lines[i + 1] = ("  min(%d, %d): %d\n"):format(batch.a[i], batch.b[i], batch.smaller[i])
      end
      return table.concat(lines)
    end
  end,
}

return p.rows { { a = 1, b = 2 }, { a = -10, b = 10 }, { a = 2000, b = 2000 } }
  | p.derive { smaller = "seed.min(a, b)" }
  | p.stdout { as = "calls" }

-- 06: a function in C, called from Lua and over whole columns.
--
--   cc -O3 -fPIC -shared -Inative/include examples/06_first_plugin/minmax.c \
--     -o examples/06_first_plugin/minmax.so
--   perigee plugins examples/06_first_plugin/minmax.so
--   perigee run examples/06_first_plugin/config.lua
--
-- minmax.c is the whole plugin.  It links against nothing of perigee; what is
-- wrong with a file is said before any of its code runs.
local p = require "perigee"
local minmax = p.load "./minmax.so"

print("min(1, 2)       =", minmax.min(1, 2))
print("min(-10, 10)    =", minmax.min(-10, 10))
print("min(2000, 2000) =", minmax.min(2000, 2000))
print("min('one', 2)  :", select(2, pcall(minmax.min, "one", 2)))
print("min(1 << 40, 2):", select(2, pcall(minmax.min, 1 << 40, 2)))

return p.rows {
    { a = 3, b = 9 },
    { a = 7, b = 2 },
    { a = 5 },
  }
  | p.derive { low = "min(a, b)", high = "max(a, b)", span = "max(a, b) - min(a, b)" }
  | p.stdout { as = "table" }

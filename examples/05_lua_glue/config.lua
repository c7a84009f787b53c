-- 05: stages written in Lua: a source, two transforms and a sink.
--
--   perigee run examples/05_lua_glue/config.lua
--
-- What `open` returns is called while the pipeline runs: once for each row, or
-- once for each batch with `over = "batches"`, where columns are reached without
-- a row object in between.
local p = require "perigee"
local sessions = require "sessions"

local clicks = p.define.source {
  name = "clicks",
  doc = "A few requests of two users.",
  open = function()
    local times = { 0, 10, 15, 100, 110, 400 }
    local i = 0
    return function()
      i = i + 1
      if times[i] then
        return { { user = i % 3 == 0 and "bo" or "ann", seconds = times[i] } }
      end
    end
  end,
}

local totals = p.define.transform {
  name = "totals",
  doc = "Adds how many seconds all rows so far have in sum.",
  over = "batches",
  open = function()
    local sum = 0
    return function(batch)
      local seconds, total = batch.seconds, {}
      for i = 1, #seconds do
        sum = sum + seconds[i]
        total[i] = sum
      end
      return batch:with { total = total }
    end
  end,
}

local print_visits = p.define.sink {
  name = "print_visits",
  doc = "Prints a line for each row.",
  open = function()
    return function(batch)
      for _, row in ipairs(batch:totable()) do
        print(("%s, visit %d, at %d s (%d so far)"):format(row.user, row.visit, row.seconds, row.total))
      end
    end
  end,
}

return clicks() | sessions { pause = 90 } | totals() | print_visits()

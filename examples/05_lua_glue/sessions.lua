-- sessions.lua - a transform in Lua: numbers the visits of each user.
--
-- A module beside a config, for the config to require.  Parameters are declared
-- as those of native plugins are, so that a wrong one is a problem of the check.
local p = require "perigee"

return p.define.transform {
  name = "sessions",
  doc = "Numbers the visits of each user: a pause ends a visit.",
  params = {
    { "pause", "i64", default = 60, low = 1, doc = "Seconds without a request." },
  },
  open = function(params)
    local last, visit = {}, {}
    return function(row)
      local user, now = row.user, row.seconds
      if not last[user] or now - last[user] >= params.pause then
        visit[user] = (visit[user] or 0) + 1
      end
      last[user] = now
      row.visit = visit[user]
    end
  end,
}

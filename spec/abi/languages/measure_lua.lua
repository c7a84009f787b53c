-- measure_lua.lua - the plugin of script.lua in Lua: a module beside the config.
local p = require "perigee"

local measure = {}

function measure.min(a, b)
  return a < b and a or b
end

function measure.root(x)
  if x < 0 then
    error("measure.root: root of a negative number", 0)
  end
  return math.sqrt(x)
end

function measure.shout(text)
  return (text:gsub("%l", string.upper))
end

measure.reach = p.define.transform {
  name = "reach",
  doc = "Keeps rows that reach the limit.",
  params = { { "limit", "f64", default = 1, doc = "Keeps rows at or above this." } },
  open = function(params)
    return function(row)
      return row.value ~= nil and row.value >= params.limit and nil
    end
  end,
}

-- Aggregates are native; Lua joins what there is.
function measure.group_spread(fields)
  return p.group { by = fields.by, low = p.min(fields.of), high = p.max(fields.of) }
    | p.derive { spread = "high - low" }
    | p.select { fields.by, "spread" }
end

return measure

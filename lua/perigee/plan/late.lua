-- late.lua - which decoders let the where behind them look at the rows first.
--
-- Such a decoder makes the columns that the condition reads of every row, and
-- the others only of the rows that it keeps. What the condition drops is then
-- not rejected for a value of another column, so whether it is done follows
-- from the plan alone, never from the data.

local expr = require "perigee.expr"
local sets = require "perigee.plan.sets"

local late = {}

-- Does the node read a column that is not in the set?
local function reads_more(node, set)
  for name in pairs(node.need or {}) do
    if not set[name] then
      return true
    end
  end
  return not node.need
end

-- The where that all rows of the node go to.
local function where_behind(node, nodes)
  local next_node = #node.outs == 1 and nodes[node.outs[1]]
  return next_node and next_node.kind == "where" and #next_node.ins == 1 and next_node or nil
end

-- A function of Lua that has to run itself, which only the data tells, needs
-- all columns of all rows, and then none may be rejected for another reason.
local function may_need_all(where, node, set)
  for name in pairs(where.stage.fn and node.stage.host.types or {}) do
    if not set[name] then
      return true
    end
  end
  return false
end

local function first(node, nodes)
  local item, where = node.stage.entry.item, where_behind(node, nodes)
  if not where or node.keep or not item or not item.stateless or not sets.has(item.hooks or {}, "pick") then
    return nil
  end
  local condition = where.stage.condition
  local set = condition and expr.reads(condition.ast) or {}
  if next(set) == nil or not reads_more(node, set) or may_need_all(where, node, set) then
    return nil
  end
  return set
end

--- Sets `first` of every decoder: the columns that come first; nil: rows are
--- decoded at once.
---@param nodes perigee.Node[] with their needs
function late.run(nodes)
  for _, node in ipairs(nodes) do
    node.first = node.kind == "decode" and first(node, nodes) or nil
  end
end

return late

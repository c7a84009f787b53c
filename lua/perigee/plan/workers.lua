-- workers.lua - which functions that may run on the workers do.
--
-- A worker takes chunks: it decodes one and runs the stages behind, up to the
-- first that sees all rows in order.  The host decides that in flow/chain.c; here
-- is why, for whoever reads a plan.

local workers = {}

local columns <const> = { where = true, derive = true, select = true, drop = true, rename = true }

local function flushes(item)
  for _, hook in ipairs(item.hooks or {}) do
    if hook == "flush" then
      return true
    end
  end
  return false
end

-- Does the stage look at each batch by itself?
local function is_apart(node)
  if node.kind == "kernel" then
    local item = node.stage.entry.item
    return item.stateless and not item.whole and not flushes(item)
  elseif node.kind == "merge" then
    return #node.ins == 1 -- the core has no node for it
  end
  return columns[node.kind] or node.kind == "each" and node.stage.parallel
end

-- The stage before a node that keeps it from the workers; nil: none does.
local function obstacle(nodes, node)
  repeat
    if #node.ins ~= 1 then
      return node -- a source, or streams are joined here
    end
    node = nodes[node.ins[1]]
    if node.kind == "decode" then
      return nil
    end
  until not is_apart(node)
  return node
end

local function why(node, found)
  if found.stage.role == "source" and found.kind ~= "merge" then
    return ("its rows come from '%s', not from a decoder"):format(found.label)
  elseif found == node then
    return "several branches lead to it"
  end
  return ("it comes after '%s' (%s)"):format(found.label, found.at)
end

--- Sets `in_order` of the nodes whose function was to run on the workers and runs
--- in order: a text that says why.
---@param nodes perigee.Node[] a plan without problems
function workers.run(nodes)
  for _, node in ipairs(nodes) do
    local found = node.kind == "each" and node.stage.parallel and obstacle(nodes, node)
    node.in_order = found and why(node, found) or nil
  end
end

return workers

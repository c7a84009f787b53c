-- plan.lua - from what the script returned to a checked plan.
--
--   graph    chains to nodes and edges; is every stage where it may be?
--   columns  forward: which columns are there, of which type?
--   files    is one read and written, or written twice?
--   needs    backward: which columns does anybody read?
--   keeps    forward: whose rows come out as they stand?
--   late     which columns come first, for a where to look at?
--   shows    backward: whose columns must not depend on chunks?
--   workers  which functions run on the workers?
--   emit     the same nodes as core.run takes them
--
-- The first three note every problem; the others need a plan without any.

local columns = require "perigee.plan.columns"
local emit = require "perigee.plan.emit"
local files = require "perigee.plan.files"
local graph = require "perigee.plan.graph"
local keeps = require "perigee.plan.keeps"
local late = require "perigee.plan.late"
local needs = require "perigee.plan.needs"
local shows = require "perigee.plan.shows"
local workers = require "perigee.plan.workers"

local plan = {}

--- Checks what the script returned.
---@param session perigee.Session gets the problems
---@param description table from p.plan
---@return perigee.Node[]? nodes nil when there are problems
function plan.check(session, description)
  local nodes = graph.flatten(session, description)
  columns.run(session, nodes)
  files.run(session, nodes)
  if #session.problems > 0 then
    return nil
  end
  needs.run(nodes)
  keeps.run(nodes)
  late.run(nodes)
  shows.run(nodes)
  workers.run(nodes)
  return nodes
end

--- The graph for core.run.
---@param session perigee.Session
---@param nodes perigee.Node[] from plan.check
---@return { nodes: table[] }
function plan.graph(session, nodes)
  return emit.graph(session, nodes)
end

return plan

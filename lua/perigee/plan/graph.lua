-- graph.lua - chains of stages to nodes and edges, and the checks of form.
--
-- A walk carries the open ends of the stream: the nodes (and which of their
-- outputs) that the next stage is fed by.  tee and route add ends, a sink
-- closes them.  After a problem the walk goes on as if it were repaired, so
-- that one mistake gives one message.

local expr = require "perigee.expr"
local stage_module = require "perigee.stage"

local graph = {}

---@class perigee.Node
---@field index integer
---@field stage perigee.Stage
---@field kind string
---@field label string
---@field at string
---@field ins integer[] the nodes that feed it
---@field outs integer[] the nodes that it feeds; tee, route: one per branch
---@field input perigee.Schema? of what it gets, set by plan/columns.lua
---@field schema perigee.Schema? of what it gives, set by plan/columns.lua
---@field need table<string, boolean>? columns that are read after it; nil: all
---@field only { name: string, as: string }[]? the columns that such rows have, in their order
---@field members { name: string, as: string? }[]? those that they have otherwise; no `as`: not at all
---@field keep string[]? columns of a decoder whose rows come out as they stand
---@field added string[]? columns that stages before it (decoder: behind it) add
---@field in_order string? why its function runs on no worker, set by plan/workers.lua
---@field first table<string, boolean>? of a decoder: columns that come first, see plan/late.lua

---@class perigee.Ends the open ends of a stream
---@field flow "bytes"|"batches"
---@field last string label of the stage before
---@field [integer] { node: perigee.Node, slot: integer? }

---@class perigee.Walk
---@field session perigee.Session
---@field nodes perigee.Node[]
---@field seen table<perigee.Stage, "once"|"told">
local Walk = {}
Walk.__index = Walk

function Walk:problem(stage, text)
  self.session:problem(stage.at, stage.label, text)
end

function Walk:add(stage)
  local node = { index = #self.nodes + 1, stage = stage, kind = stage.kind, label = stage.label,
    at = stage.at, ins = {}, outs = {} }
  self.nodes[node.index] = node
  return node
end

local function connect(ends, node)
  for _, tail in ipairs(ends) do
    tail.node.outs[tail.slot or #tail.node.outs + 1] = node.index
    node.ins[#node.ins + 1] = tail.node.index
  end
end

-- Is it a source of bytes, which only a decoder can read?
local function gives_bytes(stage)
  return stage.role == "source" and stage.entry and stage.entry.item.bytes
end

-- Goes on where a stage stands a second time, with one of which nothing is known.
function Walk:again(stage, ends)
  local node = self:add(stage_module.new(stage.session, { kind = "unknown", role = stage.role,
    label = stage.label, at = stage.at, broken = true }))
  if ends then
    connect(ends, node)
  end
  if stage.role == "sink" then
    return nil
  end
  return { { node = node, optional = true }, flow = gives_bytes(stage) and "bytes" or "batches",
    last = stage.label }
end

function Walk:check_place(stage, ends, first)
  if stage.role == "source" and not first then
    stage.broken = true -- so that its end is not complained of too
    local hint = stage.label == "file" and "write { path = ... } writes a file"
      or "merge joins several sources"
    self:problem(stage, ("is a source and must come first; here it follows '%s' (%s)")
      :format(ends and ends.last or "a sink", hint))
    return
  elseif stage.role ~= "source" and first and not ends then
    if stage.kind ~= "unknown" then
      self:problem(stage, "needs a source before it, such as file or rows; join stages with '|'")
    end
    return
  elseif not ends or stage.broken then
    return
  end
  if stage.kind == "decode" and ends.flow == "batches" then
    self:problem(stage, ("expects bytes, but '%s' gives rows already; leave the decode out")
      :format(ends.last))
  elseif stage.kind ~= "decode" and stage.kind ~= "unknown" and ends.flow == "bytes" then
    self:problem(stage, ("expects rows, but '%s' gives bytes; put a decode between them,"
      .. " such as decode \"json\""):format(ends.last))
  end
end

function Walk:merge(stage)
  local node, given = self:add(stage), 0
  for _, branch in ipairs(stage.branches) do
    local ends = self:chain(branch, nil)
    if ends and ends.flow == "bytes" then
      self:problem(branch[#branch], "merge joins rows, but this gives bytes; put a decode after it")
    end
    if ends then
      connect(ends, node)
      given = given + 1
    else
      self:problem(branch[#branch], "ends in a sink, so that merge gets nothing from it")
    end
  end
  return node
end

function Walk:tee(stage, node)
  for _, branch in ipairs(stage.branches) do
    local ends = self:chain(branch, { { node = node }, flow = "batches", last = "tee" })
    self:must_end(branch, ends, "a branch of tee")
  end
end

-- A branch of route: its open ends, when it does not end in a sink.
function Walk:route_branch(chain, node, slot, into)
  local ends = { { node = node, slot = slot }, flow = "batches", last = "route" }
  if chain then
    ends = self:chain(chain, ends)
  end
  table.move(ends or {}, 1, #(ends or {}), #into + 1, into)
end

function Walk:route(stage, node)
  local ends = { flow = "batches", last = "route" }
  for slot, branch in ipairs(stage.branches) do
    self:route_branch(branch.chain, node, slot, ends)
  end
  local rest = #stage.branches + 1
  if not stage.otherwise then
    ends[#ends + 1] = { node = node, slot = rest, implied = true }
  elseif not stage.otherwise.drop then
    self:route_branch(stage.otherwise.chain, node, rest, ends)
  end
  return #ends > 0 and ends or nil
end

-- Stages that name columns may name a path into a nested value, such as
-- "geo.country": a derive before them makes it a column.
local path_lists <const> = { select = "names", group = "by", rename = "from" }

local function path_stage(stage)
  local fields = {}
  for _, name in ipairs(stage[path_lists[stage.kind]] or {}) do
    local ast = name:find(".", 1, true) and expr.parse(name)
    if ast then
      fields[#fields + 1] = { name = name, text = name, ast = ast }
    end
  end
  return #fields > 0 and stage_module.new(stage.session, {
    kind = "derive", role = "transform", label = stage.label, at = stage.at, fields = fields,
  }) or nil
end

function Walk:visit(stage, ends)
  local paths = ends and path_stage(stage)
  if paths then
    ends = self:visit(paths, ends)
  end
  if stage.kind == "merge" then
    local node = self:merge(stage)
    return { { node = node }, flow = "batches", last = "merge" }
  end
  local node = self:add(stage)
  if ends then
    connect(ends, node)
  end
  if stage.kind == "tee" then
    self:tee(stage, node)
    return { { node = node, optional = true }, flow = "batches", last = "tee" }
  elseif stage.kind == "route" then
    return self:route(stage, node)
  elseif stage.role == "sink" then
    return nil
  end
  return { { node = node }, flow = gives_bytes(stage) and "bytes" or "batches", last = stage.label }
end

--- Walks one chain.
---@param chain perigee.Chain
---@param ends perigee.Ends? what feeds it; nil: it begins with a source
---@return perigee.Ends? ends nil: it ended in a sink
function Walk:chain(chain, ends)
  local fed, again = ends ~= nil, false
  for i, stage in ipairs(chain) do
    if i > 1 and not ends then
      self:problem(stage, ("nothing can follow '%s', which is a sink"):format(chain[i - 1].label))
      return nil
    elseif self.seen[stage] then
      if not again and self.seen[stage] == "once" then -- else it has been told, or its chain
        self:problem(stage, ("is used in two places; a stage has one place"
          .. " (make it in a function to use it again, or %s)")
          :format(stage.role == "sink" and "merge what goes there" or "branch with tee"))
      end
      self.seen[stage] = "told"
      again, ends = true, self:again(stage, ends)
    else
      again, self.seen[stage] = false, "once"
      self:check_place(stage, ends, i == 1 and not fed)
      ends = self:visit(stage, ends)
    end
  end
  return ends
end

-- Ends that still are open must be of the kind that may be: after a tee.
function Walk:must_end(chain, ends, what)
  local last = chain[#chain]
  if ends then
    local open, implied = false, false
    for _, tail in ipairs(ends) do
      open = open or not (tail.optional or tail.implied)
      implied = implied or tail.implied
    end
    if open and not last.broken then
      self:problem(last, ("%s must end in a sink; add | stdout() or | write { path = ... }")
        :format(what))
    elseif implied and not last.broken then
      self:problem(last, "rows that match no branch have nowhere to go; add a stage after route,"
        .. " { otherwise = true, chain } or { otherwise = \"drop\" }")
    end
  end
end

--- Makes the nodes of all pipelines.
---@param session perigee.Session gets the problems
---@param plan table from p.plan
---@return perigee.Node[] nodes each after those that feed it
function graph.flatten(session, plan)
  local walk = setmetatable({ session = session, nodes = {}, seen = {} }, Walk)
  if #plan.pipelines == 0 then
    session:problem(plan.at, "plan", "has no pipelines")
  end
  for _, pipeline in ipairs(plan.pipelines) do
    if #pipeline.chains == 0 then
      session:problem(pipeline.at, "pipeline", "has no stages")
    end
    for _, chain in ipairs(pipeline.chains) do
      walk:must_end(chain, walk:chain(chain, nil), "a pipeline")
    end
  end
  return graph.order(walk.nodes)
end

-- A merge is made before the chains that feed it: put it after them.
local function visit(nodes, node, done, ordered)
  if done[node] then
    return
  end
  done[node] = true
  for _, index in ipairs(node.ins) do
    visit(nodes, nodes[index], done, ordered)
  end
  ordered[#ordered + 1] = node
end

--- Orders nodes so that each comes after those that feed it.
---@param nodes perigee.Node[]
---@return perigee.Node[]
function graph.order(nodes)
  local done, ordered, place = {}, {}, {}
  for _, node in ipairs(nodes) do
    visit(nodes, node, done, ordered)
  end
  for i, node in ipairs(ordered) do
    place[node.index] = i
  end
  for i, node in ipairs(ordered) do
    node.index = i
    for k, index in ipairs(node.ins) do
      node.ins[k] = place[index]
    end
    for k, index in pairs(node.outs) do
      node.outs[k] = place[index]
    end
  end
  return ordered
end

return graph

-- emit.lua - the checked plan as the graph that core.run takes.

local define = require "perigee.define"
local expressions = require "perigee.plan.expressions"
local needs = require "perigee.plan.needs"
local overloads = require "perigee.plan.overloads"
local rows = require "perigee.stages.rows"
local rules = require "perigee.plan.rules"

local emit = {}

-- Puts line and stage before a message of the run: the same form as a check.
local function complainer(node)
  return function(message)
    return ("%s: %s: %s"):format(node.at, node.label, message)
  end
end

local function compile_all(session, node, list)
  local complain = complainer(node)
  return function(columns)
    local programs = {}
    for i, e in ipairs(list) do
      local program, message = expressions.program(session, e, columns)
      if not program then
        return nil, complain(message)
      end
      programs[i] = program
    end
    return programs
  end
end

local function item_node(session, entry, values)
  return { plugin = session.plugins:load(entry.path), item = entry.name, params = values }
end

local makers = {}

function makers.source(session, node)
  return item_node(session, node.stage.entry, node.stage.params)
end

local function is_order(node, name)
  local entry = node.kind == "kernel" and node.stage.entry
  return entry and entry.plugin_name == "order" and entry.name == name
end

-- A sort whose rows all go to head(n) need not order the rest.
local function sort_limit(node, nodes)
  local next_node = #node.outs == 1 and nodes[node.outs[1]]
  if is_order(node, "sort") and next_node and is_order(next_node, "head") then
    return next_node.stage.params.n
  end
  return nil
end

local fold_max <const> = 4096 -- rows of a limit that are few beside those of a batch

function makers.kernel(session, node, nodes)
  local fields = makers.source(session, node)
  fields.by_name = rules.sort_columns(node.stage)
  local limit = sort_limit(node, nodes)
  if limit and not fields.params.limit then
    fields.params = { by = fields.params.by, limit = limit }
  end
  -- The first rows of some rows stand for them.
  limit = fields.params.limit
  fields.folds = is_order(node, "sort") and limit and limit >= 1 and limit <= fold_max or false
  return fields
end

-- Columns with types that rows from Lua must have; they come in every batch.
local function declared(node)
  local list = node.schema and node.schema.list or {}
  return #list > 0 and list or nil
end

function makers.lua_source(_, node)
  local instance = define.instance(node.stage.entry, node.stage.params)
  return { poll = instance.poll, close = instance.close, columns = declared(node) }
end

function makers.rows(_, node)
  return { kind = "lua_source", poll = rows.poll(node.stage), close = function() end }
end

function makers.decode(session, node)
  local stage = node.stage
  local fields = {
    types = stage.host.types or {}, need = needs.list(node.need), named = needs.list(node.named),
    on_error = stage.host.on_error or "skip", rejects = stage.host.rejects,
    keep = node.keep, only = node.only, members = node.members, added = node.added,
    first = needs.list(node.first), exact = node.exact,
  }
  if stage.entry.lua then
    local instance = define.instance(stage.entry, stage.params)
    fields.kind, fields.decode, fields.split = "lua_decode", instance.decode, instance.split
    fields.columns = declared(node)
    return fields
  end
  for key, value in pairs(item_node(session, stage.entry, stage.params)) do
    fields[key] = value
  end
  return fields
end

-- What a plain Lua function stands for, compiled where it means the same.
local function plain(session, node, list)
  return {
    plain = true, fn = node.stage.fn,
    compile = function(columns)
      return expressions.plain(session, list, columns)
    end,
  }
end

function makers.where(session, node)
  if node.stage.fn then
    return plain(session, node, { node.stage.condition })
  end
  local complain, condition = complainer(node), node.stage.condition
  return {
    compile = function(columns)
      local program, message = expressions.program(session, condition, columns)
      return program, message and complain(message)
    end,
  }
end

function makers.derive(session, node)
  local names = {}
  for i, field in ipairs(node.stage.fields) do
    names[i] = field.name
  end
  if node.stage.fn then
    local fields = plain(session, node, node.stage.fields)
    fields.names = names
    return fields
  end
  return { names = names, compile = compile_all(session, node, node.stage.fields) }
end

function makers.select(_, node)
  return { names = node.stage.names }
end

makers.drop = makers.select

function makers.rename(_, node)
  return { from = node.stage.from, to = node.stage.to }
end

function makers.each(_, node)
  return { fn = node.stage.fn, parallel = node.stage.parallel, named = needs.list(node.named) }
end

makers.batches = makers.each

function makers.lua_transform(_, node)
  local instance = define.instance(node.stage.entry, node.stage.params)
  return { kind = node.stage.entry.over == "batches" and "batches" or "each", fn = instance.process,
    named = needs.list(node.named) }
end

function makers.group(session, node)
  local stage, aggregates = node.stage, {}
  for i, field in ipairs(stage.aggregates) do
    local items = session.plugins:aggregates(field.aggregate.name, session.opened)
    local complain = complainer(node)
    aggregates[i] = {
      name = field.name,
      compile = overloads.compiler(session, field.aggregate, items, complain),
    }
  end
  return { by = stage.by, aggregates = aggregates }
end

function makers.tee()
  return {}
end

-- The core has no node for merge: nodes may be fed by several others.
function makers.route(session, node)
  local list = {}
  for i, branch in ipairs(node.stage.branches) do
    list[i] = branch.condition
  end
  return { branches = #list, compile = compile_all(session, node, list) }
end

function makers.lua_sink(_, node)
  local instance = define.instance(node.stage.entry, node.stage.params)
  return { open = instance.open, write = instance.write, close = instance.close }
end

function makers.sink(session, node)
  return item_node(session, node.stage.entry, node.stage.params)
end

local function encode_node(session, node)
  local stage = node.stage
  if stage.encoder.lua then
    local instance = define.instance(stage.encoder, stage.encoder_params)
    return { kind = "lua_encode", encode = instance.encode, finish = instance.finish }
  end
  local fields = item_node(session, stage.encoder, stage.encoder_params)
  fields.kind, fields.columns = "encode", not node.input.open and node.input.list or nil
  return fields
end

local function add(list, node, fields)
  fields.kind = fields.kind or node.kind
  fields.label, fields.at, fields.out = node.label, node.at, {}
  list[#list + 1] = fields
  return #list
end

-- Which core nodes a plan node feeds: merges are passed through.
local function targets(nodes, place, index, into)
  local node = nodes[index]
  if node.kind ~= "merge" then
    into[#into + 1] = place[index]
    return
  end
  for _, next_index in ipairs(node.outs) do
    targets(nodes, place, next_index, into)
  end
end

--- Makes the graph; opens nothing.
---@param session perigee.Session
---@param nodes perigee.Node[] a plan without problems
---@return { nodes: table[] }
function emit.graph(session, nodes)
  local list, place, last = {}, {}, {}
  for i, node in ipairs(nodes) do
    if node.kind ~= "merge" then
      if node.stage.encoder then
        place[i] = add(list, node, encode_node(session, node))
        list[place[i]].added = node.added
        local sink = add(list, node, makers.sink(session, node))
        list[place[i]].out = { sink }
      else
        place[i] = add(list, node, makers[node.kind](session, node, nodes))
      end
      last[i] = list[place[i]]
    end
  end
  for i, node in ipairs(nodes) do
    for _, index in ipairs(node.kind ~= "merge" and node.outs or {}) do
      targets(nodes, place, index, last[i].out)
    end
  end
  return { nodes = list }
end

return emit

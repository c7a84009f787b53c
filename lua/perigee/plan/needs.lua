-- needs.lua - which columns anything downstream reads, from the sinks back.
--
-- A set of names, or nil for "every column".  A decoder fills only what it is
-- asked for, so that what nobody reads costs nothing.

local expr = require "perigee.expr"
local sets = require "perigee.plan.sets"
local sort_columns = require("perigee.plan.rules").sort_columns

local needs = {}

local function add_reads(set, ast)
  for name in pairs(expr.reads(ast)) do
    set[name] = true
  end
end

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do
    set[name] = true
  end
  return set
end

-- Removes what a stage makes itself: the column, and paths into it.
local function remove(set, name)
  set[name] = nil
  local prefix = name .. "."
  for other in pairs(set) do
    if other:sub(1, #prefix) == prefix then
      set[other] = nil
    end
  end
end

-- Is the column read, or a path into it?
local function is_read(name, after)
  local prefix = name .. "."
  for other in pairs(after) do
    if other == name or other:sub(1, #prefix) == prefix then
      return true
    end
  end
  return false
end

-- What a node reads of its input, given what is read after it.
local rules = {}

function rules.where(stage, after)
  local set = sets.copy(after)
  add_reads(set, stage.condition.ast)
  return set
end

function rules.derive(stage, after)
  local set = sets.copy(after)
  for _, field in ipairs(stage.fields) do
    remove(set, field.name)
  end
  for _, field in ipairs(stage.fields) do
    add_reads(set, field.ast)
  end
  return set
end

function rules.rename(stage, after)
  local set = sets.copy(after)
  for _, name in ipairs(stage.to) do
    remove(set, name)
  end
  for i, name in ipairs(stage.to) do
    if is_read(name, after) then
      set[stage.from[i]] = true
    end
  end
  return set
end

function rules.drop(stage, after)
  local set = sets.copy(after)
  for _, name in ipairs(stage.names) do
    remove(set, name)
  end
  return set
end

function rules.route(stage, after)
  local set = sets.copy(after)
  for _, branch in ipairs(stage.branches) do
    add_reads(set, branch.condition.ast)
  end
  return set
end

function rules.tee(_, after)
  return after
end

rules.merge = rules.tee

local function kernel(stage, after)
  local item = stage.entry.item
  local set = after and sets.copy(after) or nil
  if stage.entry.plugin_name == "order" then
    for _, name in ipairs(set and sort_columns(stage) or {}) do
      set[name] = true
    end
    return set
  elseif #(item.inputs or {}) == 0 then
    return nil
  elseif #(item.outputs or {}) > 0 then
    if not item.adds then
      set = {}
    end
    for _, column in ipairs(set and item.outputs or {}) do
      set[column.name] = nil
    end
  end
  for _, column in ipairs(set and item.inputs or {}) do
    set[column.name] = true
  end
  return set
end

local function group(stage)
  local set = set_of(stage.by)
  for _, field in ipairs(stage.aggregates) do
    for _, arg in ipairs(field.aggregate.args) do
      add_reads(set, arg.ast)
    end
  end
  return set
end

local function input_need(node)
  local stage, kind = node.stage, node.kind
  if kind == "select" then
    return set_of(stage.names)
  elseif kind == "group" then
    return group(stage)
  elseif kind == "kernel" then
    return kernel(stage, node.need)
  elseif rules[kind] and node.need then
    return rules[kind](stage, node.need)
  end
  return nil -- a sink, each, batches: all; or all is read after it
end

-- Of the columns that a select hands on, those that are read.
local function selected(stage, after)
  local set = {}
  for _, name in ipairs(stage.names) do
    set[name] = is_read(name, after) or nil
  end
  return set
end

-- What a node reads of its input by name, given what is so read after it.
local function input_by_name(node, after)
  local stage, kind = node.stage, node.kind
  if kind == "select" then
    return selected(stage, after)
  elseif kind == "group" then
    return group(stage)
  elseif kind == "kernel" then
    return kernel(stage, after) or {}
  end
  return rules[kind] and rules[kind](stage, after) or {}
end

-- The names that a node, or one after it, reads its input by: all that a script
-- can have mistyped, also where every column is read.
local function input_named(node)
  local stage, kind = node.stage, node.kind
  if kind == "merge" then
    return {} -- of merged streams one may have what the other has not
  end
  if kind == "select" then
    return set_of(stage.names)
  end
  local set = input_by_name(node, node.named)
  for _, name in ipairs(kind == "rename" and stage.from or kind == "drop" and stage.names or {}) do
    set[name] = true
  end
  return set
end

-- What the nodes after this one read, by `field` of each; nil: every column.
local function after(nodes, node, field)
  local set = {}
  for _, index in pairs(node.outs) do
    if not nodes[index][field] then
      return nil
    end
    for name in pairs(nodes[index][field]) do
      set[name] = true
    end
  end
  return set
end

--- Sets `need`, `by_name` and `named` of every node: what is read of the columns
--- that it gives, at all (nil: everything), by name, and by a name that has to
--- be right.
---@param nodes perigee.Node[] a plan without problems, each after its inputs
function needs.run(nodes)
  for i = #nodes, 1, -1 do
    local node = nodes[i]
    node.need = after(nodes, node, "reads")
    node.reads = input_need(node)
    node.by_name = after(nodes, node, "reads_by_name")
    node.reads_by_name = input_by_name(node, node.by_name)
    node.named = after(nodes, node, "names_read")
    node.names_read = input_named(node)
  end
end

--- The names of a set, sorted.
---@param set table<string, boolean>?
---@return string[]?
function needs.list(set)
  if not set then
    return nil
  end
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

return needs

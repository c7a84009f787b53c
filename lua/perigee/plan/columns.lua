-- columns.lua - the columns that each node gives, from those it gets.
--
-- Walks forward, once, and notes every problem: columns that do not exist,
-- expressions whose types do not fit, parameters that the plugin refuses.

local core = require "perigee.core"
local expressions = require "perigee.plan.expressions"
local native = require "perigee.stages.native"
local rules = require "perigee.plan.rules"
local schema = require "perigee.plan.schema"

local columns = {}

local unknown <const> = schema.new({}, true)

---@class perigee.Derivation
---@field session perigee.Session
---@field node perigee.Node
---@field stage perigee.Stage
local Context = {}
Context.__index = Context

function Context:problem(text)
  self.stage.broken = true
  self.session:problem(self.node.at, self.node.label, text)
end

-- Loads the plugin of an item and lets it look at the parameters.  The columns
-- that it names for them, or nil.
function Context:check_item(entry, values)
  if self.stage.broken or not entry or entry.lua then
    return nil
  end
  local plugin, why = self.session.plugins:load(entry.path)
  if not plugin then
    self.stage.broken = true
    self.session:refused(self.node.at, self.node.label, why)
    return nil
  end
  local ok, message = core.check_params(plugin, entry.kind, entry.name, values)
  local list
  if ok then
    list, message = core.schema(plugin, entry.kind, entry.name, values)
  end
  if message then
    self:problem(message)
  end
  return list
end

-- The `columns` of a definition in Lua: a list, or a function that makes it.
function Context:declared_in_lua(entry, values)
  local list = entry.columns
  if type(list) == "function" then
    local ok, result = pcall(list, values)
    if not ok then
      self:problem(("'columns' of %s '%s': %s"):format(entry.kind, entry.name, tostring(result)))
      return unknown
    end
    list = result
  end
  if list == nil then
    return unknown
  end
  for _, column in ipairs(type(list) == "table" and list or { 0 }) do
    if type(column) ~= "table" or type(column.name) ~= "string" or type(column.type) ~= "string" then
      self:problem(("'columns' of %s '%s': expected a list of { name = \"a\", type = \"i64\" }")
        :format(entry.kind, entry.name))
      return unknown
    end
    local why = column.type ~= "any" and native.unknown_type(column.type)
    if why then
      self:problem(("'columns' of %s '%s': column '%s': %s")
        :format(entry.kind, entry.name, column.name, why))
      return unknown
    end
  end
  return schema.new(list, false)
end

-- The columns that a source or decoder promises, if it promises any.
function Context:declared(entry, values)
  if not entry then
    return unknown
  elseif entry.lua then
    return self:declared_in_lua(entry, values)
  end
  local list = self:check_item(entry, values)
  return list and schema.new(list, false) or unknown
end

function Context:expression(e, input, name)
  local kind, messages = expressions.check(self.session, e, input)
  for _, message in ipairs(messages or {}) do
    self:problem((name and ("'%s': "):format(name) or "") .. message)
  end
  return kind or "any"
end

--- Notes what is wrong with a text that should name a column.
---@param name string
---@param input perigee.Schema
---@param before string? of the message
---@param hint string? for one that is not there
function Context:column(name, input, before, hint)
  local advice = expressions.mistaken(self.session, name, input)
  if advice then
    self:problem(("%s'%s' is an expression; %s"):format(before or "", name, advice))
  elseif not schema.find(input, name) then
    self:problem((before or "") .. schema.missing(input, name) .. (hint or ""))
  end
end

function Context:columns(names, input, before)
  for _, name in ipairs(names) do
    self:column(name, input, before)
  end
end

local function input_of(nodes, node)
  local list = {}
  for _, index in ipairs(node.ins) do
    list[#list + 1] = nodes[index].schema or unknown
  end
  if #list == 1 then
    return list[1]
  end
  return #list == 0 and unknown or schema.union(list)
end

--- Sets `input` and `schema` of every node and notes the problems.
---@param session perigee.Session
---@param nodes perigee.Node[] each after those that feed it
function columns.run(session, nodes)
  for _, node in ipairs(nodes) do
    local rule = rules.by_kind[node.kind]
    local cx = setmetatable({ session = session, node = node, stage = node.stage }, Context)
    node.input = input_of(nodes, node)
    node.schema = rule(cx, node.stage, node.input)
  end
end

return columns

-- derive.lua - the columns that each node gives, from those it gets.
--
-- Walks forward, once, and notes every problem: columns that do not exist,
-- expressions whose types do not fit, parameters that the plugin refuses.

local core = require "perigee.core"
local expressions = require "perigee.plan.expressions"
local overloads = require "perigee.plan.overloads"
local params = require "perigee.params"
local schema = require "perigee.plan.schema"

local derive = {}

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

-- Loads the plugin of an item and lets it look at the parameters.
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
  if not ok then
    self:problem(message)
    return nil
  end
  return plugin
end

-- The columns that a source or decoder promises, if it promises any.
function Context:declared(entry, values)
  if not entry then
    return unknown
  elseif entry.lua then
    local columns = entry.columns
    if type(columns) == "function" then
      columns = columns(values)
    end
    return columns and schema.new(columns, false) or unknown
  end
  local plugin = self:check_item(entry, values)
  if not plugin then
    return unknown
  end
  local columns, message = core.schema(plugin, entry.kind, entry.name, values)
  if message then
    self:problem(message)
  end
  return columns and schema.new(columns, false) or unknown
end

function Context:expression(e, input, name)
  local kind, messages = expressions.check(self.session, e, input)
  for _, message in ipairs(messages or {}) do
    self:problem((name and ("'%s': "):format(name) or "") .. message)
  end
  return kind or "any"
end

function Context:columns(names, input, what)
  for _, name in ipairs(names) do
    if not schema.find(input, name) then
      self:problem((what or "") .. schema.missing(input, name))
    end
  end
end

local rules = {}

function rules.source(cx, stage)
  if stage.entry.item.bytes then
    cx:check_item(stage.entry, stage.params)
    return nil
  end
  return cx:declared(stage.entry, stage.params)
end

function rules.lua_source(cx, stage)
  return cx:declared(stage.entry, stage.params)
end

function rules.rows(_, stage)
  return schema.new(stage.columns, false)
end

function rules.decode(cx, stage)
  local found = schema.copy(cx:declared(stage.entry, stage.params))
  local types = stage.host and stage.host.types
  for name, kind in pairs(type(types) == "table" and types or {}) do
    if not found.open and not found.types[name] then
      cx:problem("parameter 'types': " .. schema.missing(found, name))
    else
      schema.add(found, name, kind)
    end
  end
  return found
end

function rules.where(cx, stage, input)
  if stage.condition then
    cx:expression(stage.condition, input)
  end
  return input
end

function rules.derive(cx, stage, input)
  local output = schema.copy(input)
  for _, field in ipairs(stage.fields) do
    local prefix = field.name ~= field.text and field.name or nil
    local kind = field.ast and cx:expression(field, input, prefix)
    schema.add(output, field.name, kind or "any")
  end
  return output
end

function rules.select(cx, stage, input)
  cx:columns(stage.names, input)
  local list = {}
  for i, name in ipairs(stage.names) do
    list[i] = { name = name, type = schema.find(input, name) or "any" }
  end
  return schema.new(list, false)
end

function rules.drop(cx, stage, input)
  cx:columns(stage.names, input)
  local except = {}
  for _, name in ipairs(stage.names) do
    except[name] = true
  end
  return schema.copy(input, except)
end

function rules.rename(cx, stage, input)
  local gone, new = {}, {}
  for i, name in ipairs(stage.from) do
    gone[name], new[name] = true, stage.to[i]
    if not schema.find(input, name) then
      local swapped = input.types[stage.to[i]] and not input.open
      cx:problem(schema.missing(input, name)
        .. (swapped and " (rename takes { new = \"old\" })" or ""))
    end
  end
  local list = {}
  for i, column in ipairs(input.list) do
    list[i] = { name = new[column.name] or column.name, type = column.type }
  end
  for i, name in ipairs(stage.to) do
    if input.types[name] and not gone[name] then
      cx:problem(("column '%s' exists already"):format(name))
    elseif input.open and not input.types[stage.from[i]] then
      list[#list + 1] = { name = name, type = "any" }
    end
  end
  return schema.new(list, input.open)
end

function rules.each()
  return unknown
end

rules.batches = rules.each
rules.lua_transform = rules.each
rules.unknown = rules.each

-- Checks the arguments of one aggregate; the type of its result.
local function check_aggregate(cx, field, input)
  local aggregate = field.aggregate
  if not aggregate or aggregate.broken then
    return "any" -- its problem is noted already
  end
  local items, names = cx.session.plugins:aggregates(aggregate.name, cx.session.opened)
  if #items == 0 then
    cx:problem(("'%s': no aggregate '%s'%s"):format(field.name, aggregate.name,
      params.did_you_mean(aggregate.name, names)))
    return "any"
  end
  local types, known = {}, true
  for i, arg in ipairs(aggregate.args) do
    types[i] = cx:expression(arg, input, field.name)
    known = known and types[i] ~= "any"
  end
  local item, message = overloads.pick(items, types)
  if not item then
    cx:problem(("'%s': %s"):format(field.name, message))
  end
  return item and known and item.returns:gsub("^opt_", "") or "any"
end

function rules.group(cx, stage, input)
  cx:columns(stage.by, input, "'by': ")
  local output = schema.new({}, false)
  for _, name in ipairs(stage.by) do
    schema.add(output, name, schema.find(input, name) or "any")
  end
  for _, field in ipairs(stage.aggregates) do
    schema.add(output, field.name, check_aggregate(cx, field, input))
  end
  return output
end

local numeric <const> = {
  i8 = true, i16 = true, i32 = true, i64 = true, u8 = true, u16 = true, u32 = true, u64 = true,
  f32 = true, f64 = true,
}

-- Does a column of type `found` go where a kernel declares `wanted`?
local function accepts(wanted, found)
  if found == "any" or found == "null" then
    return true
  end
  for one in wanted:gmatch "[^|%s]+" do
    if one == "any" or one == found or (numeric[one] and numeric[found]) then
      return true
    end
  end
  return false
end

function rules.kernel(cx, stage, input)
  cx:check_item(stage.entry, stage.params)
  local item = stage.entry.item
  for _, column in ipairs(item.inputs or {}) do
    local found = schema.find(input, column.name)
    if not found then
      cx:problem(schema.missing(input, column.name))
    elseif not accepts(column.type, found) then
      cx:problem(("expects column '%s' as %s, found %s"):format(column.name, column.type, found))
    end
  end
  local by = derive.sort_columns(stage)
  if by then
    cx:columns(by, input)
  end
  if #(item.outputs or {}) == 0 then
    return input
  end
  local output = item.adds and schema.copy(input) or schema.new({}, false)
  for _, column in ipairs(item.outputs) do
    schema.add(output, column.name, column.type:match "^[%w_]+$" and column.type or "any")
  end
  return output
end

function rules.route(cx, stage, input)
  for number, branch in ipairs(stage.branches) do
    cx:expression(branch.condition, input, ("branch %d"):format(number))
  end
  return input
end

function rules.sink(cx, stage)
  if stage.entry then
    cx:check_item(stage.entry, stage.params)
  end
  if stage.encoder then
    cx:check_item(stage.encoder, stage.encoder_params)
  end
  return nil
end

function rules.tee(_, _, input)
  return input
end

rules.merge = rules.tee

function rules.lua_sink()
  return nil
end

--- The columns that the kernel `sort` reads, from its parameter `by`: "-name"
--- means descending.
---@param stage perigee.Stage
---@return string[]?
function derive.sort_columns(stage)
  if stage.entry.plugin_name ~= "order" or type(stage.params.by) ~= "table" then
    return nil
  end
  local names = {}
  for i, name in ipairs(stage.params.by) do
    names[i] = name:gsub("^[-+]", "")
  end
  return names
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

--- Sets `schema` of every node and notes the problems.
---@param session perigee.Session
---@param nodes perigee.Node[] each after those that feed it
function derive.run(session, nodes)
  for _, node in ipairs(nodes) do
    local rule = rules[node.kind]
    local cx = setmetatable({ session = session, node = node, stage = node.stage }, Context)
    node.schema = rule(cx, node.stage, input_of(nodes, node))
  end
end

return derive

-- keeps.lua - where rows go from a decoder to its encoder as they stand.
--
-- A decoder and an encoder of one format that are PERI_KEEPS need not take a
-- record apart and put it together again.  That is so where the stages between
-- them read columns by name, choose rows and add columns; everything else wants
-- the columns themselves.

local keeps = {}

-- What came to a node: which nodes gave it, and what was added on the way.
---@class perigee.Passage
---@field origins table<perigee.Node, boolean>
---@field added table<string, boolean>

local function refuse(passage)
  for origin in pairs(passage.origins) do
    origin.keep = nil
  end
end

local function input_of(nodes, node, passages)
  local passage = { origins = {}, added = {} }
  for _, index in ipairs(node.ins) do
    local before = passages[nodes[index]]
    for origin in pairs(before.origins) do
      passage.origins[origin] = true
    end
    for name in pairs(before.added) do
      passage.added[name] = true
    end
  end
  return passage
end

-- The columns to fill: "geo.country" may be one, or lie within "geo".
local function fields_of(by_name)
  local seen = {}
  for name in pairs(by_name) do
    local at = 1
    repeat
      at = name:find(".", at, true)
      seen[at and name:sub(1, at - 1) or name] = true
      at = at and at + 1
    until not at
  end
  local list = {}
  for name in pairs(seen) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

-- What a node makes of its input; false: it needs more than kept rows.
local rules = {}

function rules.where()
  return true
end

rules.tee, rules.route, rules.merge = rules.where, rules.where, rules.where

function rules.derive(node, passage)
  for _, field in ipairs(node.stage.fields) do
    passage.added[field.name] = true
    for origin in pairs(passage.origins) do
      if origin.kept_added then
        origin.kept_added[field.name] = true
      end
      if origin.by_name[field.name] then
        return false
      end
    end
  end
  return true
end

-- All rows in one batch: the texts of streams with other columns, or of rows
-- that got columns before, could end in another order.
function rules.kernel(node, passage)
  local entry = node.stage.entry
  local origin = next(passage.origins)
  return entry.plugin_name == "order"
    and (not entry.item.whole or next(passage.added) == nil and next(passage.origins, origin) == nil)
end

local function has_defaults(entry, values)
  for _, param in ipairs(entry.item.params or {}) do
    local value = values[param.name]
    if value ~= nil and value ~= param.default then
      return false
    end
  end
  return true
end

function rules.sink(node, passage)
  local stage = node.stage
  local encoder = stage.encoder
  if not encoder or encoder.lua or not encoder.item.keeps
    or not has_defaults(encoder, stage.encoder_params) then
    return false
  end
  for origin in pairs(passage.origins) do
    local entry = origin.stage.entry
    if origin.keep and (entry.path ~= encoder.path or entry.name ~= encoder.name) then
      origin.keep = nil
    end
  end
  return true
end

local function begin(node)
  local stage = node.stage
  local item = node.kind == "decode" and not stage.entry.lua and stage.entry.item
  if item and item.keeps and item.stateless and not node.need and not next(stage.host.types or {}) then
    node.keep, node.kept_added = fields_of(node.by_name), {}
  end
  return { origins = { [node] = true }, added = {} }
end

local function names_of(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

--- Sets `keep` of decoders whose rows pass through, to the columns that are
--- read all the same, and `added` of them and of sinks.
---@param nodes perigee.Node[] a plan without problems, each after its inputs
function keeps.run(nodes)
  local passages = {}
  for _, node in ipairs(nodes) do
    if node.kind == "decode" or #node.ins == 0 then
      passages[node] = begin(node)
    else
      local passage = input_of(nodes, node, passages)
      local rule = rules[node.kind]
      if not (rule and rule(node, passage)) then
        refuse(passage)
      end
      passages[node], node.added = passage, names_of(passage.added)
    end
  end
  for _, node in ipairs(nodes) do
    node.added = node.kept_added and names_of(node.kept_added) or node.added
  end
end

return keeps

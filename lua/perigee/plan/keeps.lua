-- keeps.lua - where rows go from a decoder to its encoder as they stand.
--
-- A decoder and an encoder of one format that are PERI_KEEPS need not take a
-- record apart and put it together again.  That is so where the stages between
-- them read columns by name, choose rows, and add, remove or rename columns;
-- everything else wants the columns themselves.
--
-- The decoder leaves out of the texts what a stage removes later on, so that all
-- ways to a sink have to agree about it.

local sets = require "perigee.plan.sets"

local keeps = {}

-- What becomes of the columns of a decoder on the way to a node.
---@class perigee.Texts
---@field as table<string, string|false> what they are called; false: removed
---@field only string[]? the columns that were selected, in their order

-- What came to a node: which nodes gave it, and what was added on the way.
---@class perigee.Passage
---@field origins table<perigee.Node, perigee.Texts>
---@field added table<string, boolean>
---@field filtered boolean rows may have been dropped
---@field joined boolean from several nodes, of which not all need have added the same

local function refuse(passage)
  for origin in pairs(passage.origins) do
    origin.keep = nil
  end
end

local function same(a, b)
  if #(a.only or {}) ~= #(b.only or {}) or not a.only ~= not b.only then
    return false
  end
  for i, name in ipairs(a.only or {}) do
    if b.only[i] ~= name then
      return false
    end
  end
  for _, pair in ipairs { { a.as, b.as }, { b.as, a.as } } do
    for name, as in pairs(pair[1]) do
      if pair[2][name] ~= as then
        return false
      end
    end
  end
  return true
end

-- The column that is called so by now; nil: none can be.
local function original(texts, name)
  local found = texts.as[name] == nil and name or nil
  for from, as in pairs(texts.as) do
    found = as == name and from or found
  end
  return found and (not texts.only or sets.has(texts.only, found)) and found or nil
end

local function input_of(nodes, node, passages)
  local passage = { origins = {}, added = {}, joined = #node.ins > 1, filtered = false }
  for _, index in ipairs(node.ins) do
    local before = passages[nodes[index]]
    passage.joined = passage.joined or before.joined
    passage.filtered = passage.filtered or before.filtered
    for origin, texts in pairs(before.origins) do
      if passage.origins[origin] and not same(passage.origins[origin], texts) then
        origin.keep = nil
      end
      passage.origins[origin] = texts
    end
    for name in pairs(before.added) do
      passage.added[name] = true
    end
  end
  return passage
end

-- The columns to fill: "geo.country" may be one, or lie within "geo".
local function fields_of(by_name, only)
  local seen = {}
  for name in pairs(by_name) do
    local at = not only and 1 or nil
    while at do
      at = name:find(".", at, true)
      seen[at and name:sub(1, at - 1) or name] = true
      at = at and at + 1
    end
    seen[name] = true
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

function rules.where(_, passage)
  passage.filtered = true
  return true
end

function rules.tee()
  return true
end

rules.route, rules.merge = rules.where, rules.tee

-- Replaces a column that is read, selected or called otherwise than in the data?
local function replaces(origin, texts, name)
  return origin.by_name[name] or texts.as[name] ~= nil
    or original(texts, name) ~= (not texts.only and name or nil)
end

function rules.derive(node, passage)
  for _, field in ipairs(node.stage.fields) do
    passage.added[field.name] = true
    for origin, texts in pairs(passage.origins) do
      if origin.kept_added then
        origin.kept_added[field.name] = true
      end
      if replaces(origin, texts, field.name) then
        return false
      end
    end
  end
  return true
end

-- Changes what is known of the texts; `change` gets a copy of it.  False: it
-- cannot be told what is a column of the data.
local function update(passage, change)
  if passage.joined and next(passage.added) then
    return false
  end
  for origin, texts in pairs(passage.origins) do
    local new = { as = sets.copy(texts.as), only = texts.only }
    change(texts, new)
    passage.origins[origin] = new
  end
  return true
end

function rules.drop(node, passage)
  local names = node.stage.names
  local known = update(passage, function(old, new)
    for _, name in ipairs(names) do
      local from = not passage.added[name] and original(old, name)
      if from then
        new.as[from] = false
      end
    end
  end)
  for _, name in ipairs(names) do
    passage.added[name] = nil
  end
  return known
end

function rules.rename(node, passage)
  local stage = node.stage
  for i, to in ipairs(stage.to) do
    if passage.added[to] or passage.added[stage.from[i]] then
      return false
    end
  end
  return update(passage, function(old, new)
    for i, name in ipairs(stage.from) do
      local from = original(old, name)
      if from then
        new.as[from] = stage.to[i]
      end
    end
  end)
end

-- What was added comes last in the texts.  A path is no column of the data.
local function can_select(names, passage)
  local last = false
  for _, name in ipairs(names) do
    local added = passage.added[name] == true
    if last and not added or name:find(".", 1, true) then
      return false
    end
    last = added
  end
  return true
end

function rules.select(node, passage)
  local names, added = node.stage.names, {}
  -- Texts of rows that a where drops cost more than decoding what is selected.
  local known = not passage.filtered and can_select(names, passage) and update(passage, function(old, new)
    new.only = {}
    for _, name in ipairs(names) do
      new.only[#new.only + 1] = not passage.added[name] and original(old, name) or nil
    end
  end)
  for _, name in ipairs(names) do
    added[name] = passage.added[name]
  end
  passage.added = added
  return known
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

--- Does the encoder write the text of a record as it stood?
---@param encoder table
---@param values table<string, any> its parameters
---@return boolean
function keeps.writes_records(encoder, values)
  return not encoder.lua and encoder.item.keeps and has_defaults(encoder, values)
end

function rules.sink(node, passage)
  local stage = node.stage
  local encoder = stage.encoder
  if not encoder or not keeps.writes_records(encoder, stage.encoder_params) then
    return false
  end
  for origin, texts in pairs(passage.origins) do
    local entry = origin.stage.entry
    if origin.keep and (entry.path ~= encoder.path or entry.name ~= encoder.name
      or origin.texts and not same(origin.texts, texts)) then
      origin.keep = nil
    end
    origin.texts = texts
  end
  return true
end

local function begin(node)
  local stage = node.stage
  local item = node.kind == "decode" and not stage.entry.lua and stage.entry.item
  if item and item.keeps and item.stateless and not next(stage.host.types or {}) then
    node.keep, node.kept_added = true, {}
  end
  return { origins = { [node] = { as = {} } }, added = {} }
end

-- Fewer columns than that are decoded and encoded sooner than looked at and
-- copied.
local CHOSEN_MIN <const> = 4

-- What the decoder is told about the texts.
local function settle(node)
  local texts = node.texts
  node.added = sets.names(node.kept_added)
  if not node.keep or not texts or texts.only and #texts.only < CHOSEN_MIN then
    node.keep = nil
    return
  end
  node.keep = fields_of(node.by_name, texts.only)
  local members = {}
  for _, name in ipairs(texts.only or sets.names(texts.as)) do
    local as = texts.as[name]
    if as ~= false then
      members[#members + 1] = { name = name, as = as or name }
    elseif not texts.only then
      members[#members + 1] = { name = name }
    end
  end
  node.only, node.members = texts.only and members, not texts.only and members or nil
end

--- Sets `keep` of decoders whose rows pass through, to the columns that are
--- read all the same, `only` or `members` to what becomes of the columns in
--- their texts, and `added` of them and of sinks.
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
      passages[node], node.added = passage, sets.names(passage.added)
    end
  end
  for _, node in ipairs(nodes) do
    if node.kept_added then
      settle(node)
    end
  end
end

return keeps

-- shows.lua - where it shows in what comes out which columns a batch had.
--
-- Records of JSON have other members each, and a chunk has the columns that some
-- record of it has.  Where a header or a null is made of those, they must not
-- depend on where chunks end: such a decoder is `exact`.

local keeps = require "perigee.plan.keeps"

local shows = {}

-- Does it show at this node, or behind it?
local rules = {}

-- An encoder that writes records as they stood leaves out what is null.
function rules.sink(node)
  local stage = node.stage
  local encoder = stage.encoder
  return node.input.open
    and not (encoder and keeps.writes_records(encoder, stage.encoder_params))
end

function rules.lua_sink(node)
  return node.input.open
end

function rules.batches()
  return true
end

function rules.lua_transform(node, after)
  return node.stage.entry.over == "batches" or after
end

-- With all rows at once come all columns.
function rules.kernel(node, after)
  local item = node.stage.entry.item
  local names_inputs = node.stage.entry.plugin_name == "order" or #(item.inputs or {}) > 0
  return not item.whole and (after or not names_inputs)
end

function rules.group()
  return false
end

rules.select = rules.group

--- Sets `exact` of the decoders whose columns show.
---@param nodes perigee.Node[] a plan without problems, each after its inputs
function shows.run(nodes)
  local shown = {}
  for i = #nodes, 1, -1 do
    local node, after = nodes[i], false
    for _, index in pairs(node.outs) do
      after = after or shown[index]
    end
    local rule = rules[node.kind]
    if rule then
      after = rule(node, after)
    end
    shown[i] = after
    local item = node.kind == "decode" and not node.stage.entry.lua and node.stage.entry.item
    node.exact = item and item.ragged and after or nil
  end
end

return shows

-- print.lua - a checked plan for people (a tree) and for programs (JSON).

local json = require "perigee.json"
local params = require "perigee.params"
local needs = require "perigee.plan.needs"

local print_plan = {}

-- Values that came from the environment are shown by name only.
local function value_text(session, value)
  if type(value) == "string" then
    local name = session.secrets[value]
    return name and ("env(%q)"):format(name) or ("%q"):format(value)
  elseif type(value) == "table" then
    return print_plan.table_text(session, value)
  elseif type(value) == "number" then
    return params.number_text(value)
  end
  return tostring(value)
end

--- A table of parameters in Lua's spelling, keys sorted.
---@param session perigee.Session
---@param values table
---@return string
function print_plan.table_text(session, values)
  local parts, keys = {}, {}
  for i, value in ipairs(values) do
    parts[i] = value_text(session, value)
  end
  for key in pairs(values) do
    if type(key) == "string" then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    local name = key:find "^[%a_][%w_]*$" and key or ("[%q]"):format(key)
    parts[#parts + 1] = ("%s = %s"):format(name, value_text(session, values[key]))
  end
  return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
end

local function merged(...)
  local all = {}
  for _, values in ipairs { ... } do
    for key, value in pairs(values) do
      all[key] = value
    end
  end
  return all
end

local function aggregate_text(field)
  local args = {}
  for i, arg in ipairs(field.aggregate.args) do
    args[i] = arg.text
  end
  return ("%s(%s)"):format(field.aggregate.name, table.concat(args, ", "))
end

-- What a stage was given, as a table of plain values.
local settings = {}

function settings.where(stage)
  return { stage.condition.text }
end

function settings.derive(stage)
  local all = {}
  for _, field in ipairs(stage.fields) do
    all[field.name] = field.text
  end
  return all
end

function settings.group(stage)
  local all = {}
  for _, field in ipairs(stage.aggregates) do
    all[field.name] = aggregate_text(field)
  end
  all.by = #stage.by > 0 and stage.by or nil
  return all
end

function settings.select(stage)
  return stage.names
end

settings.drop = settings.select

function settings.rename(stage)
  local all = {}
  for i, name in ipairs(stage.to) do
    all[name] = stage.from[i]
  end
  return all
end

function settings.rows(stage)
  return { rows = stage.count }
end

function settings.decode(stage)
  return merged({ stage.entry.name }, stage.params, stage.host)
end

function settings.sink(stage)
  return merged(stage.params, stage.encoder and { as = stage.encoder.name } or {},
    stage.encoder_params or {})
end

local function settings_of(node)
  local make = settings[node.kind]
  return make and make(node.stage) or node.stage.params or {}
end

local function columns_text(node)
  local parts = {}
  for i, column in ipairs(node.schema and node.schema.list or {}) do
    parts[i] = column.type == "any" and column.name or ("%s: %s"):format(column.name, column.type)
  end
  if node.schema and node.schema.open then
    parts[#parts + 1] = "..."
  end
  return table.concat(parts, ", ")
end

-- Where a function of the script runs, and why not over columns.
local function how(node)
  if node.kind == "where" or node.kind == "derive" then
    return "over columns"
  end
  local stage = node.stage
  local text = stage.parallel and not node.in_order and "in the Lua of each worker" or "in Lua"
  if stage.why then
    text = ("%s: it %s"):format(text, stage.why)
  end
  return node.in_order and ("%s; in order: %s"):format(text, node.in_order) or text
end

-- What of the records passes through.
local function passing(node)
  local parts = { only = {}, without = {}, with = {} }
  for _, member in ipairs(node.only or node.members) do
    local kind = not member.as and "without" or node.only and "only" or "with"
    local text = member.name
    if member.as and member.as ~= member.name then
      text = ("%s as %s"):format(member.name, member.as)
    end
    table.insert(parts[kind], text)
  end
  if node.only then
    return ("; of records, only %s pass through as they are"):format(table.concat(parts.only, ", "))
  end
  local text = "; records pass through as they are"
  for _, kind in ipairs { "with", "without" } do
    if #parts[kind] > 0 then
      text = ("%s, %s %s"):format(text, kind, table.concat(parts[kind], ", "))
    end
  end
  return text
end

local function add_details(lines, node, indent)
  if node.kind == "decode" then
    local list = node.keep or needs.list(node.need)
    local none = node.keep and "no column" or "no column, only counts rows"
    lines[#lines + 1] = ("%s    reads %s%s"):format(indent,
      not list and "every column" or #list == 0 and none or table.concat(list, ", "),
      node.keep and passing(node) or "")
    if node.exact then
      lines[#lines + 1] = indent .. "    waits for 496 KiB, a pause of a second or the end, to know the "
        .. "columns; select names them"
    end
    local first = needs.list(node.first)
    if first then
      lines[#lines + 1] = ("%s    first %s, then the rest of the rows that where keeps")
        :format(indent, table.concat(first, ", "))
    end
  end
  if node.stage.fn then
    lines[#lines + 1] = ("%s    a function; runs %s"):format(indent, how(node))
  end
  local columns = columns_text(node)
  if columns ~= "" and columns ~= "..." then
    lines[#lines + 1] = ("%s    gives %s"):format(indent, columns)
  end
end

local function branch_title(node, number)
  if node.kind == "route" then
    local branch = node.stage.branches[number]
    return branch and ("when %s"):format(branch.condition.text) or "otherwise"
  end
  return ("branch %d"):format(number)
end

local function add_node(session, nodes, lines, node, indent, shown)
  if shown[node] then
    lines[#lines + 1] = ("%s-> %s (%s)"):format(indent, node.label, node.at)
    return
  end
  shown[node] = true
  local given = settings_of(node)
  local text = next(given) ~= nil and " " .. print_plan.table_text(session, given) or ""
  lines[#lines + 1] = ("%s%s%s  (%s)"):format(indent, node.label, text, node.at)
  add_details(lines, node, indent)
  if #node.outs == 1 and node.kind ~= "route" and node.kind ~= "tee" then
    add_node(session, nodes, lines, nodes[node.outs[1]], indent, shown)
    return
  end
  for number, index in ipairs(node.outs) do
    lines[#lines + 1] = ("%s  %s:"):format(indent, branch_title(node, number))
    add_node(session, nodes, lines, nodes[index], indent .. "    ", shown)
  end
end

--- The plan as text, one stage a line, branches indented.
---@param session perigee.Session
---@param nodes perigee.Node[]
---@return string
function print_plan.text(session, nodes)
  local lines, shown = {}, {}
  for _, node in ipairs(nodes) do
    if #node.ins == 0 then
      if #lines > 0 then
        lines[#lines + 1] = ""
      end
      add_node(session, nodes, lines, node, "", shown)
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

local function hide(session, value)
  if type(value) == "string" and session.secrets[value] then
    return ("env(%q)"):format(session.secrets[value])
  elseif type(value) == "table" then
    local copy = {}
    for key, item in pairs(value) do
      copy[key] = hide(session, item)
    end
    return copy
  end
  return value
end

-- JSON has no tables with both positions and names: what has no name in Lua
-- gets one.
local function plain(session, node)
  local copy = hide(session, settings_of(node))
  if node.kind == "select" or node.kind == "drop" then
    return { columns = json.list(copy) }
  elseif copy[1] ~= nil then
    copy[node.kind == "decode" and "decoder" or "expression"], copy[1] = copy[1], nil
  end
  return copy
end

local function node_object(session, node)
  local columns
  if node.schema then
    columns = json.list {}
    for i, column in ipairs(node.schema.list) do
      columns[i] = { name = column.name, type = column.type }
    end
  end
  local need = node.kind == "decode" and (node.keep or needs.list(node.need)) or nil
  local first = needs.list(node.first)
  return {
    index = node.index, kind = node.kind, stage = node.label, at = node.at,
    settings = plain(session, node), columns = columns,
    open = node.schema and node.schema.open or nil,
    runs = node.stage.fn and how(node) or nil,
    reads = need and json.list(need), first = first and json.list(first),
    passes = node.keep and true or nil, out = json.list(node.outs),
  }
end

--- One node as JSON.
---@param session perigee.Session
---@param node perigee.Node
---@return string
function print_plan.node(session, node)
  return json.encode(node_object(session, node))
end

--- The plan as JSON: { "nodes": [ ... ] }; "out" holds indices, from 1.
---@param session perigee.Session
---@param nodes perigee.Node[]
---@return string
function print_plan.json(session, nodes)
  local list = json.list {}
  for i, node in ipairs(nodes) do
    list[i] = node_object(session, node)
  end
  return json.encode { nodes = list } .. "\n"
end

return print_plan

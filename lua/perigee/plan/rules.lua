-- rules.lua - what each kind of stage does to the columns of a stream.
--
-- A rule gets the context (see columns.lua), the stage and the schema of its
-- input; it notes problems and returns the schema of its output.

local overloads = require "perigee.plan.overloads"
local params = require "perigee.params"
local schema = require "perigee.plan.schema"

local rules = {}

local unknown <const> = schema.new({}, true)

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
  if stage.condition and not stage.fn then
    cx:expression(stage.condition, input)
  end
  return input
end

function rules.derive(cx, stage, input)
  local output = schema.copy(input)
  for _, field in ipairs(stage.fields) do
    local prefix = field.name ~= field.text and field.name or nil
    local kind = field.ast and not stage.fn and cx:expression(field, input, prefix)
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
    if gone[name] then
      cx:problem(("column '%s' gets two names, '%s' and '%s'"):format(name, new[name], stage.to[i]))
    end
    gone[name], new[name] = true, stage.to[i]
    local swapped = input.types[stage.to[i]] and not input.open
    cx:column(name, input, nil, swapped and " (rename takes { new = \"old\" })")
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

-- The number that an expression is.
local function number_of(ast)
  if ast.kind == "unary" and ast.op == "-" then
    local value = number_of(ast.a)
    return value and -value
  end
  return ast.kind == "const" and type(ast.value) == "number" and ast.value or nil
end

-- Constants that lie outside the range that an argument declares.
local function check_constants(cx, field, item)
  for i, arg in ipairs(field.aggregate.args) do
    local value = number_of(arg.ast)
    local message = value and params.range(item.args[i], value)
    if message then
      cx:problem(("'%s': %s: parameter '%s': %s"):format(field.name, item.name, item.args[i].name,
        message))
    end
  end
end

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
  if item then
    check_constants(cx, field, item)
  else
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

-- The columns that the kernel `sort` reads, from its parameter `by`: "-name"
-- means descending.
local function sort_columns(stage)
  if stage.entry.plugin_name ~= "order" or type(stage.params.by) ~= "table" then
    return nil
  end
  local names = {}
  for i, name in ipairs(stage.params.by) do
    names[i] = name:gsub("^[-+]", "")
  end
  return names
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
  local by = sort_columns(stage)
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

return { by_kind = rules, sort_columns = sort_columns }

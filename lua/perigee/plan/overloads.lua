-- overloads.lua - which native overload an aggregate becomes.
--
-- Overloads of one name differ in argument types and share one state, so the
-- choice may change when a column's type widens in the middle of a stream.  It
-- only ever widens: types are joined with those seen before, so that the last
-- batch cannot make the result narrower than an earlier one did.

local core = require "perigee.core"
local expressions = require "perigee.plan.expressions"

local overloads = {}

local integers <const> = {
  i8 = true, i16 = true, i32 = true, i64 = true, u8 = true, u16 = true, u32 = true,
}

-- What it costs to give a value of type `from` to a parameter of type `to`.
local function cost(from, to)
  if from == to or to == "any" then
    return 0
  elseif from == "null" or from == "any" then
    return 0
  elseif integers[from] and to == "i64" then
    return 1
  elseif (integers[from] or from == "f32" or from == "u64") and to == "f64" then
    return 2
  elseif from == "json" and to == "f64" then
    return 3
  elseif from == "json" and to == "str" then
    return 4
  end
  return nil
end

local function total(types, item)
  local sum = 0
  for i, arg in ipairs(item.args) do
    local one = cost(types[i], arg.type)
    if not one then
      return nil
    end
    sum = sum + one
  end
  return sum
end

--- Picks the nearest overload.
---@param items table[] of one name
---@param types string[] of the arguments
---@return table? item
---@return string? message
function overloads.pick(items, types)
  local best, best_cost
  for _, item in ipairs(items) do
    if #item.args == #types then
      local sum = total(types, item)
      if sum and (not best_cost or sum < best_cost) then
        best, best_cost = item, sum
      end
    end
  end
  if best then
    return best
  end
  return nil, overloads.mismatch(items, types)
end

local function signature(item)
  local names = {}
  for i, arg in ipairs(item.args) do
    names[i] = arg.type
  end
  return ("%s(%s)"):format(item.name, table.concat(names, ", "))
end

-- What the arguments are called, when there are too few or too many for each overload.
local function wrong_count(items, count)
  local forms, seen = {}, {}
  for _, item in ipairs(items) do
    local names = {}
    for i, arg in ipairs(item.args) do
      names[i] = arg.name
    end
    local form = ("%s(%s)"):format(item.name, table.concat(names, ", "))
    if #names == count then
      return nil
    elseif not seen[form] then
      seen[form], forms[#forms + 1] = true, form
    end
  end
  return ("expected %s, got %d argument%s"):format(table.concat(forms, " or "), count,
    count == 1 and "" or "s")
end

--- Why no overload fits.
---@param items table[]
---@param types string[]
---@return string
function overloads.mismatch(items, types)
  local message = wrong_count(items, #types)
  if message then
    return message
  end
  local known = {}
  for i, item in ipairs(items) do
    known[i] = signature(item)
  end
  return ("no %s(%s); there is %s"):format(items[1].name, table.concat(types, ", "),
    table.concat(known, ", "))
end

-- The type that holds both.
local function join(a, b)
  if a == nil or a == "null" or a == b then
    return b
  elseif b == "null" then
    return a
  elseif (integers[a] or a == "f64") and (integers[b] or b == "f64") then
    return (a == "f64" or b == "f64") and "f64" or "i64"
  end
  return b
end

--- Makes the compile callback of one aggregate of a group.
---@param session perigee.Session
---@param aggregate perigee.Aggregate
---@param items table[] overloads
---@param complain fun(message: string): string puts the line before a message
---@return fun(columns: table[]): table?, string?
function overloads.compiler(session, aggregate, items, complain)
  local seen = {}
  local function types_of(columns)
    local types = {}
    for i, arg in ipairs(aggregate.args) do
      local spec, message = expressions.spec(session, arg, columns)
      if not spec then
        return nil, message
      end
      types[i] = join(seen[i], spec.type)
      seen[i] = types[i]
    end
    return types
  end
  return function(columns)
    local types, message = types_of(columns)
    local item, why = nil, message
    if types then
      item, why = overloads.pick(items, types)
    end
    if not item then
      return nil, complain(why)
    end
    local args = {}
    for i, arg in ipairs(aggregate.args) do
      local want = item.args[i].type ~= "any" and item.args[i].type or nil
      local spec, bad = expressions.spec(session, arg, columns, want)
      if not spec then
        return nil, complain(bad)
      end
      args[i] = core.program(spec)
    end
    return { native = item.native, args = args, item = item }
  end
end

return overloads

-- expressions.lua - expressions of a plan: checked now with what is known, and
-- compiled when the run knows the columns and their types.

local core = require "perigee.core"
local expr = require "perigee.expr"
local schema = require "perigee.plan.schema"

local expressions = {}

-- The schema that the compiler gets: known columns, and those that the
-- expression reads and nobody can say anything about yet, as null.
local function for_compiler(list, ast)
  local columns, types = {}, {}
  for i, column in ipairs(list) do
    columns[i] = { name = column.name, type = column.type == "any" and "null" or column.type }
    types[column.name] = column.type
  end
  local function exists(name)
    if types[name] then
      return true
    end
    local prefix = name:match "^([^.]+)%."
    return prefix and (types[prefix] == "json")
  end
  for name in pairs(expr.reads(ast)) do
    if not exists(name) then
      columns[#columns + 1] = { name = name, type = "null" }
    end
  end
  return columns
end

--- The columns of an expression that do not exist.
---@param ast table
---@param input perigee.Schema
---@return string[] messages
function expressions.missing(ast, input)
  local names, messages = {}, {}
  for name in pairs(expr.reads(ast)) do
    if not schema.find(input, name) then
      names[#names + 1] = name
    end
  end
  table.sort(names)
  for i, name in ipairs(names) do
    messages[i] = schema.missing(input, name)
  end
  return messages
end

-- What makes no sense in the name of a column.
local operators <const> = { binary = true, unary = true, call = true, method = true, get = true }

--- What to do where an expression stands for the name of a column.
---@param text string
---@return string? advice nil: it may well be a name
---@return table? ast
function expressions.instead(text)
  local ast = text:find "[^%w_.]" and expr.parse(text)
  if not ast or not operators[ast.kind] or next(expr.reads(ast)) == nil then
    return nil
  end
  local name = ast.name and ast.name:match "[%w_]+$" or "x"
  return ("this takes names of columns, so make one first: derive { %s = %q }"):format(name, text), ast
end

-- Does it call a function, as only few names of columns seem to?
local function calls(ast)
  local found = false
  require("perigee.expr.parser").walk(ast, function(node)
    found = found or node.kind == "call" or node.kind == "method"
  end)
  return found
end

--- Is an expression given for the name of a column?  JSON and CSV have columns
--- such as "size (MB)" and "a-b", so where any may come only a call without a
--- space, of a function that there is, is taken for one.
---@param session perigee.Session
---@param text string
---@param input perigee.Schema
---@return string? advice
function expressions.mistaken(session, text, input)
  local advice, ast = expressions.instead(text)
  if not advice or input.types[text] then
    return nil
  elseif input.open and not (calls(ast) and text:find "[%w_]%(") then
    return nil
  end
  return expressions.check(session, { text = text, ast = ast }, input) and advice
end

--- Checks one expression while the plan is made.
---@param session perigee.Session
---@param e { text: string, ast: table }
---@param input perigee.Schema
---@return string? type of the result, "any" when it is not known yet
---@return string[]? messages
function expressions.check(session, e, input)
  local messages = expressions.missing(e.ast, input)
  if #messages > 0 then
    return nil, messages
  end
  local spec, why = expr.compile(e.ast, for_compiler(input.list, e.ast), session:functions())
  if not spec then
    return nil, { why }
  end
  for name in pairs(expr.reads(e.ast)) do
    if schema.find(input, name) == "any" then
      return "any"
    end
  end
  return spec.type
end

--- Compiles for the columns of a batch.
---@param session perigee.Session
---@param e { text: string, ast: table }
---@param columns { name: string, type: string }[]
---@param want string? type that the result is cast to
---@return table? spec
---@return string? message
function expressions.spec(session, e, columns, want)
  return expr.compile(e.ast, for_compiler(columns, e.ast), session:functions(), want)
end

--- Compiles to a program of the core.
---@param session perigee.Session
---@param e { text: string, ast: table }
---@param columns { name: string, type: string }[]
---@return userdata? program
---@return string? message
function expressions.program(session, e, columns)
  local spec, message = expressions.spec(session, e, columns)
  if not spec then
    return nil, message
  end
  return core.program(spec)
end

-- Types whose values are the same in Lua and in an expression.
local same <const> = { bool = true, i64 = true, f64 = true, str = true }

--- Compiles what plain Lua functions stand for.
---@param session perigee.Session
---@param list { ast: table }[]
---@param columns { name: string, type: string }[]
---@return userdata[]? programs nil: for these columns Lua has to run them
function expressions.plain(session, list, columns)
  local usable, programs = {}, {}
  for _, column in ipairs(columns) do
    usable[column.name] = same[column.type]
  end
  for i, e in ipairs(list) do
    for name in pairs(expr.reads(e.ast)) do
      if not usable[name] then
        return nil
      end
    end
    programs[i] = expressions.program(session, e, columns)
    if not programs[i] then
      return nil
    end
  end
  return programs
end

return expressions

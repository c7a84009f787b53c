-- expr.lua - expressions over columns, in Lua's own syntax:
--
--   status >= 500 and not path:find("^/health")
--
-- Names are columns; `geo.country` is the column of that name or a path into
-- the JSON column `geo`; `row["odd name"]` is a column whose name is no Lua
-- name.  A text is parsed once, and compiled for the columns of each schema to a
-- program of native functions over whole columns.  What it means is told at the
-- head of expr/compile.lua.

local expr = {}

-- Loaded when there is an expression: they are a third of all modules.
local function compile(...)
  return require "perigee.expr.compile"(...)
end

--- Parses an expression.
---@param text string
---@return table? ast
---@return { message: string, at: integer }? why `at` counts bytes from 1
function expr.parse(text)
  return require("perigee.expr.parser").parse(text)
end

--- The columns that an expression reads; a path counts as one name.
---@param ast table
---@return table<string, boolean>
function expr.reads(ast)
  local names = {}
  require("perigee.expr.parser").walk(ast, function(node)
    if node.kind == "path" then
      names[table.concat(node.parts, ".")] = true
    end
  end)
  return names
end

--- Compiles an expression to a spec of core.program().
---
--- A column of type "null" is nil in every row, and so is one that a schema
--- with open = true lacks.  With a column of type "any" the type is not known
--- yet: nil, nil, "unknown".
---@param ast table
---@param schema { name: string, type: string }[]
---@param functions table[] descriptions, those of the plugin `ops` among them
---@param want string? type that the result is cast to; "truth": any type, as a condition
---@return { type: string, code: table[] }? spec registers count from 1
---@return string? message
---@return integer|string|nil at byte of the expression
function expr.compile(ast, schema, functions, want)
  return compile(ast, schema, functions, want)
end

--- Reports what can be known before there is data.
---@param ast table
---@param schema { name: string, type: string }[]
---@param functions table[]
---@param want string?
---@return string? type of the result; "any" when it is not known yet
---@return string? message
---@return integer? at
function expr.check(ast, schema, functions, want)
  local spec, message, at = compile(ast, schema, functions, want)
  if spec then
    return spec.type
  elseif at == "unknown" then
    return "any"
  end
  return nil, message, at
end

return expr

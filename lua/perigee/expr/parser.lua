-- parser.lua - tokens of an expression to its tree.
--
-- Nodes, each with `at`, the byte where it begins:
--   { kind = "const", value = }              literals; nil has no value
--   { kind = "path", parts = {"geo","city"} } a column, or a path into one
--   { kind = "get", object =, key = }        a path into any other value
--   { kind = "unary", op =, a = }            op: "-" "not" "#" "~"
--   { kind = "binary", op =, a =, b = }
--   { kind = "call", name =, args = }        name may have dots: "math.floor"
--   { kind = "method", name =, name_at =, object =, args = }
-- A node in parentheses has paren = true.

local lexer = require "perigee.expr.lexer"

local parser = {}

-- Lua's own limit is about as deep.
local DEPTH_MAX <const> = 200

-- Left and right binding powers, as in Lua's parser; right-associative
-- operators bind less to the right.
local binary <const> = {
  ["or"] = { 1, 1 }, ["and"] = { 2, 2 },
  ["<"] = { 3, 3 }, [">"] = { 3, 3 }, ["<="] = { 3, 3 }, [">="] = { 3, 3 },
  ["~="] = { 3, 3 }, ["=="] = { 3, 3 },
  ["|"] = { 4, 4 }, ["~"] = { 5, 5 }, ["&"] = { 6, 6 },
  ["<<"] = { 7, 7 }, [">>"] = { 7, 7 }, [".."] = { 9, 8 },
  ["+"] = { 10, 10 }, ["-"] = { 10, 10 },
  ["*"] = { 11, 11 }, ["/"] = { 11, 11 }, ["//"] = { 11, 11 }, ["%"] = { 11, 11 },
  ["^"] = { 14, 13 },
}
local UNARY <const> = 12
local unary <const> = { ["not"] = true, ["-"] = true, ["#"] = true, ["~"] = true }

local constants <const> = {
  ["math.pi"] = math.pi, ["math.huge"] = math.huge,
  ["math.maxinteger"] = math.maxinteger, ["math.mininteger"] = math.mininteger,
}

local refused <const> = {
  ["{"] = "table constructors are not part of it",
  ["function"] = "functions cannot be defined in it",
  ["..."] = "'...' is not part of it",
  ["return"] = "leave 'return' out",
  ["local"] = "statements are not part of it",
  ["if"] = "statements are not part of it",
  ["for"] = "statements are not part of it",
}

local Reader = {}
Reader.__index = Reader

local function found(token)
  if token.kind == "end" then
    return "the end"
  elseif token.kind == "string" then
    return token.text
  end
  return ("'%s'"):format(token.text)
end

function Reader:peek()
  return self.tokens[self.next]
end

function Reader:take()
  self.next = self.next + 1
  return self.tokens[self.next - 1]
end

function Reader:accept(kind)
  if self:peek().kind == kind then
    return self:take()
  end
  return nil
end

function Reader:fail_expected(what)
  local token = self:peek()
  local reason = refused[token.kind]
  if reason then
    lexer.fail(token.at, "expected an expression over columns; " .. reason)
  end
  lexer.fail(token.at, ("expected %s, found %s"):format(what, found(token)))
end

function Reader:expect(kind, what)
  return self:accept(kind) or self:fail_expected(what)
end

function Reader:list(stop)
  local args = {}
  if self:accept(stop) then
    return args
  end
  repeat
    args[#args + 1] = self:expression(0)
  until not self:accept(",")
  self:expect(stop, "',' or ')'")
  return args
end

-- The arguments of a call: in parentheses, or one string.
function Reader:args()
  local text = self:accept("string")
  if text then
    return { { kind = "const", value = text.value, at = text.at } }
  elseif self:peek().kind == "{" then
    self:fail_expected("arguments")
  end
  self:expect("(", "'('")
  return self:list(")")
end

local function call_name(self, node)
  if node.kind ~= "path" or node.quoted or node.paren then
    lexer.fail(self:peek().at, "expected an operator; only functions known by name can be called")
  end
  return table.concat(node.parts, ".")
end

-- One more name behind `node`: a longer path, or a look into a value.
local function member(node, key, quoted)
  if node.kind == "path" and not node.paren then
    node.parts[#node.parts + 1] = key
    node.quoted = node.quoted or quoted
    return node
  end
  return { kind = "get", object = node, key = key, at = node.at }
end

function Reader:index(node)
  self:take()
  local key = self:accept("string")
  if not key then
    self:fail_expected("the name of a column or field in quotes")
  end
  self:expect("]", "']'")
  return member(node, key.value, true)
end

function Reader:method(node)
  self:take()
  local name = self:expect("name", "the name of a method")
  return {
    kind = "method", name = name.value, name_at = name.at, object = node, args = self:args(),
    at = node.at,
  }
end

function Reader:suffix(node)
  local kind = self:peek().kind
  if kind == "." then
    self:take()
    return member(node, self:expect("name", "a name").value)
  elseif kind == "[" then
    return self:index(node)
  elseif kind == ":" then
    return self:method(node)
  elseif kind == "(" or kind == "string" or kind == "{" then
    return { kind = "call", name = call_name(self, node), args = self:args(), at = node.at }
  end
  return nil
end

-- `row.x` is the column x; `row` alone is a column of that name.
local function finish_path(node)
  if node.kind ~= "path" then
    return node
  end
  local value = not node.quoted and constants[table.concat(node.parts, ".")]
  if value then
    return { kind = "const", value = value, at = node.at, paren = node.paren }
  elseif node.parts[1] == "row" and #node.parts > 1 and not node.whole then
    table.remove(node.parts, 1)
  end
  node.whole = true
  return node
end

-- A name, or an expression in parentheses.
function Reader:head()
  local token = self:peek()
  if self:accept("name") then
    return { kind = "path", parts = { token.value }, at = token.at }
  end
  self:expect("(", "an operand")
  local node = self:expression(0)
  self:expect(")", ("')' for the '(' at byte %d"):format(token.at))
  node.paren = true
  return node
end

-- A value that may be followed by `.name`, `["name"]`, `:method()`, `(args)`.
function Reader:primary()
  local node = self:head()
  while true do
    local longer = self:suffix(node)
    if not longer then
      return finish_path(node)
    end
    if longer ~= node and longer.object == node then
      longer.object = finish_path(node)
    end
    node = longer
  end
end

function Reader:simple()
  local token = self:peek()
  local kind = token.kind
  if kind == "number" or kind == "string" then
    return { kind = "const", value = self:take().value, at = token.at }
  elseif kind == "nil" or kind == "true" or kind == "false" then
    self:take()
    return { kind = "const", value = ({ ["true"] = true, ["false"] = false })[kind], at = token.at }
  end
  return self:primary()
end

function Reader:operand()
  local token = self:peek()
  if unary[token.kind] then
    self:take()
    return { kind = "unary", op = token.kind, a = self:expression(UNARY), at = token.at }
  end
  return self:simple()
end

--- An expression whose operators bind more than `limit`.
function Reader:expression(limit)
  self.depth = self.depth + 1
  if self.depth > DEPTH_MAX then
    lexer.fail(self:peek().at, ("nested more than %d deep"):format(DEPTH_MAX))
  end
  local node = self:operand()
  while true do
    local power = binary[self:peek().kind]
    if not power or power[1] <= limit then
      break
    end
    local op = self:take()
    local right = self:expression(power[2])
    node = { kind = "binary", op = op.kind, a = node, b = right, at = node.at, op_at = op.at }
  end
  self.depth = self.depth - 1
  return node
end

-- What follows a whole expression has a reason of its own.
local function fail_after(reader)
  local token = reader:peek()
  if token.kind == "=" then
    lexer.fail(token.at, "expected an expression over columns; it cannot assign, '==' compares")
  end
  if token.kind == "name" and reader.tokens[reader.next - 1].kind == "name" then
    lexer.fail(token.at, ("expected an operator or the end, found %s (a column with blanks in its name"
      .. " is row[\"its name\"])"):format(found(token)))
  end
  reader:fail_expected("an operator or the end")
end

--- The tree of an expression.
---@param text string
---@return table? ast
---@return { message: string, at: integer }? why
function parser.parse(text)
  local ok, result = pcall(function()
    local reader = setmetatable({ tokens = lexer.tokens(text), next = 1, depth = 0 }, Reader)
    local ast = reader:expression(0)
    if reader:peek().kind ~= "end" then
      fail_after(reader)
    end
    return ast
  end)
  if ok then
    return result
  elseif type(result) ~= "table" then
    error(result, 0)
  end
  return nil, result
end

--- Calls `visit` with every node, parents first.
---@param node table
---@param visit fun(node: table)
function parser.walk(node, visit)
  visit(node)
  for _, child in ipairs { "a", "b", "object" } do
    if node[child] then
      parser.walk(node[child], visit)
    end
  end
  for _, child in ipairs(node.args or {}) do
    parser.walk(child, visit)
  end
end

return parser

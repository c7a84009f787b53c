-- lexer.lua - text of an expression to tokens, with Lua's own rules for names,
-- numbers, strings and comments.
--
-- A token is { kind, value =, at = first byte, text = as written }.  Kinds: the
-- operator or keyword itself ("+", "and", "("), or "name", "number", "string",
-- and "end" after the last one.

local lexer = {}

local keywords <const> = {}
for word in ("and break do else elseif end false for function goto if in local nil not or "
  .. "repeat return then true until while"):gmatch "%a+" do
  keywords[word] = true
end

-- Longest first.
local operators <const> = {
  "...", "..", "==", "~=", "<=", ">=", "<<", ">>", "//", "::",
  "+", "-", "*", "/", "%", "^", "#", "&", "~", "|", "<", ">", "=", "(", ")", "{", "}",
  "[", "]", ";", ":", ",", ".",
}

-- What people write who come from other languages.
local foreign <const> = {
  ["!="] = "'~='", ["&&"] = "'and'", ["||"] = "'or'", ["!"] = "'not'", ["?"] = "'a and b or c'",
}

--- Raises a syntax error, for parse() to catch.
---@param at integer
---@param message string
function lexer.fail(at, message)
  error({ message = message, at = at }, 0)
end

-- The end of a long string or comment whose opening bracket is at `at`, or nil
-- when there is none.
local function long_bracket(text, at)
  local equals = text:match("^%[(=*)%[", at)
  if not equals then
    return nil
  end
  local _, stop = text:find("]" .. equals .. "]", at, true)
  if not stop then
    lexer.fail(at, ("expected ']%s]' that ends the long string"):format(equals))
  end
  return stop
end

local function skip_blank(text, at)
  while true do
    at = text:find("%S", at) or #text + 1
    if text:sub(at, at + 1) ~= "--" then
      return at
    end
    at = (long_bracket(text, at + 2) or text:find("\n", at, true) or #text) + 1
  end
end

-- The last byte of a quoted string that begins at `at`.
local function quoted_end(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == quote then
      return i
    elseif c == "\n" or c == "\r" then
      break
    elseif c == "\\" then
      i = text:sub(i + 1, i + 1) == "z" and (text:find("%S", i + 2) or #text + 1) or i + 2
    else
      i = i + 1
    end
  end
  lexer.fail(at, ("expected %s that ends the string"):format(quote == "'" and '"\'"' or "'\"'"))
end

-- Lua itself reads the escapes; `text` is one string literal.
local function string_value(text, at)
  local chunk, message = load("return " .. text, "=", "t", {})
  if not chunk then
    lexer.fail(at, (message:match "^:%d+: (.-) near" or message) .. " in the string")
  end
  return chunk()
end

-- Digits, dots, letters, and signs after an exponent, as Lua takes them in.
local function number_end(text, at)
  local exponent = text:find("^0[xX]", at) and "[pP]" or "[eE]"
  local i = at
  while true do
    if text:find("^" .. exponent .. "[+-]", i) then
      i = i + 2
    elseif text:find("^[%w_.]", i) then
      i = i + 1
    else
      return i - 1
    end
  end
end

local function read_number(text, at)
  local stop = number_end(text, at)
  local value = tonumber(text:sub(at, stop))
  if not value then
    lexer.fail(at, ("malformed number '%s'"):format(text:sub(at, stop)))
  end
  return { kind = "number", value = value }, stop
end

local function read_string(text, at, stop)
  return { kind = "string", value = string_value(text:sub(at, stop), at) }, stop
end

local function read_operator(text, at)
  for _, operator in ipairs(operators) do
    if text:sub(at, at + #operator - 1) == operator then
      return { kind = operator }, at + #operator - 1
    end
  end
  local other = foreign[text:sub(at, at + 1)] or foreign[text:sub(at, at)]
  if other then
    lexer.fail(at, ("unexpected '%s'; Lua writes %s"):format(
      text:match("^[!&|=]+", at) or text:sub(at, at), other))
  end
  local character = text:match("^" .. utf8.charpattern, at) or ("\\x%02x"):format(text:byte(at))
  lexer.fail(at, ("unexpected character '%s'"):format(character))
end

local function read(text, at)
  local word = text:match("^[%a_][%w_]*", at)
  if word then
    return { kind = keywords[word] and word or "name", value = word }, at + #word - 1
  elseif text:find("^%.?%d", at) then
    return read_number(text, at)
  elseif text:find("^[\"']", at) then
    return read_string(text, at, quoted_end(text, at))
  end
  local long = long_bracket(text, at)
  if long then
    return read_string(text, at, long)
  elseif text:find("^&&", at) or text:find("^||", at) then
    lexer.fail(at, ("unexpected '%s'; Lua writes %s"):format(
      text:sub(at, at + 1), foreign[text:sub(at, at + 1)]))
  end
  return read_operator(text, at)
end

--- All tokens of a text.  Raises what fail() raises.
---@param text string
---@return table[] tokens
function lexer.tokens(text)
  local tokens, at = {}, skip_blank(text, 1)
  while at <= #text do
    local token, stop = read(text, at)
    token.at, token.text = at, text:sub(at, stop)
    tokens[#tokens + 1] = token
    at = skip_blank(text, stop + 1)
  end
  tokens[#tokens + 1] = { kind = "end", at = #text + 1, text = "" }
  return tokens
end

return lexer

-- pattern.lua - what can be known of a constant Lua pattern before it runs.

local pattern = {}

---@class perigee.PatternFacts
---@field captures integer how many, 0: the whole match is the result
---@field position boolean the first capture is a position: `()`

-- What a set "[...]" that begins at `at` ends with: the byte behind it.
local function set_end(text, at)
  local i = text:sub(at + 1, at + 1) == "^" and at + 2 or at + 1
  repeat
    local c = text:sub(i, i)
    if c == "" then
      return nil, "missing ']'"
    end
    i = i + 1
    if c == "%" then
      if i > #text then
        return nil, "missing ']'"
      end
      i = i + 1
    end
  until text:sub(i, i) == "]"
  return i + 1
end

-- The byte behind one escape "%x" outside of sets.
local function escape_end(text, at, state)
  local c = text:sub(at + 1, at + 1)
  if c == "" then
    return nil, "ends with '%'"
  elseif c == "b" then
    return at + 3 < #text + 1 and at + 4 or nil, "missing arguments to '%b'"
  elseif c == "f" then
    if text:sub(at + 2, at + 2) ~= "[" then
      return nil, "missing '[' after '%f'"
    end
    return set_end(text, at + 2)
  elseif c:find "%d" then
    local number = tonumber(c)
    if number < 1 or number > state.captures or state.open[number] then
      return nil, ("invalid capture index '%%%s'"):format(c)
    end
  end
  return at + 2
end

local function capture_end(text, at, state)
  state.captures = state.captures + 1
  if state.captures > 32 then
    return nil, "too many captures"
  elseif text:sub(at + 1, at + 1) == ")" then
    state.position = state.position or state.captures == 1
    return at + 2
  end
  table.insert(state.stack, state.captures)
  state.open[state.captures] = true
  return at + 1
end

local function item_end(text, at, state)
  local c = text:sub(at, at)
  if c == "%" then
    return escape_end(text, at, state)
  elseif c == "[" then
    return set_end(text, at)
  elseif c == "(" then
    return capture_end(text, at, state)
  elseif c == ")" then
    local last = table.remove(state.stack)
    if not last then
      return nil, "')' without '('"
    end
    state.open[last] = nil
  end
  return at + 1
end

--- Whether find() takes the text as it is.  As in Lua, a ')' alone is no
--- special character for find().
---@param text string
---@return boolean
function pattern.is_literal(text)
  return not text:find "[%^%$%*%+%?%.%(%[%%%-]"
end

--- Reads a pattern.
---@param text string
---@return perigee.PatternFacts? nil: malformed
---@return string? message
function pattern.read(text)
  local state = { captures = 0, open = {}, stack = {}, position = false }
  local at, message = text:sub(1, 1) == "^" and 2 or 1, nil
  while at and at <= #text do
    at, message = item_end(text, at, state)
  end
  if at and #state.stack > 0 then
    at, message = nil, "'(' without ')'"
  end
  if not at then
    return nil, ("malformed pattern (%s)"):format(message)
  end
  return { captures = state.captures, position = state.position }
end

--- Checks the replacement of a gsub.
---@param text string
---@param captures integer of the pattern
---@return string? message what is wrong
function pattern.check_replacement(text, captures)
  for c in (text .. "\0"):gsub("%%%%", ""):gmatch "%%(.)" do
    if not c:find "%d" then
      return "'%' in a replacement is followed by a digit or '%'"
    elseif tonumber(c) > math.max(captures, 1) then
      return ("invalid capture index '%%%s' in the replacement"):format(c)
    end
  end
  return nil
end

return pattern

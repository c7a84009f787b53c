-- stage.lua - stages, and chains of stages joined with `|`.
--
-- Both are descriptions: nothing is opened by making one.  A chain is never
-- changed by `|`; the result is a new one that shares the stages.

local origin = require "perigee.origin"

local stage = {}

---@class perigee.Stage
---@operator bor(perigee.Stage|perigee.Chain): perigee.Chain
---@field kind string what the plan does with it: "where", "kernel", ...
---@field role "source"|"transform"|"sink" where it may stand
---@field label string what the script calls it
---@field at string the line that made it
---@field session perigee.Session
---@field broken boolean? true when its arguments have problems
local Stage = { __name = "perigee.stage", __metatable = "perigee.stage" }

---@class perigee.Chain
---@operator bor(perigee.Stage|perigee.Chain): perigee.Chain
---@field session perigee.Session
---@field [integer] perigee.Stage
local Chain = { __name = "perigee.chain", __metatable = "perigee.chain" }

-- getmetatable() is closed to scripts by __metatable, so types are kept here.
local types <const> = setmetatable({}, { __mode = "k" })

--- Makes a stage.
---@param session perigee.Session
---@param fields table kind, role, label and what the kind needs
---@return perigee.Stage
function stage.new(session, fields)
  fields.session = session
  fields.at = fields.at or origin.here()
  types[fields] = "stage"
  return setmetatable(fields, Stage)
end

--- What a value is: "stage", "chain", "pipeline", "plan", "aggregate",
--- "unknown" (a name that does not exist), or its Lua type.
---@param value any
---@return string
function stage.type(value)
  return types[value] or type(value)
end

--- Marks a table as one of ours.
---@generic T: table
---@param value T
---@param name string
---@return T
function stage.mark(value, name)
  types[value] = name
  return value
end

--- A stage or chain as a chain.
---@param session perigee.Session
---@param value any
---@return perigee.Chain? chain nil: it is neither
function stage.chain(session, value)
  if types[value] == "chain" then
    return value
  elseif types[value] == "stage" then
    local chain = setmetatable({ session = session, value }, Chain)
    types[chain] = "chain"
    return chain
  elseif types[value] == "unknown" then
    return stage.chain(session, value()) -- notes the problem
  end
  return nil
end

local function describe(session, value)
  if type(value) == "function" then
    local name = session.names and session.names[value]
    if name then
      return ("a function; call it: write %s() instead of %s"):format(name, name)
    end
  end
  return value == nil and "nothing" or "a " .. stage.type(value)
end

local function append(session, chain, value, where)
  local part = stage.chain(session, value)
  if not part then
    session:problem(nil, nil, ("expected a stage %s '|', got %s")
      :format(where, describe(session, value)))
    -- A stand-in, so that what is missing is not complained of again.
    chain[#chain + 1] = stage.new(session, { kind = "unknown", role = "transform", label = "?",
      broken = true })
    return
  end
  for _, item in ipairs(part) do
    chain[#chain + 1] = item
  end
end

local function join(left, right)
  local session = types[left] and left.session or right.session
  local chain = setmetatable({ session = session }, Chain)
  types[chain] = "chain"
  append(session, chain, left, "before")
  append(session, chain, right, "after")
  return chain
end

Stage.__bor = join
Chain.__bor = join

function Stage.__tostring(self)
  return ("stage %s (%s)"):format(self.label, self.at)
end

function Chain.__tostring(self)
  local names = {}
  for i, item in ipairs(self) do
    names[i] = item.label
  end
  return table.concat(names, " | ")
end

return stage

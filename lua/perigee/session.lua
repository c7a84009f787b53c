-- session.lua - what one config script has said so far.
--
-- A session collects the problems of a script instead of raising the first
-- one, knows where plugins are found, and counts what is created, so that
-- output columns come in the order in which the script names them.

local origin = require "perigee.origin"

local session = {}

---@class perigee.Problem
---@field at string file and line of the script
---@field stage string? the stage that it is about
---@field text string what was expected, what was found
---@field refused boolean? true when a plugin was refused

---@class perigee.Session
---@field mode "run"|"check"|"worker" with "check", functions of plugins cannot be called; with
--- "worker", the script ran before
---@field quiet boolean? true while the script must say nothing
---@field text string? the script
---@field plugins perigee.Plugins where plugins are found
---@field problems perigee.Problem[]
---@field defined table<string, table<string, table>> kind -> name -> Lua definition
---@field opened table[] the plugins that the script has loaded, in order
---@field secrets table<string, string> value of an environment variable -> name
---@field made integer how many aggregates were created
local Session = {}
Session.__index = Session

--- Starts a session.
---@param options { mode: string?, plugins: perigee.Plugins }
---@return perigee.Session
function session.new(options)
  return setmetatable({
    mode = options.mode or "run",
    plugins = options.plugins,
    problems = {},
    defined = { source = {}, transform = {}, sink = {}, decoder = {}, encoder = {} },
    opened = {},
    secrets = {},
    made = 0,
  }, Session)
end

--- Notes a problem; the script goes on, so that all are found in one go.
---@param at string? "config.lua:12"; nil: the line that is running
---@param stage string?
---@param text string
function Session:problem(at, stage, text)
  local entry = { at = at or origin.here(), stage = stage, text = text }
  self.problems[#self.problems + 1] = entry
end

--- Numbers a new aggregate.
---@return integer
function Session:next_number()
  self.made = self.made + 1
  return self.made
end

--- Notes that a plugin was refused.
---@param at string?
---@param stage string?
---@param text string
function Session:refused(at, stage, text)
  self:problem(at, stage, text)
  self.problems[#self.problems].refused = true
end

--- The functions that expressions may call: the primitive ones, then those of
--- each plugin that the script has loaded.
---@return table[] functions as in a plugin's description
function Session:functions()
  if self.known_functions and self.known_functions.opened == #self.opened then
    return self.known_functions
  end
  local list = { opened = #self.opened }
  local function add(description)
    for _, fn in ipairs(description and description.functions or {}) do
      if fn.pure then
        list[#list + 1] = fn
      end
    end
  end
  local ops, message = self.plugins:describe_loaded("ops")
  if not ops then
    self:refused(nil, nil, message)
  end
  add(ops)
  for _, description in ipairs(self.opened) do
    add(description)
  end
  self.known_functions = list
  return list
end

--- The problems in the order of the script.
---@return perigee.Problem[]
function Session:sorted()
  local list = {}
  for i, problem in ipairs(self.problems) do
    local file, line = origin.split(problem.at)
    list[i] = { problem = problem, file = file, line = line, number = i }
  end
  table.sort(list, function(a, b)
    if a.file ~= b.file then
      return a.file < b.file
    elseif a.line ~= b.line then
      return a.line < b.line
    end
    return a.number < b.number
  end)
  local sorted = {}
  for i, entry in ipairs(list) do
    sorted[i] = entry.problem
  end
  return sorted
end

--- One problem as a line of text.
---@param problem perigee.Problem
---@return string
function session.format(problem)
  local stage = problem.stage and problem.stage .. ": " or ""
  return ("%s: %s%s"):format(problem.at, stage, problem.text)
end

return session

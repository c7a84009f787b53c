-- flow.lua - stages with several inputs or outputs: merge, tee, route.

local params = require "perigee.params"
local stage = require "perigee.stage"
local transforms = require "perigee.stages.transforms"

local flow = {}

local function begin(session, kind, role)
  local self = stage.new(session, { kind = kind, role = role, label = kind, branches = {} })
  return self, function(text)
    self.broken = true
    session:problem(self.at, kind, text)
  end
end

-- The chains of a list; what is no chain is reported.
local function chains_of(self, report, list)
  if stage.chain(self.session, list) then
    list = { list } -- `tee(chain)` is `tee { chain }`
  end
  if type(list) ~= "table" or #list == 0 then
    report("expected a list of chains, got " .. (type(list) == "table" and "none" or params.show(list)))
    return
  end
  for key, value in pairs(list) do
    local chain = stage.chain(self.session, value)
    if math.type(key) ~= "integer" then
      report(("unknown parameter '%s'"):format(tostring(key)))
    elseif not chain then
      report(("branch %d: expected a stage or a chain, got a %s"):format(key, stage.type(value)))
    else
      self.branches[key] = chain
    end
  end
end

--- Joins several streams into one.
---@param session perigee.Session
---@param list (perigee.Chain|perigee.Stage)[] each begins with a source
---@return perigee.Stage
function flow.merge(session, list)
  local self, report = begin(session, "merge", "source")
  chains_of(self, report, list)
  return self
end

--- Gives every batch to each branch, and to the stage after it.
---@param session perigee.Session
---@param list (perigee.Chain|perigee.Stage)[] each ends in a sink
---@return perigee.Stage
function flow.tee(session, list)
  local self, report = begin(session, "tee", "transform")
  chains_of(self, report, list)
  return self
end

-- False: there is a field that may have been meant as another.
local function check_keys(branch, number, report)
  local known = true
  for key in pairs(branch) do
    if key ~= 1 and key ~= "when" and key ~= "otherwise" then
      known = false
      report(("branch %d: unknown parameter '%s'%s"):format(number, tostring(key),
        params.did_you_mean(tostring(key), { "when", "otherwise" })))
    end
  end
  return known
end

local function add_branch(self, report, number, branch)
  if type(branch) ~= "table" or stage.chain(self.session, branch) then
    report(("branch %d: expected { when = \"status >= 500\", chain }, got a %s")
      :format(number, stage.type(branch)))
    return
  end
  local known = check_keys(branch, number, report)
  local chain = branch[1] and stage.chain(self.session, branch[1])
  if branch[1] ~= nil and not chain then
    report(("branch %d: expected a stage or a chain, got a %s")
      :format(number, stage.type(branch[1])))
  end
  if branch.otherwise ~= nil then
    if self.otherwise then
      report(("branch %d: 'otherwise' is given twice"):format(number))
    elseif branch.otherwise ~= true and branch.otherwise ~= "drop" then
      report(("branch %d: expected otherwise = true or \"drop\", got %s")
        :format(number, params.show(branch.otherwise)))
    end
    self.otherwise = { chain = chain or nil, drop = branch.otherwise == "drop" }
    return
  elseif branch.when == nil and not known then
    return
  end
  local e = transforms.expression(branch.when, report, ("branch %d: when"):format(number))
  if e then
    self.branches[#self.branches + 1] = { condition = e, chain = chain or nil }
  end
end

--- Gives each row to the first branch whose condition is true.
---@param session perigee.Session
---@param list table[] { when = expression, chain } and { otherwise = true, chain }
---@return perigee.Stage
function flow.route(session, list)
  local self, report = begin(session, "route", "transform")
  if type(list) ~= "table" or #list == 0 then
    report("expected a list of { when = \"status >= 500\", chain }, got "
      .. (type(list) == "table" and "none" or params.show(list)))
    return self
  end
  for number, branch in ipairs(list) do
    add_branch(self, report, number, branch)
  end
  return self
end

return flow

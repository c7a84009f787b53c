-- front.lua - the table that `require "perigee"` gives to a config script.

local aggregates = require "perigee.aggregates"
local core = require "perigee.core"
local define = require "perigee.define"
local flow = require "perigee.stages.flow"
local load_plugin = require "perigee.load"
local native = require "perigee.stages.native"
local origin = require "perigee.origin"
local params = require "perigee.params"
local rows = require "perigee.stages.rows"
local stage = require "perigee.stage"
local transforms = require "perigee.stages.transforms"

local front = {}

local aggregate_names <const> = { "count", "sum", "mean", "min", "max", "quantile", "distinct" }
local log_levels <const> = { debug = true, info = true, warn = true, error = true }

-- The names of plugin items that the host itself gives a place in the table.
-- `write` is the sink `file`: `p.file` is the source.
local sinks <const> = { stdout = "stdout", write = "file" }

local function add_stages(p, session)
  for name, make in pairs(transforms.constructors) do
    p[name] = function(...) return make(session, ...) end
  end
  for label, item in pairs(sinks) do
    p[label] = function(...) return native.sink(session, item, label, ...) end
  end
  function p.rows(list) return rows.new(session, list) end
  function p.decode(...) return native.decode(session, ...) end
  function p.merge(list) return flow.merge(session, list) end
  function p.tee(list) return flow.tee(session, list) end
  function p.route(list) return flow.route(session, list) end
end

local function add_aggregates(p, session)
  for _, name in ipairs(aggregate_names) do
    p[name] = function(...) return aggregates.new(session, name, ...) end
  end
  function p.agg(name, ...)
    if type(name) ~= "string" then
      error("agg: expected the name of an aggregate, got " .. params.show(name), 2)
    end
    return aggregates.new(session, name, ...)
  end
end

local function pipeline(session, parts)
  local self = stage.mark({ at = origin.here(), chains = {} }, "pipeline")
  local whole = stage.chain(session, parts)
  if whole then
    parts = { whole }
  elseif type(parts) ~= "table" then
    session:problem(self.at, "pipeline", "expected a table of chains, got " .. params.show(parts))
    parts = {}
  end
  for key, value in pairs(parts) do
    if key == "name" then
      self.name = tostring(value)
    elseif math.type(key) ~= "integer" then
      session:problem(self.at, "pipeline", ("unknown parameter '%s'%s"):format(tostring(key),
        params.did_you_mean(tostring(key), { "name" })))
    end
  end
  for number, value in ipairs(parts) do
    local chain = stage.chain(session, value)
    if chain then
      self.chains[#self.chains + 1] = chain
    else
      session:problem(self.at, "pipeline", ("item %d: expected a chain of stages, got a %s")
        :format(number, stage.type(value)))
    end
  end
  return self
end

local function plan(session, list)
  local self = stage.mark({ at = origin.here(), pipelines = {} }, "plan")
  for number, value in ipairs(type(list) == "table" and list or {}) do
    local chain = stage.chain(session, value)
    if chain then
      value = pipeline(session, { chain })
    end
    if stage.type(value) == "pipeline" then
      self.pipelines[#self.pipelines + 1] = value
    else
      session:problem(self.at, "plan", ("item %d: expected a pipeline, got a %s")
        :format(number, stage.type(value)))
    end
  end
  return self
end

local function add_tools(p, session)
  function p.pipeline(parts) return pipeline(session, parts) end
  function p.plan(list) return plan(session, list) end
  function p.load(name) return load_plugin(session, name) end
  function p.batch(columns)
    return core.batch_of_rows(columns)
  end
  p.buffer = core.buffer
  function p.env(name, default)
    local value = os.getenv(name)
    if value and value ~= "" then
      session.secrets[value] = name
    end
    return value or default
  end
  function p.log(level, text)
    if text == nil then
      level, text = "info", level
    elseif not log_levels[level] then
      error(("log: unknown level '%s'; known: debug, info, warn, error"):format(tostring(level)), 2)
    end
    if not session.quiet then
      core.log(level, tostring(text))
    end
  end
  p.define = define.new(session)
  p.version = core.version
end

-- A stage of a plugin, or one defined in Lua, by its name.
local function from_plugins(session, name)
  for _, kind in ipairs { "source", "transform", "kernel", "sink" } do
    local entry = (session.defined[kind] or {})[name]
    if not entry and kind ~= "transform" then
      entry = session.plugins:find(kind, name)
    end
    if entry and kind == "sink" and not entry.lua then
      return function(...) return native.sink(session, name, name, ...) end
    elseif entry then
      return function(arg, ...) return native.new(session, entry, name, arg, select("#", ...)) end
    end
  end
  return nil
end

local function known_names(p, session)
  local names = {}
  for name in next, p do
    names[#names + 1] = name
  end
  for _, kind in ipairs { "source", "kernel", "sink" } do
    table.move(session.plugins:names(kind), 1, #session.plugins:names(kind), #names + 1, names)
  end
  table.sort(names)
  return names
end

-- Stands for a name that does not exist: the call notes the problem, so that
-- the problems after it are found in the same run.
local function unknown(p, session, name)
  local function report()
    session:problem(nil, nil, ("no stage or function '%s'%s"):format(name,
      params.did_you_mean(name, known_names(p, session))))
    return stage.new(session, { kind = "unknown", role = "transform", label = name, broken = true })
  end
  return setmetatable(stage.mark({}, "unknown"), {
    __call = report,
    __bor = function(_, right) -- a stage on the left has its own
      return report() | right
    end,
    __index = function(_, key)
      error(("perigee has no '%s' (found '%s.%s')"):format(name, name, tostring(key)), 2)
    end,
  })
end

--- Makes the table for one session.
---@param session perigee.Session
---@return table p
function front.new(session)
  local p = {}
  add_stages(p, session)
  add_aggregates(p, session)
  add_tools(p, session)
  session.names = {}
  for name, value in pairs(p) do
    session.names[value] = name
  end
  return setmetatable(p, {
    __metatable = "perigee",
    __index = function(_, name)
      if type(name) ~= "string" then
        return nil
      end
      local constructor = from_plugins(session, name)
      if constructor then
        p[name] = constructor
        session.names[constructor] = name
        return constructor
      end
      return unknown(p, session, name)
    end,
  })
end

return front

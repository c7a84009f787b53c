-- load.lua - `p.load "score"`: a plugin as a module.
--
-- Its functions are called, its classes make objects, its stages and aggregates
-- are constructors:
--
--   local score = p.load "score"
--   score.min(1, 2)        score.keep { limit = 1 }        n = score.spread "bytes"
--
-- A function that fails raises "score.min: why"; pcall(score.min, ...) gives false
-- and the message.

local aggregates = require "perigee.aggregates"
local core = require "perigee.core"
local native = require "perigee.stages.native"
local params = require "perigee.params"
local stage = require "perigee.stage"

local kinds <const> = { { "source", "sources" }, { "kernel", "kernels" }, { "sink", "sinks" } }

local function add_functions(module, session, description, plugin)
  for _, list in ipairs { description.functions or {}, description.classes or {} } do
    for _, item in ipairs(list) do
      if plugin then
        module[item.name] = module[item.name] or plugin:call(item.name)
      else
        module[item.name] = function()
          error(("%s.%s: functions of plugins are not called while a plan is checked")
            :format(description.name, item.name), 2)
        end
      end
    end
  end
  for _, item in ipairs(description.aggregates or {}) do
    module[item.name] = module[item.name] or function(...)
      return aggregates.new(session, item.name, ...)
    end
  end
end

local function add_stages(module, session, description, path)
  for _, kind in ipairs(kinds) do
    for _, item in ipairs(description[kind[2]] or {}) do
      local entry = { kind = kind[1], name = item.name, item = item, path = path,
        plugin_name = description.name }
      module[item.name] = module[item.name] or function(arg, ...)
        return native.new(session, entry, item.name, arg, select("#", ...))
      end
    end
  end
end

-- A plugin that was not found or was refused is one problem, not many: every
-- name of its stand-in is a stage.
local function broken(session, name)
  return setmetatable({}, { __index = function(_, key)
    return function()
      return stage.new(session, { kind = "unknown", role = "transform", broken = true,
        label = ("%s.%s"):format(name, key) })
    end
  end })
end

--- Loads a plugin for the script.
---@param session perigee.Session
---@param name string a name, or a path relative to the config
---@return table module
return function(session, name)
  if type(name) ~= "string" then
    error("load: expected the name of a plugin, got " .. params.show(name), 3)
  end
  local path, message = session.plugins:locate(name)
  if not path then
    session:problem(nil, "load", message)
    return broken(session, name)
  end
  local description, plugin, why
  if session.mode == "check" then
    local ok
    ok, why = session.plugins:probe(path)
    if ok then
      description, why = core.describe(path)
    end
  else
    plugin, why = session.plugins:load(path)
    description = plugin and plugin:describe()
  end
  if not description then
    session:refused(nil, "load", why)
    return broken(session, name)
  end
  session.opened[#session.opened + 1] = description
  local module, names = {}, {}
  add_functions(module, session, description, plugin)
  add_stages(module, session, description, path)
  for key in pairs(module) do
    names[#names + 1] = key
  end
  table.sort(names)
  return setmetatable(module, { __index = function(_, key)
    error(("plugin '%s' has no '%s'%s"):format(name, tostring(key),
      params.did_you_mean(tostring(key), names)), 2)
  end })
end

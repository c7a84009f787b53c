-- prepare.lua - from the words of the command line to a checked plan.

local config = require "perigee.config"
local names = require "perigee.names"
local plan = require "perigee.plan"
local plugins = require "perigee.plugins"

local prepare = {}

local function directory_of(path)
  return path and path:match "^(.*)/[^/]*$" or "."
end

--- Reads and checks a config.
---@param options perigee.Arguments
---@param mode "run"|"check"|"worker"
---@return perigee.Session session
---@return perigee.Node[]? nodes nil when there are problems
function prepare.nodes(options, mode)
  local dir = directory_of(options.config)
  local arg = { [0] = options.config or "-e" }
  table.move(options.rest, 1, #options.rest, 1, arg)
  local session, description = config.read {
    path = options.config, code = options.code, text = options.text, arg = arg, dir = dir,
    mode = mode,
    plugins = plugins.new {
      dirs = options.plugin_dir, config_dir = options.config and dir,
      path = os.getenv "PERIGEE_PATH", probe = options.probe,
      memory = names.read(),
    },
  }
  return session, description and plan.check(session, description)
end

return prepare

-- cli/gen.lua - `perigee gen`: typed stubs from what a plugin says of itself.

local core = require "perigee.core"
local plugins = require "perigee.plugins"

local command = {}

local generators <const> = {
  lua = require "perigee.gen.lua", c = require "perigee.gen.c", rust = require "perigee.gen.rust",
}

--- Writes stubs in one language to stdout.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function command.run(options, report)
  local index = plugins.new { dirs = options.plugin_dir, path = os.getenv "PERIGEE_PATH" }
  local path, message = index:locate(options.name)
  path = path or index:locate_item(options.name)
  if not path then
    report:error(message)
    return 2
  end
  local description, why = core.describe(path)
  if not description then
    report:error(why)
    return 4
  end
  io.stdout:write(generators[options.language](description))
  return 0
end

return command

-- cli.lua - the command line: main(argv) -> exit code.
--
-- Data goes to stdout, everything else to stderr.

local arguments = require "perigee.cli.arguments"
local core = require "perigee.core"

local cli = {}

-- Module and function of each command.  Only that module is loaded: a start is
-- mostly the loading of modules.
local handlers <const> = {
  run = { "script", "run" }, check = { "script", "check" }, plan = { "script", "plan" },
  plugins = { "plugins", "run" }, gen = { "gen", "run" }, bench = { "bench", "run" },
  test = { "test", "run" },
}

local function set_log_level(options)
  local level = options.log_level
  if not level then
    local verbose = options.verbose or 0
    level = options.quiet and "error" or verbose == 0 and "warn" or verbose == 1 and "info" or "debug"
  end
  core.set_log_level(level)
end

--- Runs one command.
---@param argv string[] without the program's own name
---@return integer exit code
function cli.main(argv)
  local options, message, usage = arguments.read(argv)
  if not options then
    io.stderr:write("perigee: ", message, "\n", usage, "\n")
    return 2
  elseif options.help then
    io.stdout:write(options.help)
    return 0
  elseif options.version then
    io.stdout:write(("perigee %s (ABI %d.%d, %s)\n"):format(core.version, core.abi.major,
      core.abi.minor, _VERSION))
    return 0
  end
  set_log_level(options)
  local module, name = table.unpack(handlers[options.command])
  local report = require("perigee.cli.report").new(options)
  return require("perigee.cli." .. module)[name](options, report)
end

return cli

-- cli/test.lua - `perigee test`: busted specs inside this program, so that they
-- see perigee.core, and glue writers test in what their scripts run in.

local command = {}

--- Runs busted; it ends the program itself.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function command.run(options, report)
  if not package.searchpath("busted.runner", package.path) then
    report:error "busted is not installed (Debian: apt install lua-busted)"
    return 1
  end
  local arg = { [0] = "perigee test" }
  table.move(options.rest, 1, #options.rest, 1, arg)
  _G.arg = arg -- luacheck: globals arg
  -- busted takes its name and its way to exit from the chunk that calls it.
  local runner = assert(load("require 'busted.runner' { standalone = false }", "@perigee", "t"))
  runner()
  return 0
end

return command

-- cli/bench.lua - `perigee bench`: runs a benchmark program of the build tree.

local core = require "perigee.core"
local params = require "perigee.params"

local command = {}

local names <const> = { "seed" }

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

--- Runs a benchmark; its table goes to stdout.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function command.run(options, report)
  local known = false
  for _, name in ipairs(names) do
    known = known or name == options.name
  end
  if not known then
    report:error(("no benchmark '%s'%s; known: %s"):format(options.name,
      params.did_you_mean(options.name, names), table.concat(names, ", ")))
    return 2
  end
  local program = ("%s/bench/%s"):format(core.exec_dir, options.name)
  local file = io.open(program, "rb")
  if not file then
    report:error(("'%s' is not built; in the sources: cmake --build build --target bench_%s")
      :format(program, options.name))
    return 1
  end
  file:close()
  local _, how, code = os.execute(("%s %s"):format(quote(program), options.rounds or ""))
  return how == "exit" and code or 1
end

return command

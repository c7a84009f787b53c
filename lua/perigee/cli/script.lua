-- script.lua - the commands that read a config: run, check, plan.

local config = require "perigee.config"
local core = require "perigee.core"
local json = require "perigee.json"
local plan = require "perigee.plan"
local plugins = require "perigee.plugins"
local print_plan = require "perigee.plan.print"

local script = {}

local exit <const> = { done = 0, failed = 1, usage = 2, config = 3, refused = 4, interrupted = 130 }

local function directory_of(path)
  return path and path:match "^(.*)/[^/]*$" or "."
end

local function read(options, mode)
  local dir = directory_of(options.config)
  local arg = { [0] = options.config or "-e" }
  table.move(options.rest, 1, #options.rest, 1, arg)
  return config.read {
    path = options.config, code = options.code, arg = arg, dir = dir, mode = mode,
    plugins = plugins.new {
      dirs = options.plugin_dir, config_dir = options.config and dir,
      path = os.getenv "PERIGEE_PATH", probe = options.probe,
    },
  }
end

-- Reads and checks: the session, and the nodes when there are no problems.
local function prepare(options, mode)
  local session, description = read(options, mode)
  local nodes
  if description then
    nodes = plan.check(session, description)
  end
  return session, nodes
end

local function code_of(session)
  for _, problem in ipairs(session.problems) do
    if problem.refused then
      return exit.refused
    end
  end
  return exit.config
end

local function warn_all(session, report)
  for _, warning in ipairs(session.plugins.warnings) do
    report:warn(warning)
  end
end

--- Runs a config.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function script.run(options, report)
  local session, nodes = prepare(options, "run")
  if not nodes then
    report:problems(session)
    return code_of(session)
  end
  warn_all(session, report)
  local result, message, kind, partial = core.run(plan.graph(session, nodes), {
    progress = not options.quiet and core.isatty(2), max_shown = 5,
    workers = options.workers, batch_rows = options.batch_rows,
  })
  if not result then
    report:rejects(partial, message)
    report:error(message)
    return exit[kind] or exit.failed
  end
  report:rejects(result)
  report:absent(result, nodes)
  if (options.verbose or 0) > 0 then
    report:totals(result)
  end
  return result.interrupted and exit.interrupted or exit.done
end

local function problems_json(session)
  local list = json.list {}
  for i, problem in ipairs(session:sorted()) do
    list[i] = { at = problem.at, stage = problem.stage, text = problem.text }
  end
  return json.encode { ok = #list == 0, problems = list } .. "\n"
end

--- Prints every problem of a config.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function script.check(options, report)
  local session, nodes = prepare(options, "check")
  if options.json then
    io.stdout:write(problems_json(session))
  elseif not nodes then
    report:problems(session)
  else
    warn_all(session, report)
    if not options.quiet then
      report:line(("perigee: %s: no problems"):format(options.config or "-e"))
    end
  end
  return nodes and exit.done or code_of(session)
end

--- Shows the plan of a config.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function script.plan(options, report)
  local session, nodes = prepare(options, "check")
  if not nodes then
    report:problems(session)
    return code_of(session)
  end
  warn_all(session, report)
  io.stdout:write(options.json and print_plan.json(session, nodes) or print_plan.text(session, nodes))
  return exit.done
end

return script

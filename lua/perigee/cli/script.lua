-- script.lua - the commands that read a config: run, check, plan.

local again = require "perigee.cli.again"
local core = require "perigee.core"
local plan = require "perigee.plan"
local prepare = require "perigee.cli.prepare"

local script = {}

local exit <const> = { done = 0, failed = 1, usage = 2, config = 3, refused = 4, interrupted = 130 }

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
  local session, nodes = prepare.nodes(options, "run")
  if not nodes then
    report:problems(session)
    return code_of(session)
  end
  warn_all(session, report)
  local result, message, kind, partial = core.run(plan.graph(session, nodes), {
    progress = not options.quiet and core.isatty(2), max_shown = 5,
    workers = options.workers, batch_rows = options.batch_rows,
    again = again.text(options, session, nodes),
  })
  if not result then
    report:rejects(partial, message)
    report:error(message)
    return exit[kind] or exit.failed
  end
  report:rejects(result)
  report:absent(result, nodes)
  if (options.verbose or 0) > 0 then
    report:totals(result, nodes)
  end
  return result.interrupted and exit.interrupted or exit.done
end

local function problems_json(session)
  local json = require "perigee.json"
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
  local session, nodes = prepare.nodes(options, "check")
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
  local session, nodes = prepare.nodes(options, "check")
  if not nodes then
    report:problems(session)
    return code_of(session)
  end
  warn_all(session, report)
  local print_plan = require "perigee.plan.print"
  io.stdout:write(options.json and print_plan.json(session, nodes) or print_plan.text(session, nodes))
  return exit.done
end

return script

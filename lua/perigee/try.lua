-- try.lua - run(plan) and collect(chain): pipelines inside a spec.

local core = require "perigee.core"
local plan = require "perigee.plan"
local session_module = require "perigee.session"
local stage = require "perigee.stage"

local try = {}

-- Every plan of a spec is checked by itself: the problems of the last one are
-- not those of the next.
local function take_problems(session)
  local lines = {}
  for i, problem in ipairs(session:sorted()) do
    lines[i] = session_module.format(problem)
  end
  session.problems = {}
  return table.concat(lines, "\n")
end

local function run(session, description, options)
  local nodes = plan.check(session, description)
  if not nodes then
    return nil, take_problems(session), "config"
  end
  options = options or {}
  return core.run(plan.graph(session, nodes), {
    progress = false, max_shown = 5, workers = options.workers, batch_rows = options.batch_rows,
  })
end

local function row_of(row)
  local copy = {}
  for name, value in pairs(row) do
    copy[name] = value
  end
  return copy
end

--- Adds `run` and `collect`.
---@param p table from front.new
---@param session perigee.Session
function try.add(p, session)
  --- Checks and runs a plan, a pipeline or a chain.
  function p.run(value, options)
    local kind = stage.type(value)
    return run(session, kind == "plan" and value or p.plan { value }, options)
  end

  --- Runs a chain without a sink; the rows that come out.
  function p.collect(chain, options)
    local rows = {}
    local sink = stage.new(session, { kind = "each", role = "transform", label = "collect",
      fn = function(row) rows[#rows + 1] = row_of(row) end })
    local done = stage.new(session, { kind = "lua_sink", role = "sink", label = "collect",
      params = {}, entry = { lua = true, kind = "sink", name = "collect", item = { params = {} },
        open = function() return { write = function() end } end } })
    local result, message, why = p.run(chain | sink | done, options)
    if not result then
      return nil, message, why
    end
    return rows, result
  end
end

return try

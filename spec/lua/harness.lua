-- harness.lua - checks config texts against the fake core.

local harness = {}

-- Fresh modules that see the fake core, whatever core this program has.
local function fresh()
  for name in pairs(package.loaded) do
    if name == "perigee" or name:find("^perigee%.") then
      package.loaded[name] = nil
    end
  end
  local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
  harness.core = dofile(here .. "/fake_core.lua")
  package.loaded["perigee.core"] = harness.core
  if not package.path:find(here .. "/../../lua/?.lua", 1, true) then
    package.path = ("%s/../../lua/?.lua;%s/../../lua/?/init.lua;%s")
      :format(here, here, package.path)
  end
end

fresh()

local config = require "perigee.config"
local plan = require "perigee.plan"
local plugins = require "perigee.plugins"
local session = require "perigee.session"

harness.config = config

--- Reads and checks a config text.
---@param code string
---@param options table?
---@return table session
---@return table[]? nodes
function harness.read(code, options)
  options = options or {}
  local read, description = config.read {
    code = not options.path and code or nil, path = options.path, dir = options.dir or ".",
    arg = options.arg or {}, mode = options.mode or "check", plugins = plugins.new {},
  }
  return read, description and plan.check(read, description)
end

--- The problems of a config text, as they are printed, without "-e:".
---@param code string
---@return string[]
function harness.problems(code, options)
  local lines = {}
  for i, problem in ipairs((harness.read(code, options)):sorted()) do
    lines[i] = session.format(problem):gsub("^%-e:(%d)", "%1")
  end
  return lines
end

--- The graph of a config text that must be right.
---@param code string
---@return table[] nodes of the core
---@return table[] nodes of the plan
function harness.graph(code)
  local read, nodes = harness.read(code, { mode = "run" })
  if not nodes then
    error(table.concat(harness.problems(code), "\n"), 2)
  end
  return plan.graph(read, nodes).nodes, nodes
end

--- The decode node of a graph.
---@param code string
---@return table
function harness.decode(code)
  for _, node in ipairs((harness.graph(code))) do
    if node.kind == "decode" then
      return node
    end
  end
  error("no decode", 2)
end

return harness

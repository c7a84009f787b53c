-- again.lua - the config once more, in the Lua state of a worker.
--
-- The main state writes down what it takes to run the script again, and what
-- its plan was; the state of a worker runs the script, and compares.

local plan = require "perigee.plan"
local prepare = require "perigee.cli.prepare"

local again = {}

-- The code of a function, and plain values around it: what makes two functions
-- the same, as far as that can be seen.
local function describe_function(fn, seen, parts)
  if seen[fn] then
    return
  end
  seen[fn] = true
  local known, code = pcall(string.dump, fn, true)
  parts[#parts + 1] = known and code or "C"
  for i = 1, math.huge do
    local name, value = debug.getupvalue(fn, i)
    if not name then
      break
    elseif type(value) == "function" then
      describe_function(value, seen, parts)
    else
      local kind = type(value)
      local plain = kind == "string" or kind == "number" or kind == "boolean"
      parts[#parts + 1] = plain and ("%q"):format(value) or kind
    end
  end
end

local function describe(session, node)
  local parts = { require("perigee.plan.print").node(session, node) }
  if node.stage.parallel then
    describe_function(node.stage.fn, {}, parts)
  end
  return table.concat(parts, "\n")
end

local function describe_all(session, nodes)
  local list = {}
  for i, node in ipairs(nodes) do
    list[i] = { at = node.at, label = node.label, text = describe(session, node) }
  end
  return list
end

-- Strings, numbers, booleans and tables of these as Lua text.
local function write(value)
  if type(value) ~= "table" then
    return ("%q"):format(value)
  end
  local parts = {}
  for key, item in pairs(value) do
    parts[#parts + 1] = ("[%q]=%s"):format(key, write(item))
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

--- What a worker needs.
---@param options perigee.Arguments
---@param session perigee.Session
---@param nodes perigee.Node[]
---@return string? text nil: no stage asks for it
function again.text(options, session, nodes)
  local wanted = false
  for _, node in ipairs(nodes) do
    wanted = wanted or (node.kind == "each" and node.stage.parallel)
  end
  if not wanted then
    return nil
  end
  return write {
    options = { config = options.config, code = options.code, text = session.text,
      rest = options.rest, plugin_dir = options.plugin_dir },
    nodes = describe_all(session, nodes),
  }
end

local function difference(before, after)
  for i = 1, math.max(#before, #after) do
    local old, new = before[i], after[i]
    if not (old and new) or old.text ~= new.text then
      local shown = old or new
      local what = not new and "did not make this stage"
        or not old and "made this stage, too,"
        or (old.at ~= new.at or old.label ~= new.label)
          and ("made '%s' at %s instead"):format(new.label, new.at)
        or "made this stage otherwise"
      return ("%s: %s: the script %s when it ran again for a worker; with parallel = true"
        .. " it must make the same plan each time it runs"):format(shown.at, shown.label, what)
    end
  end
  return nil
end

--- Runs the script in the state of a worker.
---@param text string from again.text
---@return table[]? nodes as in the graph for core.run
---@return string? message
function again.nodes(text)
  local given = load("return " .. text, "=again", "t", {})()
  local session, nodes = prepare.nodes(given.options, "worker")
  if not nodes then
    local problem = session:sorted()[1]
    return nil, ("%s: %s%s (when the script ran again for a worker)"):format(problem.at,
      problem.stage and problem.stage .. ": " or "", problem.text)
  end
  local why = difference(given.nodes, describe_all(session, nodes))
  if why then
    return nil, why
  end
  return plan.graph(session, nodes).nodes
end

return again

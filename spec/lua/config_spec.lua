-- config_spec.lua - what a config script may see and do.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")

local dir

local function write(name, text)
  local file <close> = assert(io.open(dir .. "/" .. name, "w"))
  file:write(text)
end

local function problems_of(text)
  write("config.lua", text)
  local lines = harness.problems("", { path = dir .. "/config.lua", dir = dir })
  for i, line in ipairs(lines) do
    lines[i] = line:gsub(dir:gsub("%p", "%%%0") .. "/", "")
  end
  return lines
end

describe("a config", function()
  setup(function()
    dir = os.tmpname()
    os.remove(dir)
    assert(os.execute(("mkdir '%s'"):format(dir)))
  end)

  teardown(function()
    os.execute(("rm -r '%s'"):format(dir))
  end)

  for _, name in ipairs {
    "io", "debug", "package", "dofile", "loadfile", "os.execute", "os.exit", "os.remove", "os.rename",
    "os.tmpname", "os.getenv",
  } do
    it("does not see " .. name, function()
      assert.same({ "config.lua: the script returned nil; it must end with: return p.pipeline { ... }" },
        { (problems_of("return tostring(" .. name .. ")")[1]:gsub("'", "")) })
    end)
  end

  it("names the lines of its stages", function()
    assert.same({ "config.lua:3: where: no column 'b'; there are: path" },
      problems_of [[
local p = require "perigee"
return p.pipeline { p.rows { { path = 1 } }
  | p.where "b > 1"
  | p.stdout() }]])
  end)

  it("names the line of a stage that a function ends with, which Lua forgets", function()
    assert.same({
      "config.lua:3: stdout: unknown parameter 'b'; known: nulls, as",
      "config.lua:6: tee: expected a list of chains, got none",
    }, problems_of [[
local p = require "perigee"
local function out()
  return p.stdout { b = 1 }
end
if p then
  return p.rows { { path = 1 } } | p.tee {
  } | out()
end
return nil]])
    assert.same({ "config.lua:3: tee: expected a list of chains, got none",
      "config.lua:3: tee: needs a source before it, such as file or rows; join stages with '|'" },
      problems_of "local p = require 'perigee'\nif p then\n  return p.tee {}\nend\nreturn p.tee {}")
  end)

  it("reports a syntax error with its line", function()
    assert.same({ "config.lua:2: unexpected symbol near '='" }, problems_of "local x\n= = 1")
  end)

  it("may begin with #!", function()
    assert.same({}, problems_of "#!/usr/bin/env perigee\
local p = require 'perigee'\nreturn p.rows { { a = 1 } } | p.stdout()")
  end)

  it("requires modules beside it, which see the same environment", function()
    write("parts.lua", [[
local p = require "perigee"
return { filter = function() return p.where "a > 1" end, io = io }]])
    assert.same({}, problems_of [[
local p = require "perigee"
local parts = require "parts"
assert(parts.io == nil and require "parts" == parts)
return p.rows { { a = 1 } } | parts.filter() | p.stdout()]])
  end)

  it("hears which module is not there", function()
    assert.same({ "config.lua:1: module 'perige' not found beside the config ('DIR');"
      .. " did you mean 'perigee'?" },
      { (problems_of [[local p = require "perige"]][1]:gsub("%('.*'%);", "('DIR');")) })
  end)

  it("loads text only", function()
    local code = string.dump(function() return 1 end)
    write("binary.lua", code)
    assert.matches("attempt to load a binary chunk", problems_of [[require "binary"]][1], 1, true)
    assert.matches("only text can be loaded", problems_of [[load("x", "x", "b")]][1], 1, true)
  end)

  it("cannot change the libraries of the program", function()
    problems_of "string.rep = nil; table.concat = nil; os.time = nil"
    assert.is_function(string.rep)
    assert.is_function(table.concat)
    assert.is_function(os.time)
  end)

  it("gets its arguments", function()
    write("config.lua", [[
local p = require "perigee"
return p.rows { { a = arg[0], b = arg[1] } } | p.stdout()]])
    local _, nodes = harness.read("",
      { path = dir .. "/config.lua", dir = dir, arg = { [0] = "config.lua", "x" } })
    assert.same({ "config.lua" }, nodes[1].stage.columns[1].values)
    assert.same({ "x" }, nodes[1].stage.columns[2].values)
  end)

  it("may return one chain, a list, or a plan", function()
    for _, text in ipairs {
      "chain()", "{ chain(), chain() }", "p.plan { chain() }", "p.pipeline(chain())",
    } do
      assert.same({}, problems_of([[
local p = require "perigee"
local function chain() return p.rows { { a = 1 } } | p.stdout() end
return ]] .. text))
    end
  end)

  it("keeps values of the environment out of the plan", function()
    local print_plan = require "perigee.plan.print"
    local home = os.getenv "HOME"
    local session, nodes = harness.read [[rows { { a = 1 } } | write { path = env "HOME", as = "csv" }]]
    for _, text in ipairs { print_plan.text(session, nodes), print_plan.json(session, nodes) } do
      assert.is_nil(text:find(home .. '"', 1, true))
      assert.truthy(text:find("HOME", 1, true))
    end
  end)
end)

-- examples_spec.lua - every example is run as its first comment says, and gives
-- what lies beside it.
--
--   NN_name.lua       NN_name.out          stdout of all its commands
--   NN_name/*.lua     NN_name/config.out
--                     .err in place of .out: stderr
-- What is not there is empty.

local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"
local build = assert(os.getenv "PERIGEE_BUILD", "PERIGEE_BUILD names the build tree")

local function read(path)
  local file <close> = io.open(path, "rb")
  return file and file:read "a" or ""
end

local function lines_of(command)
  local pipe <close> = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  return lines
end

-- The commands in the comment that a config begins with.
local function commands_of(path)
  local commands = {}
  for line in io.lines(path) do
    if line:sub(1, 2) ~= "--" then
      break
    end
    local last = commands[#commands]
    if last and last:sub(-1) == "\\" then
      commands[#commands] = last:sub(1, -2) .. line:match "^%-%-%s*(.*)"
    else
      commands[#commands + 1] = line:match "^%-%-   (%l[%w_]* .*)$"
    end
  end
  return commands
end

local root = lines_of(("cd '%s/../..' && pwd -P"):format(here))[1]

-- What was written, with the project's own place left out.
local function portable(text)
  return (text:gsub(root:gsub("%p", "%%%0"), "..."))
end

local function run(command, errors)
  local quoted = command:gsub("'", [['\'']])
  return table.concat(lines_of(
    ([[cd '%s' && PATH='%s':"$PATH" NO_COLOR=1 sh -c '%s' 2>>%s </dev/null; echo "exit $?"]])
      :format(root, build, quoted, errors)), "\n") .. "\n"
end

local configs = lines_of(("cd '%s' && ls -d examples/[0-9]*.lua examples/[0-9]*/config.lua")
  :format(root))

describe("the example", function()
  for _, config in ipairs(configs) do
    it(config .. " gives what lies beside it", function()
      local stem = root .. "/" .. config:gsub("%.lua$", "")
      local commands = commands_of(root .. "/" .. config)
      assert.is_true(#commands > 0, "its first comment names no command")
      local errors, out = os.tmpname(), {}
      for i, command in ipairs(commands) do
        out[i] = run(command, errors)
      end
      local said = portable(read(errors))
      os.remove(errors)
      assert.equal(read(stem .. ".err"), said)
      assert.equal(read(stem .. ".out"), portable(table.concat(out):gsub("exit 0\n", "")))
    end)
  end
end)

describe("the examples", function()
  it("are numbered from 1 on, without gaps", function()
    for i, config in ipairs(configs) do
      assert.equal(i, math.tointeger(config:match "^examples/(%d+)"))
    end
    assert.is_true(#configs >= 10)
  end)

  it("use data that its generator makes", function()
    local made, count = {}, 0
    local function open(name)
      count = count + 1
      return setmetatable({ write = function(_, ...) made[name] = table.concat { ... } end },
        { __close = function() end })
    end
    local env = setmetatable({ io = { open = open } }, { __index = _G })
    assert(loadfile(root .. "/examples/data/make.lua", "t", env))()
    assert.equal(4, count)
    for name, text in pairs(made) do
      assert.equal(read(root .. "/examples/data/" .. name), text)
    end
  end)
end)

-- config.lua - runs a config script and takes the plan that it returns.
--
-- The script sees a limited environment: no io, nothing of os that changes the
-- world, text chunks only, and `require` for modules beside the config and for
-- perigee.  print() writes to stderr, so that stdout holds data only.
--
-- In the state of a worker the script runs again, and says nothing.

local core = require "perigee.core"
local front = require "perigee.front"
local origin = require "perigee.origin"
local params = require "perigee.params"
local session_module = require "perigee.session"
local stage = require "perigee.stage"

local config = {}

local base_names <const> = {
  "assert", "collectgarbage", "error", "getmetatable", "ipairs", "next", "pairs", "pcall",
  "rawequal", "rawget", "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring",
  "type", "xpcall", "_VERSION",
}
local libraries <const> = { "string", "table", "math", "utf8", "coroutine" }

local function copy(source, names)
  local result = {}
  if names then
    for _, name in ipairs(names) do
      result[name] = source[name]
    end
  else
    for name, value in pairs(source) do
      result[name] = value
    end
  end
  return result
end

local function printer(session)
  return function(...)
    local texts = table.pack(...)
    for i = 1, texts.n do
      texts[i] = tostring(texts[i])
    end
    if not session.quiet then
      core.print(table.concat(texts, "\t"))
    end
  end
end

local function read_file(path)
  local file <close>, message = io.open(path, "rb")
  if not file then
    return nil, message
  end
  local text, why = file:read "a"
  if not text then
    return nil, ("%s: %s"):format(path, why)
  end
  -- A first line for the kernel (#!) is kept as an empty line, for the numbers.
  return (text:gsub("^#[^\n]*", ""))
end

local function find_module(dir, name)
  local relative = name:gsub("%.", "/")
  for _, form in ipairs { "%s/%s.lua", "%s/%s/init.lua" } do
    local path = form:format(dir, relative)
    local text = read_file(path)
    if text then
      return path, text
    end
  end
  return nil
end

local function make_require(env, p, dir)
  local loaded = { perigee = p }
  for _, name in ipairs(libraries) do
    loaded[name] = env[name]
  end
  return function(name)
    if type(name) ~= "string" then
      error("require: expected the name of a module, got a " .. type(name), 2)
    elseif loaded[name] ~= nil then
      return loaded[name]
    end
    local path, text = find_module(dir, name)
    if not path then
      error(("module '%s' not found beside the config ('%s')%s"):format(name, dir,
        params.did_you_mean(name, { "perigee" })), 2)
    end
    local chunk, message = load(text, "@" .. path:gsub("^%./", ""), "t", env)
    if not chunk then
      error(message, 0)
    end
    local value = chunk(name, path)
    loaded[name] = value == nil and true or value
    return loaded[name]
  end
end

local function make_env(session, p, options)
  local env = copy(_G, base_names)
  for _, name in ipairs(libraries) do
    env[name] = copy(_G[name])
  end
  env.os = copy(os, { "clock", "date", "difftime", "time" })
  env.print = printer(session)
  env._G = env
  env.arg = options.arg
  env.require = make_require(env, p, options.dir)
  function env.load(text, name, mode, scope)
    if mode ~= nil and mode ~= "t" then
      error("load: only text can be loaded (mode \"t\")", 2)
    end
    return load(text, name, "t", scope == nil and env or scope)
  end
  return env
end

-- In -e, the names of perigee come first and need no prefix.
local function make_short_env(session, p, options)
  local env = make_env(session, p, options)
  env.select, env.load = nil, nil
  return setmetatable(env, { __index = p })
end

-- Puts what the script returns into parentheses, which keep the line: without
-- them the outermost call is a tail call, which Lua forgets.  Where `return` is
-- not the last statement's, the parentheses do not match, and nothing is loaded.
local function load_with_line(text, name, env)
  local places = {}
  for at in text:gmatch "%f[%w_]return()%f[^%w_]" do
    places[#places + 1] = at
  end
  for i = #places, 1, -1 do
    local before, after = text:sub(1, places[i] - 1), text:sub(places[i]):gsub("%s+$", "")
    local chunk = load(before .. "(" .. after .. "\n)", name, "t", env)
    if chunk then -- an error may get the line of the parenthesis: better on the last one
      return load(before .. "(" .. after .. ")", name, "t", env) or chunk
    end
  end
  return nil
end

local function load_text(text, name, env)
  local chunk, message = load(text, name, "t", env)
  return chunk and load_with_line(text, name, env) or chunk, message
end

-- An expression, or statements with a return.
local function compile_code(code, env)
  local chunk = load("return (" .. code .. "\n)", "=-e", "t", env)
  if chunk then
    return chunk
  end
  local statements, why = load_text(code, "=-e", env)
  if statements or code:find "%f[%w]return%f[%W]" then
    return statements, why
  end
  return load("return " .. code, "=-e", "t", env)
end

local function compile(session, p, options)
  if options.code then
    return compile_code(options.code, make_short_env(session, p, options))
  end
  local text, message = options.text, nil
  if not text then
    text, message = read_file(options.path)
  end
  if not text then
    return nil, message, true
  end
  session.text = text
  return load_text(text, "@" .. options.path, make_env(session, p, options))
end

-- "config.lua:12: text" as a problem of that line.
local function raised(session, name, message)
  if type(message) ~= "string" then
    message = "raised a " .. type(message)
  end
  local at, text = message:match "^([^\n]-:%d+): (.*)$"
  -- Lua shortens a long path: "...tail.lua:12".
  local tail, line = (at or ""):match "^%.%.%.(.*):(%d+)$"
  if tail and name:sub(-#tail) == tail then
    at = name .. ":" .. line
  end
  session:problem(at or name, nil, text or message)
end

-- What a script may return, as a list of pipelines.
local function read_result(session, p, name, value)
  local kind = stage.type(value)
  if kind == "plan" then
    return value
  elseif kind == "pipeline" or kind == "chain" or kind == "stage" or kind == "unknown" then
    return p.plan { value }
  elseif kind == "table" and #value > 0 then
    return p.plan(value)
  end
  if #session.problems == 0 then -- else this is likely to follow from them
    session:problem(name, nil,
      ("the script returned %s; it must end with: return p.pipeline { ... }")
        :format(params.show(value)))
  end
  return nil
end

---@class perigee.ConfigOptions
---@field path string? the script
---@field code string? or its text, from -e
---@field text string? what is in the script, when that is known
---@field arg table what the script sees as `arg`
---@field dir string where the script's modules are
---@field mode "run"|"check"|"worker"
---@field plugins perigee.Plugins

--- Runs a script.
---@param options perigee.ConfigOptions
---@return perigee.Session session with the problems found so far
---@return table? plan what the script returned, in the form of p.plan
function config.read(options)
  local session = session_module.new { mode = options.mode, plugins = options.plugins }
  local p = front.new(session)
  local name = options.path or "-e"
  local chunk, message, missing = compile(session, p, options)
  if missing then
    session:problem("perigee", nil, "cannot read the config: " .. message)
    return session, nil
  elseif not chunk then
    raised(session, name, message)
    return session, nil
  end
  session.quiet = options.mode == "worker"
  local _, returns = (options.code or session.text):gsub("%f[%w_]return%f[^%w_]", "")
  local ok, result = origin.run(name, function()
    return (read_result(session, p, name, (chunk())))
  end, returns > 1)
  session.quiet = false
  if not ok then
    raised(session, name, result)
    return session, nil
  end
  return session, result
end

return config

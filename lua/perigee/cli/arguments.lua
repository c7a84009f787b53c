-- arguments.lua - the command line: which command, which options.
--
-- What follows the config (or -e CODE) belongs to the script, options too, so
-- it is cut off before argparse sees it.

local argparse = require "argparse"
local params = require "perigee.params"

local arguments = {}

local commands <const> = { "run", "check", "plan", "plugins", "gen", "bench", "test" }
local scripted <const> = { run = true, check = true, plan = true }
local with_value <const> = {
  ["--log-level"] = true, ["--plugin-dir"] = true, ["--workers"] = true, ["--batch-rows"] = true,
}

local examples <const> = [[
Examples:
  perigee run access_errors.lua access.log
  perigee run -e 'file "app.ndjson" | decode "json" | where "level == \"error\"" | stdout()'
  perigee check access_errors.lua
  perigee plan access_errors.lua
  perigee plugins json
]]

local function add_script(command, verb)
  command:argument("config", "The config script; what follows it is given to the script as 'arg'.")
    :args "?"
  command:option("-e --code"):argname "CODE"
    :description(("%s this text; the names of perigee need no prefix."):format(verb))
  return command
end

local function add_common(command)
  command:flag("-q --quiet", "Only errors on stderr.")
  command:flag("-v --verbose", "More on stderr; twice for debugging."):count "0-2"
  command:option("--log-level", "One of debug, info, warn, error.")
    :choices { "debug", "info", "warn", "error" }
  command:option("--plugin-dir", "Look for plugins here first; may be repeated."):count "*"
    :argname "DIR"
  command:flag("--no-color", "No colours; the variable NO_COLOR does the same.")
  command:flag("-h --help", "Show this text.")
end

local function natural(text)
  local number = math.tointeger(tonumber(text))
  if not number or number < 1 or number > 1000000 then
    return nil, ("expected a number from 1 to 1000000, got '%s'"):format(text)
  end
  return number
end

local function add_run(command)
  command:epilog [[
Ctrl-C and SIGTERM stop the reading; what was read comes out whole, results of
a group too (exit codes 130 and 0). A second one ends the run at once. A reader
that goes away, as in | head, ends it with 0.]]
  command:option("--workers", "Threads that decode and transform; one for each core when not given.")
    :argname "N":convert(natural)
  command:option("--batch-rows", "At most so many rows in a batch.")
    :argname "N":convert(natural)
  return command
end

local function make_parser()
  local parser = argparse "perigee"
    :description "Runs event pipelines: Lua describes, native plugins work."
    :epilog("perigee help COMMAND tells more.\n\n"
      .. "Exit codes: 0 done, 1 run failed, 2 usage, 3 config, 4 plugin refused, 130 interrupted.")
    :add_help(false)
    :command_target "command"
    :require_command(false)
  parser:flag("--version", "Show the version.")
  add_common(parser)
  local all = {
    run = add_run(add_script(parser:command("run", "Run a config script."), "Run")),
    check = add_script(parser:command("check", "Print every problem of a config script."), "Check"),
    plan = add_script(parser:command("plan", "Show the checked plan."), "Show"),
    plugins = parser:command("plugins", "List plugins: what they hold, and their docs."),
    gen = parser:command("gen", "Write typed stubs from what a plugin says of itself."),
    bench = parser:command("bench", "Run a benchmark of the build tree."),
    test = parser:command("test", "Run busted specs inside perigee."),
  }
  all.plugins:argument("name", "A plugin, something that a plugin has, or a file."):args "?"
  all.gen:argument("language", "lua: annotations for editors; c, rust: a plugin that declares the same.")
    :choices { "lua", "c", "rust" }
  all.gen:argument("name", "A plugin, something that a plugin has, or a file.")
  all.bench:argument("name", "seed: the experiment that perigee grew from, corrected.")
  all.bench:argument("rounds", "How often everything is measured."):args "?":convert(natural)
  all.test:argument("files", "Spec files or directories, and options of busted."):args "*"
  for _, name in ipairs { "check", "plan", "plugins" } do
    all[name]:flag("--json", "Write JSON, for programs.")
  end
  for _, name in ipairs { "run", "check", "plan", "plugins" } do
    all[name]:flag("--probe", "Try plugins that were not shipped in a process of their own first.")
  end
  for _, command in pairs(all) do
    command:add_help(false)
    add_common(command)
  end
  return parser, all
end

-- The position of the command's name in argv; options may come before it.
local function find_command(argv)
  local i = 1
  while i <= #argv do
    if with_value[argv[i]] then
      i = i + 1
    elseif argv[i]:sub(1, 1) ~= "-" then
      return i
    end
    i = i + 1
  end
  return nil
end

-- Where the script's own arguments begin: after the config or -e CODE; check
-- and plan take options of their own there, up to the first plain word.
local function find_rest(argv, command)
  local i, have_script = command + 1, false
  while i <= #argv do
    local word = argv[i]
    if word == "--" then
      return i, true
    elseif word == "-e" or word == "--code" then
      have_script = true
      i = i + 1
    elseif with_value[word] then
      i = i + 1
    elseif word:sub(1, 1) ~= "-" or word == "-" then
      if have_script or argv[command] == "run" then
        return have_script and i or i + 1, false
      end
      have_script = true
    end
    i = i + 1
  end
  return #argv + 1, false
end

local function has(list, ...)
  for _, word in ipairs(list) do
    for _, wanted in ipairs { ... } do
      if word == wanted then
        return true
      end
    end
  end
  return false
end

local function with_examples(text)
  local usage, rest = text:match "^(.-\n\n)(.*)$"
  return usage .. examples .. "\n" .. rest
end

-- Splits argv into what argparse reads and what the script gets.
local function split(argv)
  local at = find_command(argv)
  local name = at and argv[at]
  if at and not has(commands, name) then
    return nil, ("unknown command '%s'%s"):format(name, params.did_you_mean(name, commands))
  end
  local cut, marker = #argv + 1, false
  if name == "test" then
    cut = at + 1
  elseif scripted[name] then
    cut, marker = find_rest(argv, at)
  end
  -- The command first, so that options before it are read like those after it.
  local own = { name }
  for i = 1, cut - 1 do
    if i ~= at then
      own[#own + 1] = argv[i]
    end
  end
  local rest = table.move(argv, marker and cut + 1 or cut, #argv, 1, {})
  return own, rest, name
end

---@class perigee.Arguments
---@field command string?
---@field config string?
---@field code string?
---@field name string?
---@field language string? of gen
---@field rounds integer? of bench
---@field rest string[] what the script (or busted) gets
---@field quiet boolean?
---@field verbose integer?
---@field json boolean?
---@field probe boolean?
---@field help string? the text to show
---@field version boolean?
---@field log_level string?
---@field plugin_dir string[]?
---@field no_color boolean?

local function check(result)
  if not result.command then
    return nil, "a command is missing: run, check, plan, plugins, gen, bench or test"
  elseif scripted[result.command] and not result.config and not result.code then
    return nil, ("a config is missing: perigee %s CONFIG, or perigee %s -e CODE")
      :format(result.command, result.command)
  elseif result.config and result.code then
    return nil, "either a config or -e CODE, not both"
  end
  return result
end

-- `help run` means `run --help`.
local function expand_help(argv)
  local at = find_command(argv)
  if not at or argv[at] ~= "help" then
    return argv
  end
  local words = table.move(argv, 1, #argv, 1, {})
  words[at] = words[at + 1]
  words[words[at] and at + 1 or at] = "--help"
  return words
end

--- Reads the command line.
---@param argv string[]
---@return perigee.Arguments?
---@return string? message
---@return string? usage
function arguments.read(argv)
  local parser, all = make_parser()
  local own, rest, name = split(expand_help(argv))
  if not own then
    return nil, rest, parser:get_usage()
  end
  if name == "test" and has(rest, "-h", "--help") or has(own, "-h", "--help") then
    local help = name and all[name]:get_help() or with_examples(parser:get_help())
    return { help = help .. "\n", rest = {} }
  elseif has(own, "--version") then
    return { version = true, rest = {} }
  end
  local ok, result = parser:pparse(own)
  local usage = (name and all[name] or parser):get_usage()
  if not ok then
    return nil, tostring(result), usage
  end
  result.rest = rest
  local checked, message = check(result)
  return checked, message, usage
end

return arguments

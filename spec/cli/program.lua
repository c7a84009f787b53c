-- program.lua - runs the built program as a user does, in a folder of its own.

local program = {}

local build = assert(os.getenv "PERIGEE_BUILD", "PERIGEE_BUILD names the build tree")

program.path = build .. "/perigee"

--- A word for the shell.
---@param text string
---@return string
function program.quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

local function output_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

--- The project's own folder.
program.root = output_of(("cd %s/../.. && pwd -P")
  :format(program.quote(debug.getinfo(1, "S").source:match "^@(.*)/"))):gsub("\n", "")

--- Makes the folder; the files of a spec go there.
function program.setup()
  program.dir = output_of("mktemp -d"):gsub("\n", "")
end

function program.teardown()
  assert(os.execute("rm -r " .. program.quote(program.dir)))
end

---@param name string
---@param bytes string
function program.write(name, bytes)
  local file <close> = assert(io.open(program.dir .. "/" .. name, "wb"))
  assert(file:write(bytes))
end

---@param name string
---@return string?
function program.read(name)
  local file <close> = io.open(program.dir .. "/" .. name, "rb")
  return file and file:read "a"
end

--- Runs a shell command in the folder; `perigee` is the program.
---@param command string
---@return string out
---@return string err
---@return integer code
function program.sh(command)
  local code = output_of(([[cd %s && perigee() { %s "$@"; }; export NO_COLOR=1
    { %s
    } >.out 2>.err </dev/null; echo $?]]):format(program.quote(program.dir),
    program.quote(program.path), command))
  return program.read ".out", program.read ".err", math.tointeger(tonumber(code))
end

--- perigee run -e CODE, then more words.
---@param code string
---@param more string? for the shell
---@return string out
---@return string err
---@return integer code
function program.run(code, more)
  return program.sh(("perigee run -e %s %s"):format(program.quote(code), more or ""))
end

return program

-- origin.lua - which line of the user's script is running.
--
-- Every stage remembers the line that made it, so that a problem found later,
-- in the whole plan, can still name the line to change.

local origin = {}

-- Frames of our own modules are skipped: the user wants their own line.
local own <const> = debug.getinfo(1, "S").source:match("^(.*[/\\])") or "@"

local script = "?"
local last ---@type string? the line of the script that ran last, where lines are watched

local function is_own(info)
  return info.what == "C" or info.source:sub(1, #own) == own
end

local function place(info, line)
  return ("%s:%d"):format(info.source:gsub("^[@=]", ""), line)
end

local function watch(_, line)
  local info = debug.getinfo(2, "S")
  if not is_own(info) then
    last = place(info, line)
  end
end

--- Runs a script; within it, here() looks no further out than this.
---@param name string
---@param chunk function
---@param watched boolean? the script may call stages as the last thing that a
--- function does, of which Lua forgets the line: note lines as they come
---@return boolean ok
---@return any result or error
function origin.run(name, chunk, watched)
  script, last = name, nil
  if watched then
    debug.sethook(watch, "l")
  end
  local ok, result = pcall(chunk) -- no tail call: here() looks for this frame
  if watched then
    debug.sethook()
  end
  return ok, result
end

--- Names the innermost script line outside perigee's own modules.
---@return string at such as "config.lua:12"; without the line where Lua has
--- forgotten it and lines were not watched
function origin.here()
  local level = 2
  while true do
    local info = debug.getinfo(level, "Slft")
    if not info or info.func == origin.run then
      return script
    elseif info.istailcall and last then
      return last
    elseif not is_own(info) then
      return place(info, info.currentline)
    end
    level = level + 1
  end
end

--- Splits "config.lua:12" for sorting.
---@param at string
---@return string file
---@return integer line 0 when there is none
function origin.split(at)
  local file, line = at:match("^(.*):(%d+)$")
  return file or at, math.tointeger(tonumber(line)) or 0
end

return origin

-- origin.lua - which line of the user's script is running.
--
-- Every stage remembers the line that made it, so that a problem found later,
-- in the whole plan, can still name the line to change.

local origin = {}

-- Frames of our own modules are skipped: the user wants their own line.
local own <const> = debug.getinfo(1, "S").source:match("^(.*[/\\])") or "@"

local script = "?"

--- Runs a script; within it, here() looks no further out than this.
---@param name string
---@param chunk function
---@return boolean ok
---@return any result or error
function origin.run(name, chunk)
  script = name
  local ok, result = pcall(chunk) -- no tail call: here() looks for this frame
  return ok, result
end

--- Names the innermost script line outside perigee's own modules.
---@return string at such as "config.lua:12"; without the line where Lua has
--- forgotten it, as in a `return p.pipeline { ... }` that is not the script's last word
function origin.here()
  local level = 2
  while true do
    local info = debug.getinfo(level, "Slf")
    if not info or info.func == origin.run then
      return script
    end
    if info.what ~= "C" and info.source:sub(1, #own) ~= own then
      return ("%s:%d"):format(info.source:gsub("^[@=]", ""), info.currentline)
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

-- origin.lua - which line of the user's script is running.
--
-- Every stage remembers the line that made it, so that a problem found later,
-- in the whole plan, can still name the line to change.

local origin = {}

-- Frames of our own modules are skipped: the user wants their own line.
local own <const> = debug.getinfo(1, "S").source:match("^(.*[/\\])") or "@"

--- Names the innermost script line outside perigee's own modules.
---@return string at such as "config.lua:12"
function origin.here()
  local level = 2
  while true do
    local info = debug.getinfo(level, "Sl")
    if not info then
      return "?"
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

-- names.lua - which names a plugin has, remembered from one run to the next.
--
-- To find a decoder by its name, every plugin would have to be read, hashed and
-- checked.  The cache directory has a line for each file that was: its stamp
-- (device, inode, size, times of change) and the names in it.  The line counts
-- for as long as the stamp is the same, and never for more than names: what is
-- used is read and checked as if nothing was known of it.

local core = require "perigee.core"

local names = {}

local FILE <const> = "names"
local LINES_MAX <const> = 200
local HEAD <const> = ("perigee %s %d.%d"):format(core.version, core.abi.major, core.abi.minor)

local groups <const> = {
  "sources", "sinks", "decoders", "encoders", "kernels", "aggregates", "functions", "classes",
}

---@class perigee.Names
---@field lines table<string, string> path -> the rest of its line
---@field order string[] paths, the longest unused first
---@field changed boolean
local Names = {}
Names.__index = Names

--- Reads what is remembered.
---@return perigee.Names
function names.read()
  local self = setmetatable({ lines = {}, order = {}, changed = false }, Names)
  local text = core.cache_read(FILE) or ""
  if text:sub(1, #HEAD + 1) ~= HEAD .. "\n" then
    return self
  end
  for path, rest in text:gmatch "\n([^\t\n]+)\t([^\n]+)" do
    self.lines[path] = rest
    self.order[#self.order + 1] = path
  end
  return self
end

local function parse(rest)
  local summary = {}
  for key, value in rest:gmatch "\t(%w+)=([^\t]*)" do
    summary[key] = value
  end
  for _, group in ipairs(groups) do
    local list = {}
    for name in (summary[group] or ""):gmatch "[^,]+" do
      list[#list + 1] = { name = name }
    end
    summary[group] = list
  end
  return summary
end

--- What a description says of its names, when it is known and the file has not
--- changed since: a table like a description, in which items have names only.
---@param path string
---@param stamp string? from core.stamp
---@return table? summary
function Names:find(path, stamp)
  local rest = self.lines[path]
  return rest and stamp and rest:match "^[^\t]+" == stamp and parse(rest) or nil
end

--- Remembers a file.
---@param path string
---@param stamp string? taken before it was described
---@param description table
function Names:note(path, stamp, description)
  if not stamp then
    return
  end
  local parts = { stamp, "name=" .. description.name, "sha256=" .. description.sha256 }
  for _, group in ipairs(groups) do
    local list, seen = {}, {}
    for _, item in ipairs(description[group] or {}) do
      if not seen[item.name] then
        seen[item.name] = true
        list[#list + 1] = item.name
      end
    end
    parts[#parts + 1] = group .. "=" .. table.concat(list, ",")
  end
  local rest = table.concat(parts, "\t")
  if select(2, rest:gsub("\t", "")) ~= #parts - 1 or (path .. rest):find "\n"
    or path:find "\t" then
    return
  end
  if not self.lines[path] then
    self.order[#self.order + 1] = path
  end
  self.lines[path], self.changed = rest, true
end

--- Writes what was noted.
function Names:write()
  if not self.changed then
    return
  end
  local lines = { HEAD }
  for i = math.max(1, #self.order - LINES_MAX + 1), #self.order do
    lines[#lines + 1] = self.order[i] .. "\t" .. self.lines[self.order[i]]
  end
  core.cache_write(FILE, table.concat(lines, "\n") .. "\n")
  self.changed = false
end

return names

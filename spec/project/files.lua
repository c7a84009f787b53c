-- files.lua - the project's files, and rules over them.

local files = {}

--- The lines that a command prints.
---@param command string
---@return string[]
function files.lines_of(command)
  local pipe <close> = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line
  end
  return lines
end

local root = files.lines_of(("cd '%s/../..' && pwd -P")
  :format(debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"))[1]

files.root = root

--- All files of the project, without build trees and what git keeps, sorted.
---@return string[] paths from the root
function files.all()
  return files.lines_of(("cd '%s' && find . \\( -name .git -o -name build -o -name 'build-*' \\) "
    .. "-prune -o -type f -print | sed 's,^\\./,,' | LC_ALL=C sort"):format(root))
end

--- The text of a file.
---@param path string from the root
---@return string
function files.read(path)
  local file <close> = assert(io.open(root .. "/" .. path, "rb"))
  return file:read "a"
end

--- All faults that a rule finds, as lines.
---@param find_faults fun(add: fun(path: string, line: integer, message: string))
---@return string[]
function files.faults(find_faults)
  local faults = {}
  find_faults(function(path, line, message)
    faults[#faults + 1] = ("%s:%d: %s"):format(path, line, message)
  end)
  return faults
end

--- Calls `visit` with every line of the files whose path matches.
---@param pattern string
---@param visit fun(path: string, line: integer, text: string)
function files.each_line(pattern, visit)
  for _, path in ipairs(files.all()) do
    if path:find(pattern) then
      local number = 0
      for text in (files.read(path)):gmatch "([^\n]*)\n?" do
        number = number + 1
        visit(path, number, text)
      end
    end
  end
end

return files

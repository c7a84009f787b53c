-- tidy_spec.lua - the rules of form.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local files = dofile(here .. "files.lua")

local LINES_MAX <const> = 600
local FUNCTION_LINES_MAX <const> = 70
local text_files <const> = "[%w_]+%.%l+$"

-- Two columns of macros and of fields with their comments beside them.
local function is_wide(path)
  return path:find "/perigee/abi%.h$" or path:find "/perigee/plugin%.h$"
end

-- Statements in C fit 80 columns; comments beside fields may stand out a little,
-- and the lines of a plugin that declare something.
local width_max <const> = { c = 86, h = 86, lua = 110, sh = 100, cmake = 86 }

-- Configs and plugins that show how users write theirs.
local function free_form(path)
  return path:find "^examples/" or path:find "^spec/bench/jobs/"
end

local function is_data(path)
  return path:find "^examples/.*%.%l+$" and not path:find "%.lua$" and not path:find "%.[ch]$"
end

-- A rule is a test that lists every fault at once.
local function rule(text, find_faults)
  it(text, function()
    assert.same({}, files.faults(find_faults))
  end)
end

describe("a file", function()
  rule("has at most " .. LINES_MAX .. " lines", function(add)
    for _, path in ipairs(files.all()) do
      local _, lines = files.read(path):gsub("\n", "")
      if lines > LINES_MAX and path ~= "LICENSE" and not is_data(path) then
        add(path, lines, "too long")
      end
    end
  end)

  rule("keeps to the width of its kind", function(add)
    files.each_line(text_files, function(path, line, text)
      local max = width_max[path:match "%.(%l+)$"]
      local width = utf8.len(text) or #text
      if max and width > max and not is_wide(path) and not text:find "^PERI_" then
        add(path, line, ("%d columns, at most %d"):format(width, max))
      end
    end)
  end)

  rule("has no tab, no space at a line's end, and ends with a newline", function(add)
    for _, path in ipairs(files.all()) do
      local text = files.read(path)
      if path:find(text_files) and not is_data(path) and not text:find "%z" then
        local line = 1
        for content in text:gmatch "([^\n]*)\n" do
          if content:find "[ \r]$" or content:find "\t" then
            add(path, line, "tab or space")
          end
          line = line + 1
        end
        if text ~= "" and (text:sub(-1) ~= "\n" or text:sub(-2) == "\n\n") then
          add(path, line, "not one newline at the end")
        end
      end
    end
  end)

  rule("puts nothing off", function(add)
    files.each_line("%.[%lM]+$", function(path, line, text)
      for _, word in ipairs { "TODO", "FIXME" } do
        if text:find(word, 1, true) and path ~= "spec/project/tidy_spec.lua" then
          add(path, line, text)
        end
      end
    end)
  end)

  rule("begins with its name and what it is", function(add)
    for _, path in ipairs(files.all()) do
      local kind = path:match "%.(%l+)$"
      if (kind == "c" or kind == "h" or kind == "lua") and not free_form(path) then
        local base = path:match "[^/]+$"
        local first = files.read(path):gsub("^%-%-%-@meta %l+\n", ""):match "^[^\n]*"
        local name = first:match "^/%* (%S+) %- %S" or first:match "^%-%- (%S+) %- %S"
        if not name or name:match "[^/]+$" ~= base then
          add(path, 1, ("expected '%s - what it is'"):format(base))
        end
      end
    end
  end)
end)

describe("a C function", function()
  rule("has at most " .. FUNCTION_LINES_MAX .. " lines", function(add)
    local start
    files.each_line("%.[ch]$", function(path, line, text)
      if text == "{" then
        start = line
      elseif text == "}" and start then
        if line - start - 1 > FUNCTION_LINES_MAX then
          add(path, start, ("%d lines"):format(line - start - 1))
        end
        start = nil
      end
    end)
  end)
end)

describe("Lua code", function()
  it("passes luacheck", function()
    local lines = files.lines_of(("cd '%s' && luacheck --no-color -q . 2>&1; echo \"exit $?\"")
      :format(files.root))
    assert.equal("exit 0", lines[#lines], table.concat(lines, "\n"))
  end)
end)

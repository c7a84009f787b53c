-- layers_spec.lua - who may see whom, read from the #include and require lines.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local files = dofile(here .. "files.lua")

local layers <const> = { "base", "data", "plugin", "flow", "bind" }
local height = {}
for i, layer in ipairs(layers) do
  height[layer] = i
end

-- What only one folder may see.
local owners <const> = {
  ["lua.h"] = "host/bind", ["lauxlib.h"] = "host/bind", ["lualib.h"] = "host/bind",
  ["dlfcn.h"] = "host/plugin", ["elf.h"] = "host/plugin",
  ["pcre2.h"] = "native/pattern", ["zlib.h"] = "native/files", ["zstd.h"] = "native/files",
}

-- Calls `visit(path, line, name, is_system)` for every #include under `folder`.
local function each_include(folder, visit)
  files.each_line("^" .. folder .. "/.*%.[ch]$", function(path, line, text)
    local mark, name = text:match '^%s*#%s*include%s*([<"])([^>"]+)'
    if name then
      visit(path, line, name, mark == "<")
    end
  end)
end

local function exists(path)
  local file = io.open(files.root .. "/" .. path)
  return file ~= nil and file:close()
end

-- A rule is a test that lists every fault at once.
local function rule(text, find_faults)
  it(text, function()
    assert.same({}, files.faults(find_faults))
  end)
end

describe("a layer of the host", function()
  rule("looks down, never up", function(add)
    each_include("host", function(path, line, name, is_system)
      local own, seen = path:match "^host/(%w+)/", name:match "^(%w+)/"
      if is_system or (own == nil and seen == "bind") then
        return -- main.c
      elseif not height[seen] or not own then
        add(path, line, ('"%s" is not a header of a layer that it may see'):format(name))
      elseif height[seen] > height[own] then
        add(path, line, ("%s sees %s"):format(own, seen))
      end
    end)
  end)

  rule("leaves Lua to bind, and dlopen to plugin", function(add)
    each_include("host", function(path, line, name, is_system)
      local owner = is_system and owners[name]
      if owner and path:sub(1, #owner + 1) ~= owner .. "/" then
        add(path, line, ("<%s> is for %s only"):format(name, owner))
      end
    end)
  end)

  rule("knows no plugin: of native/ only the contract", function(add)
    each_include("host", function(path, line, name, is_system)
      local public = is_system and name:find "^perigee/"
      if public and (path:find "^host/base/" or not exists("native/include/" .. name)) then
        add(path, line, ("<%s>"):format(name))
      elseif name:find "native/" then
        add(path, line, name)
      end
    end)
  end)
end)

describe("a plugin", function()
  rule("sees its own folder, native/common and the contract", function(add)
    each_include("native", function(path, line, name, is_system)
      local folder = path:match "^(native/%w+)/"
      local owner = owners[name]
      if is_system and owner and owner ~= folder then
        add(path, line, ("<%s> is for %s only"):format(name, owner))
      elseif not is_system and not exists(folder .. "/" .. name)
        and not exists("native/common/" .. name) then
        add(path, line, ('"%s" is neither its own nor common'):format(name))
      end
    end)
  end)
end)

describe("an example", function()
  rule("sees the contract and the C library only", function(add)
    each_include("examples", function(path, line, name, is_system)
      if not is_system or name:find "^perigee/" and not exists("native/include/" .. name) then
        add(path, line, name)
      end
    end)
  end)
end)

describe("Lua code", function()
  rule("sees its own modules, argparse, and busted where specs are run", function(add)
    files.each_line("^lua/perigee/.*%.lua$", function(path, line, text)
      local name = text:match "require%s*%(?%s*[\"']([%w_.]+)"
      local busted = name == "busted.runner" and path == "lua/perigee/cli/test.lua"
      local own = name == "perigee" or (name or ""):find "^perigee%."
      if name and name ~= "argparse" and not busted and not own then
        add(path, line, name)
      end
    end)
  end)
end)

describe("nothing", function()
  rule("that is shipped depends on spec/ or examples/", function(add)
    for _, folder in ipairs { "host", "native", "lua" } do
      files.each_line("^" .. folder .. "/.*%.%l+$", function(path, line, text)
        if not path:find "%.md$" and (text:find '["\'/]spec/' or text:find '["\'/]examples/') then
          add(path, line, text)
        end
      end)
    end
  end)
end)

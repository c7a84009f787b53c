-- meta_spec.lua - lua/meta/perigee.lua says exactly what there is.

dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")

local front = require "perigee.front"
local plugins = require "perigee.plugins"
local session = require "perigee.session"
local try = require "perigee.try"

local path = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$" .. "/../../lua/meta/perigee.lua"

-- The names of a table, "define.source" for those of an inner table.
local function names_of(all, prefix, into)
  for name, value in next, all do
    into[prefix .. name] = true
    if type(value) == "table" then
      names_of(value, prefix .. name .. ".", into)
    end
  end
  return into
end

local function sorted(set)
  local list = {}
  for name in pairs(set) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

describe("the annotations", function()
  local meta = assert(loadfile(path, "t"))()
  local here = session.new { plugins = plugins.new {} }
  local p = front.new(here)
  try.add(p, here)

  it("name everything that is exported, and nothing else", function()
    local exported = names_of(p, "", {})
    exported.version = nil -- a field
    for _, name in ipairs { "file", "sort", "head" } do
      assert.is_function(p[name]) -- of a plugin, found by name
      exported[name] = true
    end
    assert.same(sorted(exported), sorted(names_of(meta, "", {})))
  end)

  it("describe every function", function()
    local file <close> = assert(io.open(path))
    local previous = ""
    for line in file:lines() do
      local name = line:match "^function p%.([%w_.]+)"
      if name then
        assert.matches("^%-%-%-", previous, 1, false, name .. " has no annotation")
      end
      previous = line
    end
  end)

  it("exist for every class that they mention", function()
    local file <close> = assert(io.open(path))
    local text = file:read "a"
    local missing = {}
    for name in text:gmatch "perigee%.%u%w+" do
      local known = text:find("@class " .. name .. "%f[%W]") or text:find("@alias " .. name .. "%f[%W]")
      missing[#missing + 1] = not known and name or nil
    end
    assert.same({}, missing)
  end)
end)

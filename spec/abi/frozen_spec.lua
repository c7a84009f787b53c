-- frozen_spec.lua - version 1 of the contract, as it was frozen in v1/: plugins
-- built against that copy work in the host of today, and the header of today
-- says the same, and more only where it may.

local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local p = require "perigee"

local function read(path)
  local file <close> = assert(io.open(helper.root .. path, "rb"))
  -- Comments and line ends are no part of the contract.
  return (file:read("a"):gsub("/%*.-%*/", ""):gsub("\\\n", ""))
end

local frozen <const> = read "/spec/abi/v1/include/perigee/abi.h"
local today <const> = read "/native/include/perigee/abi.h"

-- What stays as it is, to the last field; and what may gain fields at its end.
local fixed <const> = {
  "peri_str", "peri_slot", "peri_view", "peri_col", "peri_layout", "peri_item", "peri_plugin",
  "peri_note", "peri_batch", "peri_field", "peri_bytes", "peri_array",
}
local growing <const> = { "peri_services", "peri_chunk", "peri_io", "peri_poll" }

-- What is still a draft: kernels, codecs, sources, sinks and their hooks.
local draft <const> = {
  "^PERI_CHUNK_", "^PERI_STATELESS$", "^PERI_WHOLE$", "^PERI_ADDS$", "^PERI_BYTES$",
  "^PERI_REWINDS$", "^PERI_ABI_MINOR$", "^PERI_LAYOUT", "^PERI_H_",
}
local kept_hooks <const> = { PERI_H_INIT = true, PERI_H_FINI = true }

local function is_draft(name)
  for _, pattern in ipairs(draft) do
    if name:find(pattern) and not kept_hooks[name] then
      return true
    end
  end
  return false
end

-- The body of a struct or union, without blanks that say nothing.
local function body(text, name)
  local found = text:match("typedef %l+ " .. name .. " (%b{}) " .. name .. ";")
    or text:match("struct " .. name .. " (%b{});")
  assert.is_truthy(found, name)
  return (found:sub(2, -2):gsub("%s+", " "))
end

local function constants(text)
  local list = {}
  for name, value in ("\n" .. text):gmatch "\n#define (PERI_[%w_]+) +([^\n]-)%s*%f[\n]" do
    list[name] = value
  end
  return list
end

describe("the header of today", function()
  it("has every constant of version 1, with its value", function()
    local now, count = constants(today), 0
    for name, value in pairs(constants(frozen)) do
      if not is_draft(name) then
        assert.equal(value, now[name], name)
        count = count + 1
      end
    end
    assert.is_true(count > 50, count)
  end)

  it("has the structs of version 1 as they were", function()
    for _, name in ipairs(fixed) do
      assert.equal(body(frozen, name), body(today, name), name)
    end
    assert.equal(body(frozen, "peri_cx"), body(today, "peri_cx"))
  end)

  it("appends to those that grow, and changes nothing before", function()
    for _, name in ipairs(growing) do
      local old, new = body(frozen, name), body(today, name)
      assert.equal(old, new:sub(1, #old), name)
    end
  end)

  it("names the same fields in the note", function()
    assert.equal(constants(frozen)["PERI_LAYOUT(F)"], constants(today)["PERI_LAYOUT(F)"])
    assert.equal(frozen:match "#define PERI_LAYOUT%(F%)[^\n]*", today:match "#define PERI_LAYOUT%(F%)[^\n]*")
  end)

  it("gives numbers that version 1 does not use to what is new", function()
    local old, taken = constants(frozen), {}
    for name, value in pairs(old) do
      local group = name:match "^PERI_[TKH]_"
      if group then
        taken[group .. value] = name
      end
    end
    for name, value in pairs(constants(today)) do
      local group = name:match "^PERI_[TKH]_"
      if group and not old[name] and not is_draft(name) then
        assert.is_nil(taken[group .. value], name)
      end
    end
  end)
end)

describe("a plugin of version 1", function()
  local function load(name)
    return p.load(("%s/spec/abi/v1/%s.so"):format(helper.build, name))
  end

  it("without macros works", function()
    local min = load("smallest").min
    assert.equal(-3, min(4, -3))
  end)

  it("gives and takes every kind of value", function()
    local values = load "values"
    assert.equal(-2147483648, values.min(2147483647, -2147483648))
    assert.equal(0.75, values.half(1.5))
    assert.equal(3, values.quotient(7, 2))
    assert.is_nil(values.quotient(7, 0))
    assert.equal("\0", values.first "\0rest")
    assert.equal("", values.first "")
    assert.is_true(values.is_letter "q")
    assert.is_false(values.is_letter "é")
    local mirrored = values.mirror { x = 1, y = -2.5 }
    assert.equal(-1.0, mirrored.x)
    assert.equal(2.5, mirrored.y)
    assert.same({ 1, 2, 3 }, values.count_to(3))
    assert.same({}, values.count_to(0))
    assert.equal(4.0, values.width { { x = 1, y = 0 }, { x = 9, y = 9 }, { x = 5, y = 0 } })
    assert.is_true(values.place(nil).nowhere)
    assert.equal(2.0, values.place(2).at.x)
  end)

  it("fails with its own words", function()
    assert.error_matches(function() load("values").width {} end, "no points")
  end)

  it("runs over columns", function()
    local out = helper.must(([['%s/perigee' run -e 'load "%s/spec/abi/v1/values.so"
      return rows { { a = 7, b = 2 }, { a = 5, b = 0 }, { a = 5 } }
        | derive { c = "quotient(a, b)" } | drop { "a", "b" } | stdout "json"']])
      :format(helper.build, helper.build))
    assert.equal('{"c":3}\n{}\n{}\n', out)
  end)
end)

-- ops_spec.lua - the plugin `ops` beside the table of primitives that the compiler
-- uses, and its patterns beside Lua's own.

local p = require "perigee"
local plugins = require "perigee.plugins"
local table_of_ops = require "perigee.expr.ops"

describe("the plugin ops", function()
  it("has every primitive, with its signature, and nothing else", function()
    local expected, found = {}, {}
    for name, primitive in pairs(table_of_ops.primitives) do
      expected[name] = table_of_ops.signature(primitive)
    end
    for _, fn in ipairs(assert(plugins.new({}):describe_loaded "ops").functions) do
      found[fn.name] = table_of_ops.signature(fn)
      assert.is_true(fn.pure, fn.name)
    end
    assert.same(expected, found)
  end)
end)

local pieces <const> = {
  "a", "b", "c", "1", "2", " ", "%a", "%d", "%w", "%s", "%A", "%z", "%p", "%c", "%x", "%u", "%l",
  "%g", ".", "[ab]", "[^a]", "[a-c]", "[%w_]", "[]]", "[^]]", "[a-]", "[%a-z]", "[a-%%]", "[a-%]",
  "[", "]", "(", ")", "()", "%1", "%2", "%b()", "%bab", "%f[a]", "%f[%W]", "%f", "%", "^", "$", "*",
  "+", "-", "?", "*", "+", "-", "?", "%.", "(a)", "(.-)", "(%w*)", "A", "_", "\n", "\x80",
  "[\x80-\xff]",
}
local characters <const> = {
  "a", "b", "c", "1", "2", " ", "(", ")", "]", "%", "-", "_", "A", "Z", "\n", "\x80", "\xff", "ab",
  "abc", "aa", "^", "$", ".",
}
local replacements <const> = { "x", "%1", "%0", "%%", "%2", "" }

local function random_text(list, most)
  local parts = {}
  for i = 1, math.random(0, most) do
    parts[i] = list[math.random(#list)]
  end
  return table.concat(parts)
end

-- What a call gives, or the beginning of its message: ours leave out some detail.
local function outcome(fn, ...)
  local good, value = pcall(fn, ...)
  if good then
    return value == nil and "nil" or tostring(value)
  end
  return "fails: " .. tostring(value):gsub("^.*: ", ""):sub(1, 15)
end

describe("a random pattern", function()
  local ops = p.load "ops"

  local function compare(name, ours, ...)
    local expected, found = outcome(string[name], ...), outcome(ours, ...)
    if expected ~= found then
      error(("%s(%s) is %s, in Lua %s"):format(name, table.concat({ ... }, ", "), found, expected))
    end
  end

  it("finds, matches and replaces what it does in Lua", function()
    math.randomseed(20250603)
    for _ = 1, 20000 do
      local s, pattern = random_text(characters, 20), random_text(pieces, 8)
      local init = math.random(-5, 6)
      compare("find", ops.find, s, pattern, init)
      compare("match", ops.match, s, pattern, init)
      compare("gsub", ops.gsub, s, pattern, random_text(replacements, 3), math.random(0, 9))
    end
  end)

  it("is given up when it would take for ever", function()
    assert.has_error(function()
      ops.match(("a"):rep(3000), ("a*"):rep(9) .. "b", 1)
    end)
  end)
end)

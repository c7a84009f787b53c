-- languages_spec.lua - the same plugin in C, C++, Rust and Lua gives equal results
-- through one script.

local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local p = require "perigee"

local folder <const> = helper.root .. "/spec/abi/languages"

local function lines(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    list[#list + 1] = line
  end
  table.sort(list) -- pipelines of one plan do not wait for each other
  return list
end

-- What the script prints with a plugin; checked to be some.
local function run(plugin, options)
  local out = lines(helper.must(("'%s/perigee' run %s '%s/script.lua' '%s'")
    :format(helper.build, options or "", folder, plugin)))
  assert.equal(36, #out, table.concat(out, "\n"))
  return out
end

-- Skips the spec when a tool is missing, saying so.
local function need(name, version)
  if not helper.has(name, version) then
    pending(("%s%s is not installed"):format(name, version and " " .. version or ""))
  end
end

describe("one script with a plugin", function()
  local expected = run "measure_lua"

  it("in Lua does not depend on workers and batches", function()
    assert.same(expected, run("measure_lua", "--workers 3 --batch-rows 100"))
  end)

  for _, builder in ipairs(helper.builders) do
    it(("built by %s prints what it prints with the one in Lua"):format(builder.name), function()
      need(builder.tool)
      local plugin = helper.compile(builder, "languages/measure")
      assert.same(expected, run(plugin))
      assert.same(expected, run(plugin, "--workers 3 --batch-rows 100"))
    end)
  end

  it("prints numbers that were worked out apart", function()
    local text = table.concat(expected, "\n")
    assert.is_truthy(text:find('{"key":"never"}', 1, true)) -- the spread of nothing
    assert.is_truthy(text:find("root: false measure.root: root of a negative number", 1, true))
    local n = 0
    for i = 1, 5000 do
      n = n + (i % 7 ~= 0 and (i * i * 7919 % 10007) / 80 >= 1 and 1 or 0)
    end
    assert.is_truthy(text:find(('{"n":%d}'):format(n), 1, true))
  end)
end)

describe("Rust", function()
  it("may lay out its own structs in any order", function()
    need("rustc +nightly", "nightly")
    local expected, orders = run "measure_lua", {}
    local nightly = setmetatable({ name = "nightly", tool = "rustc +nightly" },
      { __index = helper.builder "rustc" })
    for seed = 0, 4 do
      local plugin = helper.compile(nightly, "languages/measure", seed > 0
        and ("-Z randomize-layout -Z layout-seed=%d"):format(seed) or "")
      assert.same(expected, run(plugin))
      orders[p.load(plugin).rust_layout()] = true
    end
    -- Or the option did nothing, and this proved nothing.
    assert.is_truthy(next(orders, (next(orders))))
  end)

  it("may panic: that is a failure like any other", function()
    need "rustc"
    local m = p.load(helper.compile(helper.builder "rustc", "languages/panic"))
    local ok, message = pcall(m.nth, 3)
    assert.is_false(ok)
    assert.equal("panic.nth: index out of bounds: the len is 3 but the index is 3", message)
    assert.equal(12, m.nth(2))
    assert.equal(0x7f, m.echo_u8(0x7f))
    assert.is_true(m.either(false, true))
    assert.equal("longest", m.longer("long", "longest"))
  end)

  it("reads texts of columns in every layout", function()
    need "rustc"
    local m = p.load(helper.compile(helper.builder "rustc", "languages/panic"))
    local short, long = "short", "longer than twelve bytes"
    local rows = p.collect(p.rows { { a = short, b = long }, { a = long, b = "" }, { b = short } }
      | p.derive { c = "longer(a, b)", d = "longer(a .. 'x', 'y')" })
    assert.same({
      { a = short, b = long, c = long, d = short .. "x" },
      { a = long, b = "", c = long, d = long .. "x" },
      { b = short },
    }, rows)
    assert.is_function(m.longer)
  end)
end)

for _, name in ipairs { "g++", "clang++" } do
  describe("plugin.h in C++ by " .. name, function()
    local function load()
      need(name)
      return p.load(helper.compile(helper.builder(name), "languages/every_macro"))
    end

    it("makes functions, records, variants and buffers", function()
      local m = load()
      assert.is_true(m.big(101))
      assert.equal(7, m.axpy(2, 3, 1))
      assert.equal(4, m.absolute(-4))
      assert.same({ x = 2, y = 3 }, m.middle({ x = 1, y = 2 }, { x = 3, y = 4 }))
      assert.same({ x = 3, y = 4 }, m.last { { x = 1, y = 2 }, { x = 3, y = 4 } })
      assert.is_nil(m.last {})
      assert.equal(12, m.area(m.circle_of(2)))
      assert.equal(0, m.area { dot = true })
      local buffer = p.buffer("i32", 3)
      assert.equal(3, m.fill(buffer, 7))
      assert.equal(7, buffer[3])
    end)

    it("makes classes", function()
      local m = load()
      local c <close> = m.counter(2)
      assert.equal(5, c:add(3))
      assert.equal(5, c.n)
      assert.equal(5, c[1])
      local l <close> = m.label()
      assert.equal("hello", l.text)
    end)

    it("makes sources and kernels", function()
      local m = load()
      assert.same({ { n = 0 }, { n = 2 }, { n = 4 } },
        p.collect(m.numbers { count = 5, mode = "even" }))
      assert.same({ { n = 0 }, { n = 1 } }, p.collect(m.numbers(2) | m.picky()))
    end)

    it("turns what is thrown into failures", function()
      local m = load()
      local function message(f, ...)
        local ok, text = pcall(f, ...)
        assert.is_false(ok)
        return (text:gsub("^[^ ]*:%d+: ", ""))
      end
      assert.equal("every_macro.throws: thrown from C++", message(m.throws, "text"))
      assert.equal("every_macro.throws: no memory", message(m.throws, "memory"))
      assert.equal("every_macro.throws: threw what is no std::exception",
        message(m.throws, "number"))
      assert.equal("every_macro.throws: did not throw", message(m.throws, ""))
      assert.equal("every_macro.inverse: division by zero", message(m.inverse, 0))
      assert.equal("every_macro.counter: cannot start below zero", message(m.counter, -1))
      local c <close> = m.counter(0)
      assert.equal("every_macro.counter:add: 13 is not added", message(c.add, c, 13))
      local rows, why = p.collect(m.numbers() | m.picky())
      assert.is_nil(rows)
      assert.is_truthy(why:find("2 is too much", 1, true), why)
      rows, why = p.collect(m.numbers() | p.derive { half = "every_macro.inverse(n)" })
      assert.is_nil(rows)
      assert.is_truthy(why:find("division by zero", 1, true), why)
    end)
  end)
end

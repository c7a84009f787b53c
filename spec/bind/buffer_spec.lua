-- buffer_spec.lua - typed arrays, by themselves, as columns and in functions.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")

local folder <const> = (os.getenv "PERIGEE_BUILD" or core.exec_dir) .. "/spec/plugins/"
local t <const> = p.load(folder .. "types_all.so")

local kinds <const> = {
  "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64", "time",
}

local fails <const> = helper.fails

local function get(b, i)
  return function() return b[i] end
end

local function set(b, i, v)
  return function() b[i] = v end
end

describe("a buffer", function()
  for _, kind in ipairs(kinds) do
    it(("of %s holds what was put into it"):format(kind), function()
      local b <close> = p.buffer(kind, 100)
      assert.equal(100, #b)
      assert.equal(kind, b.type)
      assert.equal(0, b[1])
      for i = 1, 100 do
        b[i] = i
      end
      for i = 1, 100 do
        assert.equal(i, b[i])
      end
      assert.same({ 1, 2, 3 }, p.buffer(kind, { 1, 2, 3 }):totable())
      assert.same({ 7, 7 }, p.buffer(kind, 2):fill(7):totable())
      fails("expected " .. kind, set(b, 1, "x"))
      fails("expected " .. kind, set(b, 1, nil))
      assert.equal(1, b[1])
    end)
  end

  it("raises outside of its elements, reading and writing", function()
    local b <close> = p.buffer("f64", 3)
    for _, i in ipairs { 0, 4, -1, math.maxinteger, math.mininteger } do
      fails(("element %d is not in a buffer of 3"):format(i), get(b, i))
      fails(("element %d is not in a buffer of 3"):format(i), set(b, i, 1))
    end
    fails("element 1.5 is not in a buffer of 3", get(b, 1.5))
    fails("a buffer has no 'foo'", get(b, "foo"))
    fails("element foo is not in a buffer of 3", set(b, "foo", 1))
    assert.equal(0, #p.buffer("f64", 0))
    fails("element 1 is not in a buffer of 0", get(p.buffer("f64", 0), 1))
  end)

  it("takes no number that does not fit", function()
    fails("expected u8 (0 to 255), got 256", set(p.buffer("u8", 1), 1, 256))
    fails("expected u8 (0 to 255), got -1", set(p.buffer("u8", 1), 1, -1))
    fails("expected i32 (-2147483648 to 2147483647), got 1.5", set(p.buffer("i32", 1), 1, 1.5))
    fails("expected f32 (a number up to 3.4e38), got 1e+300", set(p.buffer("f32", 1), 1, 1e300))
    fails("expected u8 (0 to 255), got 300", p.buffer("u8", 1).fill, p.buffer("u8", 1), 300)
    local u = p.buffer("u64", ("\xff"):rep(8))
    fails("18446744073709551615 is more than a Lua integer", get(u, 1))
    u[1] = 2.0 ^ 63
    assert.equal(2.0 ^ 63, u[1])
  end)

  it("is made of a count, a list or bytes, and of nothing else", function()
    assert.equal(0x0201, p.buffer("u16", "\1\2")[1])
    assert.equal("\1\0\2\0", p.buffer("u16", { 1, 2 }):bytes())
    fails("no type 'str' of buffers; known: i8, u8,", p.buffer, "str", 3)
    fails("expected a number of elements, at least 0", p.buffer, "f64", -1)
    fails("expected a number of elements, at least 0", p.buffer, "f64", 0.5)
    fails("expected a number of elements, a list or a string of bytes", p.buffer, "f64")
    fails("expected a number of elements, a list or a string of bytes", p.buffer, "f64", true)
    fails("3 bytes are no whole number of u16", p.buffer, "u16", "abc")
    fails("element 2: expected f64 (a number), got 'x'", p.buffer, "f64", { 1, "x" })
    fails("expected a list, got a table with other keys", p.buffer, "f64", { 1, x = 2 })
  end)

  it("is nil and a message when memory is short", function()
    local b, message = p.buffer("f64", 1 << 45)
    assert.is_nil(b)
    assert.equal("no memory for a buffer of 35184372088832 f64", message)
  end)

  it("lies at an aligned address", function()
    for _, kind in ipairs(kinds) do
      assert.equal(0, p.buffer(kind, 7):address() % 64)
    end
  end)

  it("can be walked, copied and mapped", function()
    local b = p.buffer("i32", { 3, 4, 5 })
    local seen = {}
    for i, v in pairs(b) do
      seen[i] = v
    end
    assert.same({ 3, 4, 5 }, seen)
    local copy, double = b:copy(), b:map(function(v) return v * 2 end)
    b[1] = 100
    assert.same({ 3, 4, 5 }, copy:totable())
    assert.same({ 6, 8, 10 }, double:totable())
    fails("element 1: expected i32", b.map, b, function() return "x" end)
    fails("element 1: expected i32", b.map, b, function() end)
    fails("on purpose", b.map, b, function() error "on purpose" end)
    fails("function expected", b.map, b, 5)
    fails("buffer expected", b.copy, 5)
    fails("buffer expected", b.copy, io.stdout)
  end)

  it("says what it is", function()
    assert.equal("buffer of 3 f64", tostring(p.buffer("f64", 3)))
  end)
end)

describe("a slice", function()
  it("shares the memory", function()
    local b = p.buffer("f64", { 1, 2, 3, 4, 5, 6, 7 })
    local s = b:slice(2, 6)
    s[1] = 20
    assert.equal(20.0, b[2])
    b[6] = 60
    assert.equal(60.0, s[5])
    assert.equal(5, #s)
    assert.equal(b:address() + 8, s:address())
    assert.same({ 3.0, 4.0 }, s:slice(2, 3):totable())
    s:slice(2, 3):fill(0)
    assert.same({ 1.0, 20.0, 0.0, 0.0, 5.0, 60.0, 7.0 }, b:totable())
  end)

  it("may take each n-th element, and slices of it too", function()
    local b = p.buffer("i16", { 1, 2, 3, 4, 5, 6, 7, 8, 9 })
    local odd = b:slice(1, 9, 2)
    assert.same({ 1, 3, 5, 7, 9 }, odd:totable())
    assert.same({ 3, 7 }, odd:slice(2, 5, 2):totable())
    assert.same({ 1 }, b:slice(1, 2, 2):totable())
    odd:fill(0)
    assert.same({ 0, 2, 0, 4, 0, 6, 0, 8, 0 }, b:totable())
    assert.equal(10, #odd:bytes())
    assert.same({ 0, 0, 0, 0, 0 }, odd:copy():totable())
    assert.same({ 1, 1, 1, 1, 1 }, odd:map(function(v) return v + 1 end):totable())
  end)

  it("may be empty, and may not reach outside", function()
    local b = p.buffer("f64", 3)
    assert.equal(0, #b:slice(1, 0))
    assert.equal(0, #b:slice(4))
    assert.same({}, b:slice(4):totable())
    fails("row out of range", b.slice, b, 0)
    fails("row out of range", b.slice, b, 1, 4)
    fails("row out of range", b.slice, b, 5)
    fails("row out of range", b.slice, b, 3, 1)
    fails("expected a step of at least 1", b.slice, b, 1, 3, 0)
    fails("element 3 is not in a buffer of 2", get(b:slice(1, 2), 3))
  end)

  it("keeps its buffer", function()
    local s = p.buffer("f64", { 1, 2, 3 }):slice(2)
    collectgarbage()
    collectgarbage()
    assert.same({ 2.0, 3.0 }, s:totable())
  end)
end)

describe("release", function()
  it("ends all use, through slices too", function()
    local b = p.buffer("f64", 4)
    local s, ss = b:slice(1, 4), b:slice(1, 4):slice(2)
    b:release()
    b:release() -- again is fine
    for _, one in ipairs { b, s, ss } do
      fails("the buffer is released", get(one, 1))
      fails("the buffer is released", set(one, 1, 1))
      fails("the buffer is released", function() return #one end)
      fails("the buffer is released", one.fill, one, 1)
      fails("the buffer is released", one.totable, one)
      fails("the buffer is released", one.address, one)
      fails("the buffer is released", one.slice, one, 1)
      fails("the buffer is released", one.column, one, "x")
      fails("the buffer is released", pairs, one)
      assert.equal("released buffer", tostring(one))
    end
    fails("the buffer is released", t.sum, s)
    fails("the buffer is released", t.scale_buf, b, 2)
  end)

  it("of a slice leaves the buffer alone", function()
    local b = p.buffer("f64", { 1, 2 })
    local s = b:slice(2)
    s:release()
    fails("the buffer is released", get(s, 1))
    assert.equal(2.0, b[2])
  end)

  it("comes at the end of a block, also by an error", function()
    local kept
    do
      local b <close> = p.buffer("f64", 4)
      kept = b
    end
    fails("the buffer is released", get(kept, 1))
    pcall(function()
      local b <close> = p.buffer("f64", 4)
      kept = b
      error "on purpose"
    end)
    fails("the buffer is released", get(kept, 1))
  end)

  it("in the middle of a map is noticed", function()
    local b = p.buffer("f64", 4)
    fails("the buffer is released", b.map, b, function() b:release() return 1 end)
  end)
end)

describe("a function of a plugin", function()
  it("gets a buffer by its address", function()
    local b = p.buffer("f64", { 1, 2, 3 })
    assert.equal(3, t.scale_buf(b, 10))
    assert.same({ 10.0, 20.0, 30.0 }, b:totable())
    assert.equal(2, t.scale_buf(b:slice(2, 3), 2))
    assert.same({ 10.0, 40.0, 60.0 }, b:totable())
    assert.equal(0, t.scale_buf(p.buffer("f64", 0), 1))
  end)

  it("takes a buffer where it reads a list", function()
    assert.equal(6.0, t.sum { 1, 2, 3 })
    assert.equal(6.0, t.sum(p.buffer("f64", { 1, 2, 3 })))
  end)

  it("refuses another element type, a step, and what is no buffer", function()
    fails("parameter 'v': expected buf_f64, got a buffer of f32", t.scale_buf, p.buffer("f32", 1), 1)
    fails("parameter 'v': expected list_f64, got a buffer of i64", t.sum, p.buffer("i64", 1))
    fails("expected list_str, got a buffer of u8", t.echo_list_str, p.buffer("u8", 1))
    fails("the buffer is a slice with a step", t.scale_buf, p.buffer("f64", 4):slice(1, 4, 2), 1)
    fails("expected buf_f64 (a buffer), got a table", t.scale_buf, { 1 }, 1)
    fails("expected buf_f64 (a buffer), got nil", t.scale_buf, nil, 1)
    fails("expected list_i64 (a list), got a perigee.buffer", t.echo_list_list_i64,
      { p.buffer("i64", 1) })
  end)

  it("keeps the memory when a finalizer releases it in the middle of the call", function()
    local all = {}
    for i = 1, 1000 do
      all[i] = i
    end
    local releases = 0
    for _ = 1, 20000 do
      if releases > 100 then
        break
      end
      local b = p.buffer("i64", all)
      setmetatable({}, { __gc = function() releases = releases + 1 b:release() end })
      local good, pieces = pcall(t.pieces, b, 2) -- lists that lie in the buffer
      if good then
        assert.same({ 999, 1000 }, pieces[500])
      else
        assert.matches("the buffer is released", pieces)
      end
    end
    assert.is_true(releases > 0)
  end)
end)

describe("a column", function()
  it("is made of a buffer without copying, which can only be read then", function()
    local b = p.buffer("f64", { 1, 2, 3 })
    local s = b:slice(2)
    local c = b:column "x"
    assert.equal("x", c.name)
    assert.equal("f64", c.type)
    assert.equal(2.0, c[2])
    assert.equal(b:address(), c:address())
    assert.equal(3.0, b[3])
    fails("can only be read", set(b, 1, 5))
    fails("can only be read", set(s, 1, 5))
    fails("can only be read", b.fill, b, 5)
    fails("can only be read", t.scale_buf, b, 2)
    assert.equal(6.0, t.sum(b))
    b:copy():fill(1)
    b:release()
    assert.equal(3.0, c[3])
  end)

  it("is made of a slice without a step", function()
    local b = p.buffer("i32", { 1, 2, 3, 4 })
    local c = b:slice(2, 3):column "x"
    assert.equal(2, #c)
    assert.equal(2, c[1])
    fails("a slice with a step cannot be a column", function() b:slice(1, 4, 2):column "y" end)
    fails("string expected", function() b:column() end)
  end)

  it("of every numeric type goes there and back", function()
    for _, kind in ipairs(kinds) do
      local c = p.buffer(kind, { 5, 6, 7 }):column "x"
      assert.equal(kind, c.type)
      assert.equal(7, c[3])
      local b = c:slice(2):buffer()
      assert.same({ 6, 7 }, b:totable())
    end
  end)

  it("can be read as a buffer, which outlives it", function()
    local batch = p.batch { { a = 1, s = "x" }, { a = 2, s = "y" } }
    local b = batch:column("a"):buffer()
    assert.equal("i64", b.type)
    assert.same({ 1, 2 }, b:totable())
    assert.equal(batch:column("a"):address(), b:address())
    fails("can only be read", set(b, 1, 5))
    fails("a column of str cannot be a buffer", function() batch:column("s"):buffer() end)
    batch:release()
    assert.equal(2, b[2])
  end)

  it("with nulls is no buffer", function()
    local batch = p.batch { { a = 1 }, { b = 2 } }
    fails("a column with nulls (1) cannot be a buffer", function() batch:column("a"):buffer() end)
  end)

  it("of a buffer joins a batch", function()
    local batch = p.batch { { a = 1 }, { a = 2 } }
    local wide = batch:with { x = p.buffer("f64", { 0.5, 1.5 }):column "x" }
    assert.equal(1.5, wide.x[2])
    assert.equal(2, wide.a[2])
  end)
end)

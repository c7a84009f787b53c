-- column_spec.lua - perigee.column: the values of one column.

local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local fails = helper.fails

describe("a column", function()
  local b = p.batch { { a = 1, s = "x" }, { s = "a text of more than twelve bytes" }, { a = 3, s = "z" } }

  it("is read by row, from 1", function()
    assert.equal(3, #b.a)
    assert.equal(1, b.a[1])
    assert.is_nil(b.a[2])
    assert.equal(3, b.a[3])
    assert.equal(3, b.a[3.0])
  end)

  it("raises beyond its ends", function()
    fails("row 0 is not in a column of 3 rows", function() return b.a[0] end)
    fails("row 4 is not in a column of 3 rows", function() return b.a[4] end)
    fails("row -1 is not in a column of 3 rows", function() return b.a[-1] end)
    fails("a column has no '1.5'", function() return b.a[1.5] end)
    fails("a column has no '1'", function() return b.a["1"] end)
    fails("a column has no 'lenght'", function() return b.a.lenght end)
  end)

  it("cannot be written", function()
    fails("attempt to index a perigee.column value", function() b.a[1] = 2 end)
  end)

  it("knows its name and type", function()
    assert.equal("a", b.a.name)
    assert.equal("i64", b.a.type)
    assert.equal("column a i64 of 3 rows", tostring(b.a))
    assert.equal("perigee.column", getmetatable(b.a))
  end)

  it("is walked by pairs, null rows too", function()
    local list, count = {}, 0
    for i, value in pairs(b.a) do
      list[i], count = value, count + 1
    end
    assert.same({ 1, nil, 3 }, list)
    assert.equal(3, count)
  end)

  it("is copied to a list", function()
    assert.same({ 1, nil, 3 }, b.a:totable())
    assert.same({ "x", "a text of more than twelve bytes", "z" }, b.s:totable())
  end)

  it("is sliced", function()
    local slice = b.s:slice(2, 3)
    assert.same({ "a text of more than twelve bytes", "z" }, slice:totable())
    assert.equal("s", slice.name)
    assert.equal(0, #b.s:slice(4))
    fails("row out of range", function() b.s:slice(1, 4) end)
    fails("row out of range", function() b.s:slice(0) end)
  end)

  it("is mapped to a column of what a function gives", function()
    local doubled = b.a:map(function(value) return value and value * 2.5 end)
    assert.same({ 2.5, nil, 7.5 }, doubled:totable())
    assert.equal("f64", doubled.type)
    assert.equal("a", doubled.name)
    assert.equal("null", b.a:map(function() end).type)
    fails("row 3: column 'a' is i64 before and str here",
      function() b.a:map(function(value) return value == 3 and "x" or value end) end)
    fails("boom", function() b.a:map(function() error "boom" end) end)
    fails("function expected", function() b.a:map(1) end)
  end)

  it("has the address of its first value", function()
    local every = helper.every_type()
    assert.equal(every.i64:address() + 8, every.i64:slice(2):address())
    assert.equal(every.str:address() + 32, every.str:slice(3):address())
    assert.equal(every.i8:address() + 2, every:slice(3).i8:address())
    assert.equal(0, every.f64:address() % 64)
    assert.equal(every.bool:address(), every.bool:slice(2):address())
    fails("a column of type null has no address", function() every.null:address() end)
  end)

  it("reads every type", function()
    local every = helper.every_type()
    for _, column in pairs(every) do
      assert.same(column:totable(), { column[1], column[2], column[3] })
      local again = {}
      for i, value in pairs(column) do
        again[i] = value
      end
      assert.same(column:totable(), again)
    end
  end)
end)

describe("releasing a column", function()
  it("that owns its memory ends it", function()
    local slice = p.batch({ { a = 1 }, { a = 2 } }).a:slice(2)
    assert.equal(2, slice[1])
    slice:release()
    slice:release()
    for _, use in ipairs { function() return slice[1] end, function() return #slice end,
      function() return slice:totable() end, function() return slice:map(print) end,
      function() return slice:address() end, function() return slice:slice(1) end } do
      fails("the column is released", use)
    end
  end)

  it("leaves slices of it alone", function()
    local b = p.batch { { s = "a text of more than twelve bytes" } }
    local slice = b.s:slice(1)
    b:release()
    collectgarbage()
    assert.equal("a text of more than twelve bytes", slice[1])
  end)

  it("by a function that maps it is noticed", function()
    local b = p.batch { { a = 1 }, { a = 2 } }
    fails("the batch of the column is released",
      function() b.a:map(function() b:release() end) end)
  end)

  it("is refused for what is none", function()
    local column = p.batch({ { a = 1 } }).a
    fails("perigee.column expected", column.totable, {})
    fails("perigee.column expected", column.totable, io.stdout)
    fails("perigee.column expected", column.release, 1)
  end)
end)

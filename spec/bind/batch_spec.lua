-- batch_spec.lua - perigee.batch: tables of rows in the hands of Lua.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local fails = helper.fails

describe("a batch", function()
  local b

  before_each(function()
    b = p.batch { { a = 1, s = "x" }, { a = 2, s = "a text of more than twelve bytes" }, { a = 3 } }
  end)

  it("knows its rows, names and columns", function()
    assert.equal(3, #b)
    assert.equal(3, b.rows)
    assert.same({ "a", "s" }, b:names())
    assert.equal("i64", b.a.type)
    assert.equal("str", b:column("s").type)
    assert.equal("batch of 3 rows (a i64, s str)", tostring(b))
  end)

  it("reads values by column and row, nil for null", function()
    assert.equal(2, b.a[2])
    assert.equal("a text of more than twelve bytes", b.s[2])
    assert.is_nil(b.s[3])
  end)

  it("gives the same column each time", function()
    assert.equal(b.a, b.a)
    assert.equal(b.a, b:column "a")
  end)

  it("has no column of a name that is not there", function()
    assert.is_nil(b.missing)
    fails("no column 'missing'", function() b:column "missing" end)
  end)

  it("is no list", function()
    fails("indexed by the name of a column, got a number", function() return b[1] end)
  end)

  it("hides its metatable", function()
    assert.equal("perigee.batch", getmetatable(b))
  end)

  it("is walked by pairs, in order", function()
    local list = {}
    for name, column in pairs(b) do
      list[#list + 1] = name .. " " .. column.type
    end
    assert.same({ "a i64", "s str" }, list)
  end)

  it("finds a column that is called like a method by column()", function()
    local odd = p.batch { { rows = 7, slice = "x" } }
    assert.equal(1, odd.rows)
    assert.equal(7, odd:column("rows")[1])
    assert.equal("x", odd:column("slice")[1])
  end)

  it("gives its rows as tables", function()
    assert.same({
      { a = 1, s = "x" }, { a = 2, s = "a text of more than twelve bytes" }, { a = 3 },
    }, b:totable())
    assert.same({}, p.batch({}):totable())
  end)

  it("keeps every type of value", function()
    local every = helper.every_type()
    local rows = every:totable()
    assert.same({ i8 = -128, u8 = 0, i16 = -32768, u16 = 0, i32 = -2147483648, u32 = 0,
      i64 = math.mininteger, u64 = 0, f32 = 0.5, f64 = 1e300, time = -1, str = "", bin = "\0\255",
      bool = true }, rows[1])
    assert.same({}, rows[2])
    assert.equal(math.maxinteger, rows[3].u64)
    assert.equal(1700000000123456789, rows[3].time)
    assert.equal(false, rows[3].bool)
    assert.equal(("\255"):rep(20), rows[3].bin)
    for _, column in pairs(every) do
      assert.is_nil(column[2])
    end
  end)
end)

describe("slices and picks", function()
  local b = p.batch { { a = 1 }, { a = 2 }, { a = 3 }, { a = 4 } }

  it("take rows from the first to the last given", function()
    assert.same({ 2, 3 }, b:slice(2, 3).a:totable())
    assert.same({ 3, 4 }, b:slice(3).a:totable())
    assert.equal(0, #b:slice(5))
    assert.equal(0, #b:slice(3, 2))
    assert.same({ 3 }, b:slice(2, 4):slice(2, 2).a:totable())
  end)

  it("are refused beyond the ends", function()
    for _, range in ipairs { { 0 }, { 6 }, { 1, 5 }, { 3, 1 }, { -1, 2 } } do
      fails("row out of range", function() b:slice(range[1], range[2]) end)
    end
    fails("number expected", function() b:slice() end)
    fails("has no integer representation", function() b:slice(1.5) end)
  end)

  it("keep the memory when the batch is released", function()
    local own = p.batch { { s = "a text of more than twelve bytes" }, { s = "x" } }
    local slice = own:slice(1, 1)
    own:release()
    assert.equal("a text of more than twelve bytes", slice.s[1])
  end)

  it("slice bits and validity at any row", function()
    local values = {}
    for i = 1, 67 do
      if i % 3 > 0 then
        values[i] = i % 2 == 0
      end
    end
    local long = core.batch { { name = "v", type = "bool", values = values, n = 67 } }
    for from = 1, 67, 5 do
      local slice = long:slice(from)
      for i = 1, #slice do
        assert.equal(values[from + i - 1], slice.v[i])
      end
    end
  end)

  it("pick rows in any order, also twice", function()
    assert.same({ 4, 1, 4 }, b:pick({ 4, 1, 4 }).a:totable())
    assert.equal(0, #b:pick {})
    for _, row in ipairs { 0, 5, 1.5, "x", {} } do
      fails("item 1: expected a row from 1 to 4", function() b:pick { row } end)
    end
    fails("table expected", function() b:pick(1) end)
  end)
end)

describe("with()", function()
  local b = p.batch { { a = 1, b = "x" }, { a = 2, b = "y" } }

  it("adds columns sorted by name, and replaces others in place", function()
    local more = b:with { z = { 1, nil }, c = { 0.5, 1 }, a = { "p", "q" } }
    assert.same({ "a", "b", "c", "z" }, more:names())
    assert.same({ { a = "p", b = "x", c = 0.5, z = 1 }, { a = "q", b = "y", c = 1.0 } },
      more:totable())
    assert.same({ 1, 2 }, b.a:totable())
  end)

  it("takes columns and values for all rows", function()
    local more = b:with { again = b.a, k = "same", on = true }
    assert.same({ { a = 1, b = "x", again = 1, k = "same", on = true },
      { a = 2, b = "y", again = 2, k = "same", on = true } }, more:totable())
  end)

  it("says what does not fit", function()
    fails("column 'c': 3 values for 2 rows", function() b:with { c = { 1, 2, 3 } } end)
    fails("column 'c': 1 rows for 2 rows", function() b:with { c = b.a:slice(1, 1) } end)
    fails("row 2: column 'c' is i64 before and str here", function() b:with { c = { 1, "x" } } end)
    fails("expected a string, number or boolean, got a table", function() b:with { c = { {} } } end)
    fails("expected columns by name, got the key 1", function() b:with { { 1, 2 } } end)
    fails("the text is not UTF-8", function() b:with { c = { "\255" } } end)
  end)
end)

describe("release()", function()
  it("may be called again, and what comes after raises", function()
    local b = p.batch { { a = 1 } }
    local column = b.a
    b:release()
    b:release()
    for _, use in ipairs {
      function() return b.a end, function() return #b end, function() return b:names() end,
      function() return b:slice(1) end, function() return b:totable() end,
      function() return b:with {} end, function() return b:pick {} end,
      function() return pairs(b) end, function() return b:column "a" end,
    } do
      fails("the batch is released", use)
    end
    fails("the batch of the column is released", function() return column[1] end)
    assert.equal("released batch", tostring(b))
    assert.equal("released column", tostring(column))
  end)

  it("happens at the end of a <close>", function()
    local b
    do
      local scoped <close> = p.batch { { a = 1 } }
      b = scoped
      assert.equal(1, b.rows)
    end
    fails("the batch is released", function() return b.rows end)
  end)

  it("in a finaliser does not pull rows away from a loop", function()
    for _ = 1, 20 do
      local text = ("x"):rep(50)
      local rows = {}
      for i = 1, 200 do
        rows[i] = { s = text .. i }
      end
      local b = p.batch(rows)
      setmetatable({}, { __gc = function() b:release() end })
      local good, list = pcall(b.totable, b)
      if good then
        assert.equal(200, #list)
        assert.equal(text .. 200, list[200].s)
      end
    end
  end)

  it("is refused for what is no batch", function()
    local b = p.batch { { a = 1 } }
    fails("perigee.batch expected", b.release, {})
    fails("perigee.batch expected", b.slice, io.stdout, 1)
  end)
end)

describe("batches from rows", function()
  it("sort the columns by name", function()
    assert.same({ "a", "b", "c" }, p.batch({ { c = 1, a = 1 }, { b = 1 } }):names())
  end)

  it("join integers and floats", function()
    local b = p.batch { { a = 1 }, { a = 2.5 }, { a = 3 } }
    assert.equal("f64", b.a.type)
    assert.same({ 1.0, 2.5, 3.0 }, b.a:totable())
  end)

  it("keep long names apart", function()
    local one, two = ("n"):rep(60) .. "1", ("n"):rep(60) .. "2"
    local b = p.batch { { [one] = 1, [two] = 2 }, { [("n"):rep(60) .. "2"] = 4 } }
    assert.same({ one, two }, b:names())
    assert.same({ nil, 4 }, { b[one][2], b[two][2] })
  end)

  for text, rows in pairs {
    ["row 2: expected a table, got number"] = { {}, 1 },
    ["row 1: expected columns by name, got the key 1"] = { { 5 } },
    ["expected a list of rows, got a table with the field 'a'"] = { a = 1 },
    ["row 2: column 'a' is i64 before and str here"] = { { a = 1 }, { a = "x" } },
    ["row 2: column 'a' is i64 before, holds 9007199254740993, which is not exact as f64"] =
      { { a = 2 ^ 53 // 1 + 1 | 0 }, { a = 0.5 } },
    ["row 2: column 'a' is f64, which 9007199254740993 does not fit"] =
      { { a = 0.5 }, { a = 9007199254740993 } },
    ["column 'a': expected a string, number or boolean, got a function"] = { { a = print } },
    ["column 'a': the text is not UTF-8"] = { { a = "\xed\xa0\x80" } },
  } do
    it("say: " .. text, function()
      if text:find "9007199254740993, which" then
        rows[1].a = 9007199254740993
      end
      fails(text, p.batch, rows)
    end)
  end

  it("take UTF-8 of every length, and nothing that only looks like it", function()
    for _, good in ipairs { "", "a", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}",
      ("x"):rep(100) .. "\u{e9}", "\u{d7ff}\u{e000}" } do
      assert.equal(good, p.batch({ { s = good } }).s[1])
    end
    for _, bad in ipairs { "\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
      "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x82", "\xf0\x9f\x98",
      ("x"):rep(8) .. "\xff" } do
      fails("the text is not UTF-8", p.batch, { { s = bad } })
    end
  end)
end)

describe("batches from columns", function()
  it("refuse what does not fit the type", function()
    local function one(kind, value)
      return core.batch { { name = "a", type = kind, values = { value }, n = 1 } }
    end
    for kind, values in pairs {
      i8 = { -129, 128 }, u8 = { -1, 256 }, i16 = { -32769, 32768 }, u16 = { -1, 65536 },
      i32 = { -2147483649, 2147483648 }, u32 = { -1, 4294967296 }, u64 = { -1 },
      f64 = { 9007199254740993 },
    } do
      for _, value in ipairs(values) do
        fails(("column 'a' is %s, which %d does not fit"):format(kind, value), one, kind, value)
      end
    end
    fails("column 'a' is i64, which 1.5 does not fit", one, "i64", 1.5)
    fails("column 'a' is bool as declared and i64 here", one, "bool", 1)
    fails("column 'a' is str as declared and f64 here", one, "str", 0.5)
    fails("column 'a' is time as declared and str here", one, "time", "now")
    fails("column 'a' is null as declared and i64 here", one, "null", 1)
    fails("unknown type 'int'", one, "int", 1)
    assert.equal(3, one("i8", 3.0).a[1])
  end)

  it("refuse columns of different lengths", function()
    fails("columns of different lengths", core.batch, {
      { name = "a", type = "i64", values = {}, n = 1 }, { name = "b", type = "i64", values = {}, n = 2 } })
  end)
end)

-- row_spec.lua - perigee.row: each(), one row at a time.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local each, fails, through, whys = helper.each, helper.fails, helper.through, helper.whys

local rows <const> = {
  { a = 1, s = "one" }, { a = 2, s = "a text of more than twelve bytes" }, { a = 3 }, { s = "four" },
  { a = 5, s = "" },
}

-- The same, whatever the number of rows in a batch.
local function always(f, fn, given)
  for _, size in ipairs { 1, 2, 3, 100 } do
    f(through(given or rows, each(fn), size))
  end
end

local function gives(expected, fn, given)
  always(function(out, result)
    assert.same(expected, out)
    assert.equal(0, result.rejects)
  end, fn, given)
end

describe("each", function()
  it("keeps a row when the function returns nothing, true or the row", function()
    for _, fn in ipairs { function() end, function() return true end, function(e) return e end,
      function() return nil end } do
      gives(rows, fn)
    end
  end)

  it("drops a row for false", function()
    gives({ rows[1], rows[3] }, function(e) return (e.a or 0) % 2 == 1 and e.a < 5 end)
    gives({}, function() return false end)
  end)

  it("reads values, nil for null and for what is no column", function()
    local seen = {}
    through(rows, each(function(e) seen[#seen + 1] = { e.a, e.s, e.missing } end))
    assert.same({ { 1, "one" }, { 2, "a text of more than twelve bytes" }, { 3 }, { nil, "four" },
      { 5, "" } }, seen)
  end)

  it("takes numbers and other things as keys for names that are not there", function()
    through(rows, each(function(e)
      assert(e[1] == nil and e[true] == nil and e[{}] == nil and e[""] == nil)
    end))
  end)

  it("reads every type", function()
    local source = p.define.source { name = "every", open = function()
      local done = false
      return function()
        if not done then
          done = true
          return helper.every_type()
        end
      end
    end }
    local seen = {}
    assert(p.run(source() | each(function(e)
      seen[#seen + 1] = { i8 = e.i8, u64 = e.u64, f32 = e.f32, time = e.time, bin = e.bin,
        bool = e.bool, null = e.null, str = e.str }
    end) | p.write { path = helper.file(), as = "json" }))
    assert.same({ i8 = -128, u64 = 0, f32 = 0.5, time = -1, bin = "\0\255", bool = true, str = "" },
      seen[1])
    assert.same({}, seen[2])
    assert.same({ i8 = 127, u64 = math.maxinteger, f32 = -2.0, time = 1700000000123456789,
      bin = ("\255"):rep(20), bool = false, str = ("\u{20ac}"):rep(9) }, seen[3])
    helper.clean()
  end)

  it("finds long names, whichever copy of the string asks", function()
    local name = ("n"):rep(100)
    gives({ { [name] = 2 } }, function(e)
      e[("n"):rep(50) .. ("n"):rep(50)] = e[("n"):rep(100)] + 1
    end, { { [name] = 1 } })
  end)

  it("walks the columns that are not null", function()
    local seen = {}
    through({ { a = 1, b = "x", c = true } }, each(function(e)
      e.b, e.d = nil, 4
      for name, value in pairs(e) do
        seen[#seen + 1] = name .. "=" .. tostring(value)
      end
    end))
    assert.same({ "a=1", "c=true", "d=4" }, seen)
  end)

  it("shows a row as text", function()
    local seen
    through({ { a = 1, b = "x" } }, each(function(e) seen = tostring(e) end))
    assert.equal('{ a = 1, b = "x" }', seen)
    through({ { a = 1 } }, each(function(e)
      e.a = nil
      seen = tostring(e)
    end))
    assert.equal("{ }", seen)
  end)

  it("is fast to read one object for all rows", function()
    local objects = {}
    through(rows, each(function(e) objects[e] = true end))
    local count = 0
    for _ in pairs(objects) do
      count = count + 1
    end
    assert.equal(1, count)
  end)

  it("leaves nothing to use after the function", function()
    local kept
    through(rows, each(function(e) kept = e end))
    for _, use in ipairs { function() return kept.a end, function() kept.a = 1 end,
      function() return pairs(kept) end, function() return tostring(kept) end } do
      fails("the row is used outside of the function that it was given to", use)
    end
    assert.equal("perigee.row", getmetatable(kept))
  end)
end)

describe("writing to a row", function()
  it("replaces values, and reads back what was written", function()
    gives({ { a = 2, s = "one!" }, { a = 4, s = "a text of more than twelve bytes!" } }, function(e)
      e.a = e.a + 1
      e.s = e.s .. "!"
      assert(e.a == (e.s == "one!" and 2 or 3))
      e.a = e.s == "one!" and e.a or e.a + 1
    end, { rows[1], rows[2] })
  end)

  it("adds columns, in the order in which they are first written", function()
    local names
    local out = through({ { m = 1 } }, each(function(e)
      e.z = 1
      e.b = "x"
      e.y = true
    end) | p.batches(function(b) names = b:names() end))
    assert.same({ { m = 1, z = 1, b = "x", y = true } }, out)
    assert.same({ "m", "z", "b", "y" }, names)
  end)

  it("gives rows without columns their first", function()
    gives({ { n = 1 }, { n = 1 } }, function(e) e.n = 1 end, { {}, {} })
  end)

  it("leaves other rows as they are", function()
    gives({ rows[1], { a = 20, s = "a text of more than twelve bytes, and more" }, rows[3], rows[4],
      rows[5] }, function(e)
      if e.a == 2 then
        e.a, e.s = 20, e.s .. ", and more"
      end
    end)
  end)

  it("makes null of nil", function()
    gives({ { s = "one" }, { s = "a text of more than twelve bytes" }, {}, { s = "four" }, { s = "" } },
      function(e) e.a = nil end)
    gives({ { s = "one" }, rows[2], rows[3], rows[4], rows[5] }, function(e)
      if e.a == 1 then
        e.a = nil
      end
    end)
  end)

  it("may change the type when no other value is left", function()
    gives({ { a = "1" }, { a = "2" } }, function(e) e.a = tostring(e.a) end, { { a = 1 }, { a = 2 } })
    gives({ { a = "1" }, {} }, function(e)
      if e.a then
        e.a = tostring(e.a)
      end
    end, { { a = 1 }, {} })
    gives({ { a = "2" } }, function(e)
      if e.a == 1 then
        return false
      end
      e.a = tostring(e.a)
    end, { { a = 1 }, { a = 2 } })
  end)

  it("makes floats of integers when one is a float", function()
    local out = through({ { a = 1 }, { a = 2 } }, each(function(e)
      if e.a == 2 then
        e.a = 2.5
      end
    end))
    assert.same({ "float", "float" }, { math.type(out[1].a), math.type(out[2].a) })
    gives({ { a = 1.5 }, { a = 7.0 } }, function(e)
      if e.a == 2.5 then
        e.a = 7
      end
    end, { { a = 1.5 }, { a = 2.5 } })
  end)

  it("keeps times times, and booleans booleans", function()
    local batch = core.batch {
      { name = "t", type = "time", values = { 10, 20 }, n = 2 },
      { name = "b", type = "bool", values = { true, false }, n = 2 },
      { name = "u", type = "u64", values = { 1, 2 }, n = 2 },
      { name = "x", type = "bin", values = { "\255", "y" }, n = 2 },
      { name = "i", type = "i32", values = { 1, 2 }, n = 2 },
    }
    local types = {}
    local out = through({ { a = 1 } }, p.batches(function() return batch end) | each(function(e)
      if e.t == 20 then
        e.t, e.b, e.u, e.x, e.i = 30, true, 5, "\254", 70000
      end
    end) | p.batches(function(b)
      for name, column in pairs(b) do
        types[name] = column.type
      end
    end))
    assert.same({ { t = 10, b = true, u = 1, x = "\255", i = 1 },
      { t = 30, b = true, u = 5, x = "\254", i = 70000 } }, out)
    assert.same({ t = "time", b = "bool", u = "u64", x = "bin", i = "i64" }, types)
  end)

  it("keeps a column that was written before, as null", function()
    local names = {}
    through({ { a = 1 }, { a = 2 }, { a = 3 } }, each(function(e)
      if e.a == 2 then
        e.new = "x"
      end
    end) | p.batches(function(b) names[#names + 1] = table.concat(b:names(), " ") end), 1)
    assert.same({ "a", "a new", "a new" }, names)
  end)

  it("keeps rows apart that share their text", function()
    local out = through({ { s = "a text of more than twelve bytes" }, { s = "another such text, not short" },
      { s = "x" } }, each(function(e)
      if e.s == "x" then
        e.s = "now this one is a long text as well"
      end
    end))
    assert.same({ "a text of more than twelve bytes", "another such text, not short",
      "now this one is a long text as well" }, { out[1].s, out[2].s, out[3].s })
  end)
end)

describe("a row is rejected", function()
  -- Rows that are left, and why the others are not.
  local function rejects(expected, why, fn, given)
    local out, result = through(given or rows, each(fn))
    assert.same(expected, out)
    assert.same(why, whys(result))
    assert.equal(#why, result.rejects)
    return result
  end

  it("when the function raises, and the next ones go on", function()
    local result = rejects({ rows[2], rows[3], rows[5] },
      { "bad", "attempt to perform arithmetic on a nil value (field 'a')" }, function(e)
      if e.a == 1 then
        error "bad"
      end
      return e.a + 1 > 0
    end)
    helper.has("row_spec.lua:", result.reject_samples[1].why)
    helper.has(": each", result.reject_samples[1].stream)
  end)

  it("when what is raised is no text", function()
    rejects({}, { "raised a table" }, function() error {} end, { rows[1] })
    rejects({}, { "raised a nil" }, function() error() end, { rows[1] })
    rejects({}, { "of my own" },
      function() error(setmetatable({}, { __tostring = function() return "of my own" end })) end, { rows[1] })
  end)

  it("when the function returns something else", function()
    rejects({}, { "expected the function to return nothing, or false to drop the row, got a table"
      .. " (batches() can return rows)" }, function() return {} end, { rows[1] })
  end)

  it("when a value has no type of a column", function()
    for _, value in ipairs { {}, print, io.stdout } do
      rejects({}, { ("column 'x': expected a string, number or boolean, got a %s"):format(type(value)) },
        function(e) e.x = value end, { rows[1] })
    end
    rejects({}, { "expected the name of a column, got a number" }, function(e) e[1] = 1 end, { rows[1] })
    rejects({}, { "column 'x': the text is not UTF-8" }, function(e) e.x = "\255" end, { rows[1] })
  end)

  it("when a value is of another type than those before", function()
    always(function(out, result)
      assert.same({ { n = 1, a = 1 }, { a = 3, n = 3 } }, out)
      assert.same({ "column 'n' is i64 before and str here" }, whys(result))
    end, function(e) e.n = e.a == 2 and "two" or e.a end, { { a = 1 }, { a = 2 }, { a = 3 } })
  end)

  it("when its new value does not go with those that are left alone", function()
    rejects({ { a = 1 }, { a = 3 } }, { "column 'a' is i64 in rows that are left alone and str here" },
      function(e)
        if e.a == 2 then
          e.a = "two"
        end
      end, { { a = 1 }, { a = 2 }, { a = 3 } })
    rejects({ { a = 1 }, {} }, { "column 'a' is i64 in rows that are left alone and bool here" },
      function(e)
        if e.a == 2 then
          e.a = true
        elseif e.a == 3 then
          e.a = nil
        end
      end, { { a = 1 }, { a = 2 }, { a = 3 } })
  end)

  it("when an integer is not exact as a float", function()
    local big <const> = 9007199254740993
    rejects({ { a = 0.5 } }, { "column 'a' becomes f64, which the integer here does not fit" },
      function(e)
        if e.a == 2 then
          e.a = 0.5
        end
      end, { { a = big }, { a = 2 } })
    rejects({ { a = 0.5 } }, { "column 'a' is f64, which 9007199254740993 does not fit" },
      function(e)
        if e.a == 2.5 then
          e.a = big
        end
      end, { { a = 0.5 }, { a = 2.5 } })
  end)

  it("and no more than asked for are shown", function()
    local many = {}
    for i = 1, 20 do
      many[i] = { a = i }
    end
    local _, result = through(many, each(function() error "bad" end))
    assert.equal(20, result.rejects)
    assert.equal(5, #result.reject_samples)
  end)
end)

describe("names that never were columns", function()
  local function missed(fn)
    local _, result = through(rows, each(fn))
    local names = {}
    for i, one in ipairs(result.missed) do
      names[i] = one.name
    end
    return names, result.missed
  end

  it("are told, with the stage that read them", function()
    local names, list = missed(function(e) return not e.staus end)
    assert.same({ "staus" }, names)
    assert.equal("each", list[1].label)
    helper.has("row_spec.lua:", list[1].at)
  end)

  it("are not those that only some batches have", function()
    local given = { { { a = 1 } }, { { a = 2, tags = "x" } }, { { a = 3 } } }
    local source = p.define.source { name = "some", open = function()
      return function()
        return given[1] and p.batch(table.remove(given, 1))
      end
    end }
    local _, result = p.collect(source() | each(function(e) return e.tags ~= "y" end))
    assert.same({}, result.missed)
  end)

  it("are not those that were written, or are null here and there", function()
    assert.same({}, (missed(function(e)
      e.x = e.x or e.a or e.s
    end)))
  end)
end)

-- call_spec.lua - functions of plugins, called from Lua.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")

local folder <const> = (os.getenv "PERIGEE_BUILD" or core.exec_dir) .. "/spec/plugins/"
local t <const> = p.load(folder .. "types_all.so")

local fails <const> = helper.fails

local bounds <const> = {
  i8 = { -128, 127 }, u8 = { 0, 255 }, i16 = { -32768, 32767 }, u16 = { 0, 65535 },
  i32 = { -2147483648, 2147483647 }, u32 = { 0, 4294967295 },
}

describe("a function of a plugin", function()
  it("is called with its arguments and gives its result", function()
    assert.equal(1, t.min(1, 2))
    assert.equal(-7, t.min(3, -7))
    assert.equal(42, t.answer())
    assert.equal(8.75, t.sum6(1, 2, 3, 0.5, 1.25, true))
  end)

  it("names function, parameter and range when an integer does not fit", function()
    fails("types_all.min: parameter 'a': expected i32 (-2147483648 to 2147483647), got 2147483648",
      t.min, 2147483648, 1)
    fails("types_all.min: parameter 'b': expected i32 (-2147483648 to 2147483647), got -2147483649",
      t.min, 1, -2147483649)
    fails("parameter 'a': expected i8 (-128 to 127), got 128", t.sum6, 128, 2, 3, 0.5, 1.25, true)
  end)

  it("says what is wrong with a type", function()
    fails("parameter 'a': expected i32 (-2147483648 to 2147483647), got 1.5", t.min, 1.5, 1)
    fails("parameter 'a': expected i32 (-2147483648 to 2147483647), got '1'", t.min, "1", 1)
    fails("parameter 'b': expected i32 (-2147483648 to 2147483647), got nil", t.min, 1, nil)
    fails("parameter 'b': expected i32 (-2147483648 to 2147483647), got a table", t.min, 1, {})
    fails("parameter 'a': expected bool (true or false), got 1", t.echo_bool, 1)
    fails("parameter 'a': expected str (a string), got 1", t.echo_str, 1)
    fails("parameter 'a': expected f64 (a number), got '1'", t.echo_f64, "1")
    fails("parameter 'a': expected str (a string), got a perigee.buffer", t.echo_str,
      p.buffer("u8", 1))
  end)

  it("counts its arguments", function()
    fails("types_all.min: parameter 'b' is missing: expected i32", t.min, 1)
    fails("types_all.min: parameter 'a' is missing: expected i32", t.min)
    fails("types_all.min: expected 2 parameters, got 3", t.min, 1, 2, 3)
    fails("types_all.answer: expected no parameters, got 1", t.answer, 1)
    fails("types_all.invert: expected 1 parameter, got 2", t.invert, 1, 2)
    fails("types_all.sum6: parameter 'f' is missing: expected bool", t.sum6, 1, 2, 3, 0.5, 1.25)
  end)

  it("raises what it fails with, at the line that called it", function()
    assert.equal(0.25, t.invert(4))
    fails("types_all.invert: division by zero", t.invert, 0)
    fails("types_all.quiet: the outside world failed", t.quiet)
    local _, message = pcall(function() return 1 + t.invert(0) end)
    assert.matches("call_spec.lua:%d+: types_all.invert", message)
  end)

  it("is chosen by its arguments when there are several of one name", function()
    assert.equal("integer", math.type(t.max(1, 2)))
    assert.equal(2.5, t.max(1, 2.5))
    assert.equal(3.0, t.max(3.0, 2.0))
    assert.equal("float", math.type(t.max(3.0, 2.0)))
    assert.equal("longer", t.max("short", "longer"))
    fails("types_all: no max(1, 'x'); there is max(", t.max, 1, "x")
    fails("types_all: no max(1); there is max(", t.max, 1)
    fails("types_all: no max(); there is max(", t.max)
  end)

  it("is the nearest one that takes the values, whatever was called before", function()
    local shared <const> = p.buffer("f64", 3)
    shared:column "x"
    local cases <const> = {
      { "i32", 5 }, { "f64", 1 << 40 }, { "f64", 5.5 }, { "f64", 5.0 },
      { "list_i32", { 1 } }, { "list_i32", p.buffer("i32", 3) }, { "buf_f64", p.buffer("f64", 3) },
      { "x", p.buffer("f64", 3), "x" },
    }
    for _, first in ipairs(cases) do
      for _, second in ipairs(cases) do
        assert.equal(first[1], t.pick(table.unpack(first, 2)))
        assert.equal(second[1], t.pick(table.unpack(second, 2)))
      end
    end
    for _ = 1, 2 do
      fails("types_all: no pick(1, 2); there is pick(", t.pick, 1, 2)
      fails("types_all: no pick(true)", t.pick, true)
      fails("types_all: no pick(a perigee.buffer)", t.pick, p.buffer("u8", 1))
      fails("types_all.pick: parameter 'a': item 1: expected i32", t.pick, { "x" })
      fails("types_all.pick: parameter 'a': the buffer shares its memory", t.pick, shared)
    end
  end)

  it("may be one of very many", function()
    local many <const> = p.load(folder .. "types_many.so")
    for _ = 1, 2 do
      for i = 0, 399 do
        assert.equal((1000 + i) * 1000 + 7, many[("f%03d"):format(i)](7))
      end
    end
    fails("types_many.f000: parameter 'a': expected i64 (an integer), got 'x'", many.f000, "x")
    fails("types_many.f399: parameter 'a': expected i64 (an integer), got 'x'", many.f399, "x")
    fails("types_many.f399: expected 1 parameter, got 2", many.f399, 1, 2)
  end)

  it("is ready for the next call after one that failed", function()
    for _ = 1, 3 do
      fails("types_all.invert: division by zero", t.invert, 0)
      assert.equal(0.5, t.invert(2))
      fails("types_all.repeat: no room", t["repeat"], "x", -1)
      assert.equal("xx", t["repeat"]("x", 2))
      assert.is_nil(t.echo_opt_str(nil))
      assert.equal("x", t.echo_opt_str "x")
      fails("expected u64", t.echo_opt_u64, 2.0 ^ 64)
    end
  end)

  it("can be called from a finalizer that runs in the middle of another call", function()
    local calls, wrong, stop = 0, nil, false
    local function arm()
      setmetatable({}, { __gc = function()
        calls = calls + 1
        local good, list = pcall(t.echo_list_str, { "x", "y" })
        if not (good and #list == 2 and list[2] == "y") then
          wrong = list
        end
        if not stop then
          arm()
        end
      end })
    end
    arm()
    for i = 1, 3000 do
      local name = "Bob" .. i
      local list = t.echo_list_person { { name = name, here = false, rank = 1, at = { x = 1, y = 1 },
        path = {}, tags = { "t" .. i }, initial = "b" } }
      assert.equal(name, list[1].name)
      assert.equal("t" .. i, list[1].tags[1])
    end
    stop = true
    assert.is_true(calls > 0)
    assert.is_nil(wrong)
  end)
end)

describe("numbers", function()
  for kind, bound in pairs(bounds) do
    it(("of %s cross when they fit"):format(kind), function()
      for _, name in ipairs { "echo_", "echo_opt_" } do
        local echo = t[name .. kind]
        assert.equal(bound[1], echo(bound[1]))
        assert.equal(bound[2], echo(bound[2]))
        assert.equal(7, echo(7.0))
        assert.equal("integer", math.type(echo(7.0)))
        fails("expected " .. kind, echo, bound[1] - 1)
        fails("expected " .. kind, echo, bound[2] + 1)
        fails("expected " .. kind, echo, 0.5)
        fails("expected " .. kind, echo, 0 / 0)
        fails("expected " .. kind, echo, math.huge)
      end
      assert.same({ 1, 2, bound[2] }, t["echo_list_" .. kind] { 1, 2, bound[2] })
    end)
  end

  it("of i64 and time cross whole", function()
    for _, kind in ipairs { "i64", "time" } do
      local echo = t["echo_" .. kind]
      assert.equal(math.maxinteger, echo(math.maxinteger))
      assert.equal(math.mininteger, echo(math.mininteger))
      assert.equal(1 << 53, echo(2.0 ^ 53))
      fails("expected " .. kind, echo, 2.0 ^ 63)
    end
  end)

  it("of u64 are never wrapped or rounded", function()
    assert.equal(math.maxinteger, t.echo_u64(math.maxinteger))
    assert.equal(2.0 ^ 63, t.echo_u64(2.0 ^ 63))
    assert.equal(2.0 ^ 64 - 2048, t.echo_u64(2.0 ^ 64 - 2048))
    assert.equal(2.0 ^ 63, t.big(0))
    fails("expected u64 (an integer of at least 0), got -1", t.echo_u64, -1)
    fails("expected u64", t.echo_u64, 2.0 ^ 64)
    fails("9223372036854775809 is more than a Lua integer", t.big, 1)
  end)

  it("of f32 are rounded to what an f32 holds, but do not overflow", function()
    assert.equal(0.5, t.echo_f32(0.5))
    assert.near(0.1, t.echo_f32(0.1), 1e-8)
    assert.equal(math.huge, t.echo_f32(math.huge))
    assert.is_true(t.echo_f32(0 / 0) ~= t.echo_f32(0 / 0))
    fails("expected f32 (a number up to 3.4e38), got 1e+300", t.echo_f32, 1e300)
  end)

  it("of f64 take integers", function()
    assert.equal(7.0, t.echo_f64(7))
    assert.equal("float", math.type(t.echo_f64(7)))
  end)
end)

describe("texts", function()
  it("hold any bytes", function()
    for _, text in ipairs { "", "plain", "a\0b\0", "\xff\xfe", ("x"):rep(100000) } do
      assert.equal(text, t.echo_str(text))
    end
    assert.equal(3000000, #t["repeat"]("abc", 1000000))
  end)

  it("of one character are a char", function()
    for _, text in ipairs { "a", "\0", "é", "漢", "😀", "\u{10ffff}" } do
      assert.equal(text, t.echo_char(text))
    end
    for _, text in ipairs { "", "ab", "\xff", "\u{d800}", "\xc0\x80", "é!", "\xf4\x90\x80\x80" } do
      fails("expected char (a string of one UTF-8 character)", t.echo_char, text)
    end
    fails("expected char", t.echo_char, 65)
    fails("0xd800 is no character", t.bad_char)
  end)
end)

describe("options", function()
  it("are nil or a value, and may be left out at the end", function()
    assert.is_nil(t.echo_opt_i64())
    assert.is_nil(t.echo_opt_i64(nil))
    assert.equal(5, t.echo_opt_i64(5))
    assert.equal(false, t.echo_opt_bool(false))
    assert.equal("", t.echo_opt_str "")
    assert.equal(20.0, t.scale(2))
    assert.equal(6.0, t.scale(2, 3))
    assert.same({ x = 1.0, y = 2.0 }, t.echo_opt_point { x = 1, y = 2 })
    fails("parameter 'factor': expected f64 (a number), got 'x'", t.scale, 2, "x")
  end)
end)

describe("lists", function()
  it("are tables from 1 on", function()
    assert.same({}, t.echo_list_f64 {})
    assert.same({ 1.0, 2.5 }, t.echo_list_f64 { 1, 2.5 })
    assert.same({ "a", "b\0c", "" }, t.echo_list_str { "a", "b\0c", "" })
    assert.same({ true, false }, t.echo_list_bool { true, false })
    assert.same({ "é", "x" }, t.echo_list_char { "é", "x" })
    assert.same({ { 1 }, {}, { 2, 3 } }, t.echo_list_list_i64 { { 1 }, {}, { 2, 3 } })
    assert.same({ a = "b", c = "" }, t.echo_list_pair { a = "b", c = "" })
    local long = {}
    for i = 1, 10000 do
      long[i] = i
    end
    assert.same(long, t.echo_list_i64(long))
  end)

  it("name the item that does not fit", function()
    fails("parameter 'a': item 2: expected i64 (an integer), got 'x'", t.echo_list_i64, { 1, "x" })
    fails("item 3: item 2: expected i64", t.echo_list_list_i64, { {}, {}, { 1, 2.5 } })
    fails("expected list_i64 (a list), got 3", t.echo_list_i64, 3)
  end)

  it("have neither holes nor names in them", function()
    fails("item 2: expected i64 (an integer), got nil", t.echo_list_i64, { 1, nil, 3 })
    fails("expected a list, got a table with other keys than 1 to 2", t.echo_list_i64, { 1, 2, x = 3 })
    fails("expected a list", t.echo_list_i64, { x = 3 })
    fails("expected strings by name, got [1] = 'x'", t.echo_list_pair, { "x" })
  end)

  it("are read without metamethods", function()
    local proxy = setmetatable({}, { __index = function() error "called" end,
      __len = function() error "called" end, __pairs = function() error "called" end })
    assert.same({}, t.echo_list_i64(proxy))
  end)
end)

describe("records", function()
  local function person(more)
    local all = { name = "Ann", here = true, rank = 3, at = { x = 1, y = 2 },
      path = { { x = 1, y = 1 }, { x = 2, y = 2 } }, tags = { "a", "b" }, initial = "Å" }
    for key, value in pairs(more or {}) do
      all[key] = value
    end
    return all
  end

  it("are tables with exactly these fields, nested", function()
    assert.same({ x = 1.5, y = 3.0 }, t.middle({ x = 1, y = 2 }, { x = 2, y = 4 }))
    local result = t.echo_person(person())
    assert.same(person(), result)
    assert.is_nil(result.age)
    assert.equal(40, t.echo_person(person { age = 40 }).age)
    assert.equal(2, #t.echo_list_person { person(), person { age = 3 } })
  end)

  it("name the field that is wrong, with the way to it", function()
    fails("parameter 'a': field 'y' is missing: expected f64 (a number)", t.echo_point, { x = 1 })
    fails("unknown field 'z' of 'point'", t.echo_point, { x = 1, y = 2, z = 3 })
    fails("unknown field 'nam' of 'person'; did you mean 'name'?", t.echo_person, { nam = "x" })
    fails("unknown field 1 of 'point'", t.echo_point, { x = 1, y = 2, 3 })
    fails("field 'path': item 2: field 'y' is missing", t.echo_person,
      person { path = { { x = 1, y = 1 }, { x = 2 } } })
    fails("item 2: field 'rank': expected u8 (0 to 255), got 256", t.echo_list_person,
      { person(), person { rank = 256 } })
    fails("expected point (a table), got 'x'", t.echo_point, "x")
  end)
end)

describe("variants", function()
  it("are tables with the one case that holds", function()
    for _, shape in ipairs { { round = { r = 2.0 } }, { code = 7 }, { dot = true },
      { path = { { x = 1.0, y = 2.0 } } } } do
      assert.same(shape, t.echo_shape(shape))
    end
    assert.same({ { dot = true }, { code = 1 } }, t.echo_list_shape { { dot = true }, { code = 1 } })
    assert.equal(12.0, t.area { round = { r = 2 } })
    assert.equal(0.0, t.area { dot = true })
    assert.same({ round = { r = 3.0 } }, t.circle_of(3))
  end)

  it("have one case that is known", function()
    fails("expected shape (a table with one case), got a table", t.echo_shape, {})
    fails("unknown case 'rond' of 'shape'; did you mean 'round'?", t.echo_shape, { rond = { r = 1 } })
    fails("expected one case of 'shape', got more", t.echo_shape, { dot = true, code = 1 })
    fails("field 'dot': expected true, got 1", t.echo_shape, { dot = 1 })
    fails("field 'round': field 'r' is missing", t.echo_shape, { round = {} })
    fails("expected shape (a table with one case), got 3", t.echo_shape, 3)
    fails("types_all.bad_shape: 'shape' has no case number 9", t.bad_shape)
  end)
end)

describe("a description", function()
  local description <const> = core.describe(folder .. "types_all.so")

  local function find(name)
    for _, fn in ipairs(description.functions) do
      if fn.name == name then
        return fn
      end
    end
  end

  it("says who made the plugin, and for which ABI", function()
    assert.equal("types_all", description.name)
    assert.equal("1.0.0", description.version)
    assert.equal("MIT", description.license)
    assert.same({ major = 1, minor = 0 }, description.abi)
    assert.matches("^%x+$", description.sha256)
    assert.equal(64, #description.sha256)
  end)

  it("has types and docs of functions", function()
    local scale = find "scale"
    assert.equal("Optional factor.", scale.doc)
    assert.equal("f64", scale.returns)
    assert.is_false(scale.pure)
    assert.same({ { name = "x", type = "f64" }, { name = "factor", type = "opt_f64" } }, scale.args)
    assert.is_true(find "min".pure)
    assert.same({ { name = "a", type = "bool" } }, find "echo_bool".args)
  end)

  it("holds natives only when the plugin is loaded", function()
    assert.is_nil(find "min".native)
    local loaded = core.load(folder .. "types_all.so"):describe()
    assert.equal("userdata", type(loaded.functions[1].native))
  end)
end)

describe("parameters", function()
  local csv <const> = core.load((os.getenv "PERIGEE_BUILD" or core.exec_dir) .. "/native/csv.so")

  local function refused(text, params)
    local good, message = core.check_params(csv, "decoder", "csv", params)
    assert.is_nil(good)
    assert.is_truthy(message:find(text, 1, true), message)
  end

  it("are tables, lists, strings, numbers and booleans", function()
    assert.is_true(core.check_params(csv, "decoder", "csv", {}))
    assert.is_true(core.check_params(csv, "decoder", "csv", { names = { "a", "b" } }))
  end)

  it("contain nothing else, not themselves, and no holes", function()
    local loop = {}
    loop[1] = loop
    refused("field 'names': item 1: a table that contains itself", { names = loop })
    refused("field 'names': a function is no parameter", { names = print })
    refused("field 'names': a list with holes in it", { names = { "a", nil, nil, "d" } })
    refused("field 'names': a table with both a list and named fields",
      { names = { "a", x = "b" } })
    refused("field 'names': a table whose keys are neither names nor 1, 2, 3, ...",
      { names = { [1.5] = "a" } })
  end)

  it("are not nested without end", function()
    local deep, wide = {}, {}
    for _ = 1, 40 do
      deep = { deep }
    end
    for _ = 1, 25 do
      wide = { wide, wide }
    end
    refused("tables nested too deep", { names = deep })
    refused("more than 1000000 values", { names = wide })
  end)
end)

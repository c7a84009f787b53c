-- class_spec.lua - objects of plugins' classes.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")

local folder <const> = (os.getenv "PERIGEE_BUILD" or core.exec_dir) .. "/spec/plugins/"
local t <const> = p.load(folder .. "types_class.so")

local fails <const> = helper.fails

local function collect()
  collectgarbage()
  collectgarbage()
end

describe("an object", function()
  before_each(collect)

  it("has methods and fields", function()
    local c <close> = t.counter(5)
    assert.equal(5, c.n)
    assert.is_nil(c.last)
    assert.equal(8, c:add(3))
    assert.equal(8, c.n)
    assert.equal(3.0, c.last)
    assert.equal(8, c:get())
    assert.equal("types_class.counter", tostring(c))
  end)

  it("is independent of the others", function()
    local a <close> = t.counter(1)
    local b <close> = t.counter(10)
    a:add(1)
    assert.equal(2, a.n)
    assert.equal(10, b.n)
  end)

  it("has texts and lists of its own memory", function()
    local tape <close> = t.tape("temperatures", 1)
    assert.equal("temperatures", tape.label)
    assert.equal("temperatures", tape:name())
    assert.equal(3, tape:push { 1, 2, 3 })
    assert.equal(4, tape:push(p.buffer("f64", { 4.5 })))
    assert.equal(4, tape.len)
    assert.same({ 1.0, 2.0, 3.0, 4.5 }, tape:all())
  end)

  it("has elements when its class shows them", function()
    local tape <close> = t.tape "x"
    assert.equal(0, #tape)
    fails("element 1 is not in an object of 0", function() return tape[1] end)
    for i = 1, 100 do
      tape:push { i }
      assert.equal(i, #tape)
      assert.equal(i + 0.0, tape[i])
    end
    tape[50] = 0.5
    assert.equal(0.5, tape[50])
    for _, i in ipairs { 0, 101, -1, math.mininteger } do
      fails("is not in an object of 100", function() return tape[i] end)
      fails("is not in an object of 100", function() tape[i] = 1 end)
    end
    fails("element 1: expected f64 (a number), got 'x'", function() tape[1] = "x" end)
    fails("types_class.tape has no 1.5", function() return tape[1.5] end)
  end)

  it("may show elements that can only be read", function()
    local s <close> = t.sealed()
    assert.equal(8, #s)
    assert.is_false(s[1])
    assert.is_true(s[2])
    fails("elements of this class can only be read", function() s[1] = true end)
  end)

  it("hides the rest", function()
    local c <close> = t.counter(1)
    local s <close> = t.sealed()
    fails("an object's fields can only be read", function() c.n = 3 end)
    fails("types_class.counter has no 'foo'", function() return c.foo end)
    fails("types_class.sealed has no 'bits'", function() return s.bits end)
    fails("objects of this class have no elements", function() return c[1] end)
    fails("objects of this class have no elements", function() c[1] = 1 end)
    fails("objects of this class have no elements", function() return #c end)
    assert.equal("types_class.counter", getmetatable(c))
  end)

  it("says what is wrong with arguments", function()
    local c <close> = t.counter(1)
    fails("types_class.counter:add: parameter 'by': expected i64 (an integer), got 'x'", c.add, c, "x")
    fails("types_class.counter:add: parameter 'by' is missing", c.add, c)
    fails("types_class.counter:get: expected no parameters, got 1", c.get, c, 1)
    fails("types_class.counter:fail: on purpose", c.fail, c, "on purpose")
    assert.equal(1, c.n)
  end)

  it("is not made when the plugin refuses", function()
    fails("types_class.counter: cannot start below zero", t.counter, -1)
    fails("types_class.counter: parameter 'start' is missing: expected i64", t.counter)
    fails("types_class.counter: expected 1 parameter, got 2", t.counter, 1, 2)
    assert.equal(0, t.live_objects())
  end)

  it("checks the receiver of a method", function()
    local c <close> = t.counter(1)
    local tape <close> = t.tape "x"
    fails("types_class.counter: expected an object of this class, got 5", c.add, 5, 1)
    fails("types_class.counter: expected an object of this class, got nil", c.add)
    fails("expected an object of this class, got a FILE*", c.add, io.stdout, 1)
    fails("types_class.counter: expected an object of this class, got a types_class.tape",
      c.add, tape, 1)
    fails("types_class.tape: expected an object of this class, got a types_class.counter",
      tape.push, c, {})
    fails("expected an object of this class", c.release, tape)
    assert.equal(1, c.n)
  end)

  it("survives a class that breaks its promises", function()
    fails("types_class.odd: the plugin shows 1 elements of type 13", function() return t.odd(0)[1] end)
    fails("the plugin shows 3 elements at NULL", function() return t.odd(2)[1] end)
    fails("the plugin shows elements of type i32 at 0x", function() return t.odd(3)[1] end)
    fails("no place for them: expected a multiple of 4", function() return t.odd(3)[1] end)
    fails("elements of type i32, more than memory holds", function() return t.odd(4)[1] end)
    fails("the plugin shows 2 elements of type i64, more than memory holds", function() return #t.odd(5) end)
    assert.equal(0, #t.odd(6))
    fails("types_class.odd: no view today", function() return #t.odd(1) end)
  end)
end)

describe("an object is destroyed exactly once", function()
  before_each(function()
    collect()
    assert.equal(0, t.live_objects())
  end)

  after_each(function()
    collect()
    assert.equal(0, t.live_objects())
  end)

  it("by release", function()
    local c = t.counter(1)
    assert.equal(1, t.live_objects())
    c:release()
    assert.equal(0, t.live_objects())
    c:release() -- again is fine
    assert.equal(0, t.live_objects())
    fails("types_class.counter: the object is released", function() return c.n end)
    fails("types_class.counter: the object is released", function() return c:get() end)
    assert.equal("released types_class.counter", tostring(c))
    local tape = t.tape "x"
    tape:push { 1 }
    tape:release()
    fails("types_class.tape: the object is released", function() return tape[1] end)
    fails("types_class.tape: the object is released", function() tape[1] = 1 end)
    fails("types_class.tape: the object is released", function() return #tape end)
  end)

  it("at the end of its block, also by an error", function()
    do
      local c <close> = t.counter(1)
      assert.equal(1, t.live_objects())
      assert.equal(1, c.n)
    end
    assert.equal(0, t.live_objects())
    pcall(function()
      local c <close> = t.counter(1)
      error(c)
    end)
    assert.equal(0, t.live_objects())
  end)

  it("by the collector", function()
    for i = 1, 1000 do
      t.counter(i)
    end
    collect()
    assert.equal(0, t.live_objects())
  end)

  it("after the call, when a finalizer releases it in the middle of one", function()
    local list, released = {}, 0
    for i = 1, 4000 do
      list[i] = i
    end
    for i = 1, 20000 do
      if released > 100 then
        break
      end
      local tape = t.tape("x" .. i)
      setmetatable({}, { __gc = function() released = released + 1 tape:release() end })
      local good, result = pcall(function() tape:push(list) return tape:pairs() end)
      if good then
        assert.same({ 3999.0, 4000.0 }, result[2000])
      else
        assert.matches("the object is released", result)
      end
    end
    assert.is_true(released > 0)
  end)
end)

describe("a description", function()
  it("has classes with their fields and methods", function()
    local classes = {}
    for _, class in ipairs(core.describe(folder .. "types_class.so").classes) do
      classes[class.name] = class
    end
    assert.same({ { name = "start", type = "i64" } }, classes.counter.args)
    assert.same({ { name = "n", type = "i64", doc = "How many so far." },
      { name = "last", type = "opt_f64", doc = "The last step." } }, classes.counter.fields)
    assert.equal(3, #classes.counter.methods)
    assert.is_false(classes.counter.view)
    assert.is_true(classes.tape.view)
    assert.same({}, classes.sealed.fields)
    for _, method in ipairs(classes.tape.methods) do
      if method.name == "push" then
        assert.equal("Adds numbers; how many there are.", method.doc)
        assert.same({ { name = "numbers", type = "list_f64" } }, method.args)
        assert.equal("i64", method.returns)
      end
    end
  end)
end)

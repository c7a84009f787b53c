-- object_spec.lua - objects of a plugin's classes as parameters and results.

local core = require "perigee.core"
local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")

local folder <const> = (os.getenv "PERIGEE_BUILD" or core.exec_dir) .. "/spec/plugins/"
local t <const> = p.load(folder .. "types_object.so")
local classes <const> = p.load(folder .. "types_class.so")

local fails <const> = helper.fails

describe("an object", function()
  before_each(function()
    collectgarbage()
    collectgarbage()
    assert.equal(0, t.live_objects())
  end)

  it("can be given to functions, methods and classes", function()
    local a <close> = t.spot(1, 2)
    local b <close> = t.spot(3, 4)
    assert.equal(11.0, t.product(a, b))
    assert.equal(5.0, t.product(a, a))
    assert.equal(4.0, a:move(b))
    assert.equal(8.0, a:move(a))
    assert.equal(12.0, a.y)
    assert.equal(3.0 + 10 + 3, t.far(b, { x = 10 }, b))
    local first <close> = t.write "one"
    local second <close> = t.note(" two", first)
    assert.equal("one two", second.text)
  end)

  it("can be made by functions and methods", function()
    local a <close> = t.spot(1, 2)
    local b <close> = t.spot(3, 4)
    do
      local half <close> = t.between(a, b)
      local note <close> = half:say "here"
      assert.equal("types_object.spot", tostring(half))
      assert.equal(2.0, half.x)
      assert.equal(3.0, half:move(a))
      assert.equal("here!", note.text)
      assert.equal(4, t.live_objects())
    end
    assert.equal(2, t.live_objects())
    for _ = 1, 100 do
      t.write(("long"):rep(100))
    end
  end)

  it("is not made by a function that fails", function()
    local a <close> = t.spot(1, 2)
    fails("types_object.between: one and the same", t.between, a, a)
    assert.equal(1, t.live_objects())
  end)

  it("chooses between functions of one name", function()
    local a <close> = t.spot(7, 2)
    local b <close> = t.write "four"
    for _ = 1, 2 do
      assert.equal(7.0, t.size(a))
      assert.equal(4.0, t.size(b))
      fails("types_object: no size(1); there is size(obj_", t.size, 1)
    end
  end)

  it("must be one of the class, and not released", function()
    local a <close> = t.spot(1, 2)
    local b <close> = t.spot(3, 4)
    local note <close> = t.write "x"
    local other <close> = classes.counter(1)
    local expected <const> = "expected obj_spot (an object), got "
    fails("types_object.product: parameter 'a': " .. expected .. "a types_object.note", t.product, note, a)
    fails("types_object.product: parameter 'b': " .. expected .. "a types_class.counter", t.product, a, other)
    fails("types_object.product: parameter 'b': " .. expected .. "nil", t.product, a, nil)
    fails("types_object.product: parameter 'a': " .. expected .. "a FILE*",
      t.product, io.stdout, a)
    fails("types_object.product: parameter 'b' is missing: " .. expected:match "^(.*), got", t.product, a)
    fails("types_object.spot:move: parameter 'by': " .. expected .. "a table", a.move, a, {})
    fails("types_object.note: parameter 'before': expected obj_note", t.note, "x", a)
    b:release()
    fails("product: parameter 'b': " .. expected .. "a released types_object.spot", t.product, a, b)
    fails("between: parameter 'a': " .. expected .. "a released types_object.spot", t.between, b, a)
    fails("types_object.spot:move: parameter 'by': " .. expected .. "a released", a.move, a, b)
    fails("types_object.far: parameter 'c': " .. expected .. "a released", t.far, a, { x = 1 }, b)
    assert.equal(5.0, t.product(a, a))
  end)

  it("stays for the call when a finalizer releases it in the middle", function()
    local stop = false
    local object
    local released = 0
    local function arm()
      setmetatable({}, { __gc = function()
        if object then
          object:release()
          released = released + 1
        end
        if not stop then
          arm()
        end
      end })
    end
    arm()
    for i = 1, 3000 do
      local own = t.spot(i, 0)
      object = own
      local good, far = pcall(t.far, own, { x = 1 }, own)
      assert.is_true(not good and far:find("a released", 1, true) ~= nil or far == 2.0 * i + 1)
      local made_good, made = pcall(t.between, own, own)
      assert.is_false(made_good, made)
      object = nil
      own:release()
    end
    stop = true
    assert.is_true(released > 0)
    assert.equal(0, t.live_objects())
  end)
end)

describe("a description", function()
  it("names the types of objects", function()
    local found = {}
    for _, item in ipairs(core.describe(folder .. "types_object.so").functions) do
      found[item.name] = item
    end
    assert.equal("new_spot", found.between.returns)
    assert.same({ { name = "a", type = "obj_spot" }, { name = "b", type = "obj_spot" } }, found.between.args)
  end)
end)

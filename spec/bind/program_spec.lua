-- program_spec.lua - core.program: compiled expressions on their way to C.

local core = require "perigee.core"
local p = require "perigee"
local plugins = require "perigee.plugins"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local fails, has = helper.fails, helper.has

local ops <const> = assert(plugins.new({}):describe_loaded "ops")

local function native(name)
  for _, fn in ipairs(ops.functions) do
    if fn.name == name then
      return fn.native
    end
  end
end

local function program(...)
  return core.program { type = "any", code = { ... } }
end

describe("a program", function()
  it("is made of instructions", function()
    assert.is_userdata(program({ "column", "a" }, { "const", "i64", 1 },
      { "call", native "add_i64", { 1, 2 } }, { "equal", native "eq_i64", 3, 1 }, { "not", 4 },
      { "truth", 5 }, { "and", 6, 5 }, { "or", 7, 6 }, { "if", 8, 3 }))
    assert.equal("perigee.program", getmetatable(program { "column", "a" }))
  end)

  it("has constants of every kind", function()
    for _, const in ipairs { { "i64", 1 }, { "f64", 0.5 }, { "f64", 1 }, { "bool", false },
      { "str", "a\0b" }, { "time", 5 }, { "i64" }, { "json" }, { "null" } } do
      assert.is_userdata(program { "const", const[1], const[2] })
    end
  end)

  it("that reads what is not there is refused with a message", function()
    for text, code in pairs {
      ["instruction 1 reads register 1, which is not set yet"] = { { "not", 1 } },
      ["instruction 2 reads register 3, which is not set yet"] = { { "column", "a" }, { "not", 3 } },
      ["instruction 2: function 'add_i64' takes 2 arguments, not 1"] =
        { { "column", "a" }, { "call", native "add_i64", { 1 } } },
    } do
      local made, message = core.program { code = code }
      assert.is_nil(made)
      assert.equal(text, message)
    end
  end)

  it("of what are no instructions raises", function()
    for text, code in pairs {
      ["unknown instruction 'jump'"] = { { "jump", 1 } },
      ["table expected, got number"] = { 1 },
      ["too many instructions, or none"] = {},
      ["expected a register, got 0"] = { { "not", 0 } },
      ["expected a register, got x"] = { { "not", "x" } },
      ["expected a register, got nil"] = { { "not" } },
      ["unknown type 'int'"] = { { "const", "int", 1 } },
      ["no constants of type i8"] = { { "const", "i8", 1 } },
      ["number expected, got string"] = { { "const", "i64", "x" } },
      ["string expected, got nil"] = { { "column" } },
      ["a function of more than 8 arguments"] =
        { { "column", "a" }, { "call", native "add_i64", { 1, 1, 1, 1, 1, 1, 1, 1, 1 } } },
      ["expected a native function, got nil"] = { { "call", nil, {} } },
      ["expected a native function, got file"] = { { "call", io.stdout, {} } },
    } do
      fails(text, core.program, { code = code })
    end
    fails("table expected", core.program, 1)
    fails("table expected", core.program, {})
  end)

  it("is evaluated over columns", function()
    assert.same({ { a = 1, b = 3, c = true, d = "x1" }, { a = 5, b = 11, c = false, d = "x5" },
      { c = false } }, (p.collect(p.rows { { a = 1 }, { a = 5 }, { b = 7 } }
        | p.derive { b = "a * 2 + 1", c = "a == 1", d = "'x' .. a" })))
  end)
end)

describe("what compiles a program during a run", function()
  local function run(nodes)
    return core.run({ nodes = nodes }, { workers = 1 })
  end
  local function nodes(compile)
    local done = false
    return {
      { kind = "lua_source", label = "rows", at = "here:1", out = { 2 }, close = function() end,
        poll = function()
          if not done then
            done = true
            return { { a = 1 } }
          end
        end },
      { kind = "where", label = "where", at = "here:2", out = { 3 }, compile = compile },
      { kind = "lua_sink", label = "sink", at = "here:3", out = {}, open = function() end,
        write = function() end, close = function() end },
    }
  end

  it("sees the columns and their types", function()
    local seen
    assert(run(nodes(function(columns)
      seen = columns
      return program { "column", "a" }
    end)))
    assert.same({ { name = "a", type = "i64" } }, seen)
  end)

  it("ends the run with its message", function()
    local result, message = run(nodes(function() return nil, "here:2: where: no column 'x'" end))
    assert.is_nil(result)
    assert.equal("here:2: where: no column 'x'", message)
  end)

  it("ends the run when it raises, or gives something else", function()
    local _, message = run(nodes(function() error "oh" end))
    has("program_spec.lua:", message)
    has(": where: oh", message)
    _, message = run(nodes(function() return {} end))
    assert.equal("here:2: where: expected a list of 1 programs", message)
    _, message = run(nodes(function() return io.stdout end))
    assert.equal("here:2: where: expected a program, got a userdata", message)
  end)
end)

describe("a graph", function()
  it("that does not fit raises", function()
    local function node(fields)
      local all = { kind = "tee", label = "tee", at = "here:1", out = {} }
      for key, value in pairs(fields) do
        all[key] = value ~= "nil" and value or nil
      end
      return { nodes = { all } }
    end
    for text, graph in pairs {
      ["unknown kind of node 'fan'"] = node { kind = "fan" },
      ["node 1 has no label, or no place"] = node { at = "nil" },
      ["perigee.plugin expected, got nil"] = node { kind = "kernel" },
      ["table expected, got nil"] = node { out = "nil" },
      ["node 1: 0 edges, expected 3"] = node { kind = "route", branches = 2 },
    } do
      fails(text, core.run, graph, {})
    end
    fails("table expected", core.run, {}, {})
    fails("table expected", core.run, { nodes = {} })
    fails("option 'workers': expected an integer from 0, got -1", core.run, { nodes = {} }, { workers = -1 })
  end)

  it("with an edge to nowhere ends the run", function()
    local result, message = core.run({ nodes = { { kind = "tee", label = "tee", at = "here:1",
      out = { 5 } } } }, {})
    assert.is_nil(result)
    has("here:1: tee: feeds no later node", message)
  end)
end)

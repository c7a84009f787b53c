-- static_spec.lua - plugins linked into a program: the same sources, by
-- -DPERI_STATIC=<name>.

local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")

local folder <const> = helper.directory "static"
local first <const> = helper.root .. "/examples/06_first_plugin/minmax.c"
local second <const> = helper.root .. "/spec/abi/languages/measure."

-- Compiles one file of a plugin; the object.
local function object(compiler, source, name, number)
  local out = ("%s/%s_%d.o"):format(folder, name, number)
  helper.must(("%s -O2 -c -Wall -Wextra -Werror -DPERI_STATIC=%s -I'%s/native/include' '%s' -o '%s'")
    :format(compiler, name, helper.root, source, out))
  return out
end

local function link(compiler, objects)
  helper.must(("cd '%s' && %s -O2 -Wall -Wextra -Werror -I'%s/native/include' '%s/spec/abi/static/host.c' "
    .. "%s -lm -o host"):format(folder, compiler, helper.root, helper.root, table.concat(objects, " ")))
  local lines = {}
  for line in helper.must(("'%s/host'"):format(folder)):gmatch "[^\n]+" do
    lines[#lines + 1] = line
  end
  return lines
end

-- The order of items is the compiler's.
local function sorted(lines)
  table.sort(lines)
  return lines
end

local expected <const> = sorted {
  "minmax 1.0.0",
  "  1 function max(a: i32, b: i32) -> i32",
  "  1 function min(a: i32, b: i32) -> i32",
  "measure 1.0.0",
  "  1 function min(a: i32, b: i32) -> i32",
  "  1 function root(x: f64) -> f64",
  "  1 function shout(text: str) -> str",
  "  2 aggregate spread(x: f64) -> f64 state spread_state",
  "  3 kernel reach(value: f64) -> () params reach_params state peri_none",
  "  8 params reach_params",
  "  9 aggregate spread(x: f64) -> f64 state spread_state",
  "  9 aggregate spread(x: f64) -> f64 state spread_state",
  "  9 aggregate spread(x: f64) -> f64 state spread_state",
  "  9 kernel reach(value: f64) -> () params reach_params state peri_none",
  "function min5, 5, (1 -10 2000)",
  "function max7, 7, (2 10 2000)",
  "function min5, 5, (1 -10 2000)",
}

describe("plugins linked into a program", function()
  for _, compiler in ipairs { "gcc", "gcc -flto", "clang" } do
    it(("by %s keep their items apart"):format(compiler), function()
      if not helper.has(compiler:match "%l+") then
        pending(compiler .. " is not installed")
      end
      assert.same(expected, sorted(link(compiler,
        { object(compiler, first, "first", 1), object(compiler, second .. "c", "second", 1) })))
    end)
  end

  it("may be in C++", function()
    local compiler = helper.has "g++" and "g++" or "clang++"
    if not helper.has(compiler) then
      pending "there is no C++ compiler"
    end
    local objects = { object("cc", first, "first", 1),
      object(compiler .. " -std=c++17", second .. "cpp", "second", 1), "-lstdc++" }
    assert.same(expected, sorted(link("cc", objects)))
  end)

  it("may have several files", function()
    local more = folder .. "/more.c"
    local file <close> = assert(io.open(more, "wb"))
    file:write('#include <perigee/plugin.h>\n',
      'PERI_FN(i32, sum, "Both.", (i32, a), (i32, b)) { return a + b; }\n')
    file:flush()
    local lines = link("cc", { object("cc", first, "first", 1), object("cc", more, "first", 2),
      object("cc", second .. "c", "second", 1) })
    assert.equal(#expected + 1, #lines)
    assert.is_truthy(table.concat(lines, "\n"):find("function sum(a: i32, b: i32) -> i32", 1, true))
  end)

  it("are not found under another name", function()
    local text, ok = helper.sh(("cd '%s' && cc -I'%s/native/include' '%s/spec/abi/static/host.c' %s -o none")
      :format(folder, helper.root, helper.root, object("cc", first, "first", 1)))
    assert.is_false(ok)
    assert.is_truthy(text:find("perigee_plugin_v1_second", 1, true), text)
  end)
end)

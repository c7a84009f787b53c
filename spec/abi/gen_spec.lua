-- gen_spec.lua - `perigee gen`: what it writes is what the plugin declares.

local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local core = require "perigee.core"
local p = require "perigee"

local perigee <const> = ("'%s/perigee'"):format(helper.build)
local folder = helper.directory "gen"

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

-- The plugins that perigee has, and some that have what those do not.
local function plugin_files()
  local list = {}
  for _, name in ipairs { "kinds", "types_all", "types_class", "types_object", "by_hand", "flow_parts" } do
    list[#list + 1] = ("%s/spec/plugins/%s.so"):format(helper.build, name)
  end
  for _, name in ipairs(core.list_dir(helper.build .. "/native")) do
    if name:find "%.so$" then
      list[#list + 1] = ("%s/native/%s"):format(helper.build, name)
    end
  end
  table.sort(list)
  return list
end

local function generate(language, path)
  return helper.must(("%s gen %s '%s'"):format(perigee, language, path))
end

local function by_signature(a, b)
  local function key(item)
    local parts = { item.name }
    for _, arg in ipairs(item.args or item.params or {}) do
      parts[#parts + 1] = arg.type
    end
    return table.concat(parts, " ")
  end
  return key(a) < key(b)
end

-- What a plugin says of itself, without what a copy of it may do otherwise: where
-- it is, how its parameters' struct is called, and the order of overloads, which
-- is the compiler's.
local function described(path)
  local all = assert(core.describe(path))
  all.path, all.sha256, all.size = nil, nil, nil
  local named = {}
  for _, item in ipairs(all.types) do
    if item.word ~= "params" then
      named[#named + 1] = item
    end
  end
  all.types = named
  for _, list in ipairs { all.functions, all.aggregates } do
    table.sort(list, by_signature)
  end
  return all
end

local function compile(language, name, text, flags)
  local source = ("%s/%s.%s"):format(folder, name, language == "c" and "c" or "rs")
  local out = ("%s/%s_%s.so"):format(folder, name, language)
  write(source, text)
  helper.must(language == "c"
    and ("cc -std=gnu11 -Wall -Wextra -Werror -fPIC -shared %s -I'%s/native/include' '%s' -o '%s'")
      :format(flags or "", helper.root, source, out)
    or ("rustc --edition 2021 -D warnings --crate-type cdylib '%s' -o '%s'"):format(source, out))
  return out
end

describe("perigee gen", function()
  for _, path in ipairs(plugin_files()) do
    local name = path:match "([^/]+)%.so$"

    it(("c %s builds, and describes itself alike"):format(name), function()
      assert.same(described(path), described(compile("c", name, generate("c", path))))
    end)

    it(("rust %s builds, and describes itself alike"):format(name), function()
      if not helper.has "rustc" then
        pending "rustc is not installed"
      end
      assert.same(described(path), described(compile("rust", name, generate("rust", path))))
    end)

    it(("lua %s has what p.load gives"):format(name), function()
      local module = assert(load(generate("lua", path), "@" .. name, "t"))()
      local loaded, names = p.load(path), {}
      for key, value in next, loaded do
        names[key] = type(value)
      end
      local stubs = {}
      for key, value in next, module do
        stubs[key] = type(value)
      end
      assert.same(names, stubs)
    end)
  end

  it("c gives what C++ compiles too", function()
    local text = generate("c", helper.build .. "/spec/plugins/types_all.so")
    for _, compiler in ipairs { "g++", "clang++" } do
      if helper.has(compiler) then
        write(folder .. "/cxx.cpp", text)
        helper.must(("%s -std=c++17 -Wall -Wextra -Werror -fsyntax-only -I'%s/native/include' '%s/cxx.cpp'")
          :format(compiler, helper.root, folder))
      end
    end
  end)

  for _, language in ipairs { "c", "rust" } do
    it(language .. " gives functions and stages that say that they are to be written", function()
      if language == "rust" and not helper.has "rustc" then
        pending "rustc is not installed"
      end
      for _, name in ipairs { "types_all", "types_class", "kinds" } do
        local path = ("%s/spec/plugins/%s.so"):format(helper.build, name)
        compile(language, name, generate(language, path))
      end
      local function fails(text, f, ...)
        local ok, message = pcall(f, ...)
        assert.is_false(ok)
        assert.is_truthy(message:find(text, 1, true), message)
      end
      local all = p.load(("%s/types_all_%s.so"):format(folder, language))
      fails("types_all.area: 'area' is not written yet", all.area, { dot = true })
      fails("types_all.middle: 'middle' is not written yet", all.middle, { x = 1, y = 2 }, { x = 1, y = 2 })
      assert.equal(0, all.min(3, 4))
      local class = p.load(("%s/types_class_%s.so"):format(folder, language))
      fails("'counter' is not written yet", class.counter, 1)
      local kinds = p.load(("%s/kinds_%s.so"):format(folder, language))
      local rows, why = p.collect(p.rows { { value = 1.0 } } | kinds.keep { limit = 0.5 })
      assert.is_nil(rows)
      assert.is_truthy(why:find("'keep' is not written yet", 1, true), why)
    end)
  end

  it("lua is what editors read: types, choices, defaults", function()
    local text = generate("lua", helper.build .. "/spec/plugins/kinds.so")
    for _, line in ipairs {
      "---@class kinds.keep_params",
      "---@field limit number? Keep rows at or above this. (default 0.5)",
      "---@param params kinds.keep_params|number?",
      "---@field separator string? Between key and value. (default \"=\"; \"=\" | \":\")",
      "---@class kinds.pairs_decoder: perigee.Decode",
      "---@return perigee.Aggregate",
    } do
      assert.is_truthy(text:find(line .. "\n", 1, true), line .. "\n" .. text)
    end
  end)

  it("lua knows the classes of objects that are given or made", function()
    local text = generate("lua", helper.build .. "/spec/plugins/types_object.so")
    for _, line in ipairs {
      "---@param a types_object.spot obj_spot",
      "---@return types_object.spot new_spot",
      "---@param by types_object.spot obj_spot",
      "---@return types_object.note new_note",
    } do
      assert.is_truthy(text:find(line .. "\n", 1, true), line .. "\n" .. text)
    end
  end)

  it("writes nothing that ends a comment, whatever a plugin is called", function()
    write(folder .. "/nasty.c", [[
#include <perigee/plugin.h>
PERI_FN(i32, end, "Line\rerror('run')\n\"quoted\" */ \\ \001f", (i32, in), (i32, type)) { return in + type; }
PERI_PLUGIN("n */ error()", "1\n*/ #error", "a\"b", "MIT", "]] .. "\\]\\]" .. [[ --[[\rerror('run')");
]])
    local path = folder .. "/nasty.so"
    helper.must(("cc -w -fPIC -shared -I'%s/native/include' '%s/nasty.c' -o '%s'"):format(helper.root,
      folder, path))
    local description, why = core.describe(path)
    if not description then -- also good
      assert.is_truthy(why:find("nasty.so", 1, true))
      return
    end
    local module = assert(load(generate("lua", path), "@nasty", "t"))()
    assert.is_function(module["end"])
    assert.same(described(path), described(compile("c", "nasty", generate("c", path))))
    if helper.has "rustc" then
      assert.same(described(path), described(compile("rust", "nasty", generate("rust", path))))
    end
  end)

  local wrong <const> = {
    { "gen", 2, "missing argument 'language'" },
    { "gen lua", 2, "missing argument 'name'" },
    { "gen java json", 2, "argument 'language' must be one of 'lua', 'c', 'rust'" },
    { "gen lua nosuch", 2, "no plugin 'nosuch'" },
    { "gen c /nosuch.so", 4, "plugin '/nosuch.so': cannot open it" },
  }
  for _, case in ipairs(wrong) do
    it(("is refused: '%s'"):format(case[1]), function()
      local text = helper.sh(("%s %s; echo code $?"):format(perigee, case[1]))
      assert.is_truthy(text:find(case[3], 1, true), text)
      assert.is_truthy(text:find("code " .. case[2], 1, true), text)
    end)
  end

  it("finds a plugin by its name and by what it has", function()
    assert.equal(generate("lua", "json"), generate("lua", helper.build .. "/native/json.so"))
    assert.equal(generate("lua", "order"), generate("lua", "sort"))
  end)
end)

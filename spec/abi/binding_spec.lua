-- binding_spec.lua - the contract read by others: compilers of several languages,
-- bindgen (C to Rust), cbindgen (Rust to C).

local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local p = require "perigee"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

local function need(name)
  if not helper.has(name) then
    pending(("%s is not installed"):format(name))
  end
end

local header <const> = read(helper.root .. "/native/include/perigee/abi.h")
local binding <const> = read(helper.root .. "/native/rust/abi.rs")

-- name -> value of every constant of the header.
local function constants()
  local list, count = {}, 0
  for name, value in header:gmatch "\n#define (PERI_[%w_]+) ([^\n]+)" do
    value = value:gsub("%s*/%*.*", "")
    if value:find "^[-\"%w]+$" then
      list[name] = value
      count = count + 1
    end
  end
  assert.is_true(count > 60)
  return list
end

describe("abi.h", function()
  it("is C99, C11 and C++17, alone, without a warning", function()
    for _, compiler in ipairs { "gcc", "clang", "g++", "clang++" } do
      local language = compiler:find "%+%+" and "c++" or "c"
      for _, standard in ipairs(language == "c" and { "c99", "c11" } or { "c++17", "c++20" }) do
        if helper.has(compiler) then
          helper.must(("echo '#include <perigee/abi.h>' | %s -std=%s -Wall -Wextra -Wpedantic -Werror "
            .. "-I'%s/native/include' -x %s -fsyntax-only -")
            :format(compiler, standard, helper.root, language))
        end
      end
    end
  end)

  it("publishes its constants as literals, which abi.rs has", function()
    for name, value in pairs(constants()) do
      local there = binding:match(("\npub const %s: [^\n]- = ([^\n]+);"):format(name))
      assert.is_truthy(there, name)
      local number = math.tointeger(value:match "^(-?%w-)u?$")
      if number then
        assert.equal(number, math.tointeger(there), name)
      end
    end
  end)
end)

describe("bindgen", function()
  local folder = helper.directory "bindgen"

  local function generate()
    need "bindgen"
    local text = helper.must(("'%s/native/rust/generate'"):format(helper.root))
    helper.must(("cd '%s' && mkdir -p native/rust spec/abi/languages"):format(folder))
    write(folder .. "/native/rust/abi.rs", text)
    for _, name in ipairs { "native/rust/perigee.rs", "spec/abi/languages/measure.rs" } do
      write(folder .. "/" .. name, read(helper.root .. "/" .. name))
    end
    return text
  end

  it("makes native/rust/abi.rs from abi.h", function()
    local text = generate()
    if not helper.has("bindgen", "0%.60%.1") then
      pending "abi.rs was made by bindgen 0.60.1; others may word it otherwise"
    end
    local function words(rust) -- with and without rustfmt
      return (rust:gsub("//[^\n]*", ""):gsub("[%s,]+", ""))
    end
    assert.is_true(words(binding) == words(text),
      "abi.h has changed: run native/rust/generate >native/rust/abi.rs")
  end)

  it("makes a binding that a plugin is built with", function()
    generate()
    need "rustc"
    helper.must(("cd '%s' && rustc --edition 2021 -O --crate-type cdylib "
      .. "spec/abi/languages/measure.rs -o measure.so"):format(folder))
    local m = p.load(folder .. "/measure.so")
    assert.equal(-3, m.min(-3, 2))
    assert.same({ { value = 2.5 } }, p.collect(p.rows { { value = 2.5 }, { value = 0.5 } } | m.reach()))
  end)
end)

describe("cbindgen", function()
  -- What cbindgen makes of abi.rs, its structs named rs_*.
  local function back_to_c(folder)
    local names = {}
    for name in binding:gmatch "\npub %l+ (peri_%w+)" do
      names[#names + 1] = ("%q"):format(name)
    end
    write(folder .. "/config.toml", ([[
language = "C"
no_includes = true
sys_includes = ["stddef.h", "stdint.h"]
[export]
prefix = "rs_"
include = [%s]
]]):format(table.concat(names, ", ")))
    helper.must(("cd '%s' && cbindgen -q --config config.toml --lang c '%s/native/rust/abi.rs' -o rs.h")
      :format(folder, helper.root))
    return read(folder .. "/rs.h")
  end

  -- Every field of every struct and union: calls visit(struct, field).
  local function each_field(text, visit)
    for name, body in text:gmatch "\ntypedef %l+ rs_(peri_[%w_]+) (%b{})" do
      for line in body:gmatch "\n%s+([^\n]+);" do
        visit(name, line:match "%(%*([%w_]+)%)" or line:match "([%w_]+)[%[%]%d]*$")
      end
    end
  end

  it("makes structs of abi.rs that lie as those of abi.h", function()
    need "cbindgen"
    local folder = helper.directory "cbindgen"
    local text, lines, count = back_to_c(folder), { '#include "rs.h"', "#include <perigee/abi.h>" }, 0
    each_field(text, function(name, field)
      if field ~= "_unused" and not name:find "bindgen" then
        local of = ("%s, %s"):format(name, (field:gsub("_$", "")))
        lines[#lines + 1] = ("_Static_assert(offsetof(rs_%s, %s) == offsetof(%s) && sizeof(rs_%s) == "
          .. "sizeof(%s) && sizeof(((rs_%s *)0)->%s) == sizeof(((%s *)0)->%s), %q);")
          :format(name, field, of, name, name, name, field, name, (field:gsub("_$", "")), of)
        count = count + 1
      end
    end)
    assert.is_true(count > 100, text)
    write(folder .. "/check.c", table.concat(lines, "\n") .. "\n")
    helper.must(("cd '%s' && cc -std=c11 -fsyntax-only -I'%s/native/include' check.c")
      :format(folder, helper.root))
  end)
end)

describe("perigee.rs", function()
  it("warns of nothing, and has no name that rustc does not know", function()
    need "rustc"
    local folder = helper.directory "warnings"
    helper.must(("cd '%s' && rustc --edition 2021 -D warnings --crate-type cdylib "
      .. "'%s/spec/abi/languages/panic.rs' -o panic.so"):format(folder, helper.root))
  end)

  it("is used as native/README.md says", function()
    need "rustc"
    local folder = helper.directory "readme"
    local page = read(helper.root .. "/native/README.md")
    local code = page:match "```rust\n(.-\n)```"
    local command = page:match "```sh\n(rustc .-)\n```"
    write(folder .. "/minmax.rs", (code:gsub("/usr/share/perigee", helper.root .. "/native")))
    helper.must(("cd '%s' && %s"):format(folder, command))
    local m = p.load(folder .. "/minmax.so")
    assert.equal(-10, m.min(-10, 10))
    assert.same({ { a = 3, b = 4, low = 3 }, { a = 3 } }, (p.collect(p.rows { { a = 3, b = 4 }, { a = 3 } }
      | p.derive { low = "minmax.min(a, b)" })))
  end)

  it("refuses a name that does not fit while it is compiled", function()
    need "rustc"
    local folder = helper.directory "long"
    write(folder .. "/long.rs", ([[
#[path = "%s/native/rust/perigee.rs"]
#[macro_use]
mod perigee;
function! { "One." fn one() -> i32 { 1 } }
plugin! { "a-name-that-is-longer-than-the-forty-bytes-of-a-note", "1", "a", "MIT", "x", [one::ITEM] }
]]):format(helper.root))
    local text, ok = helper.sh(("cd '%s' && rustc --edition 2021 --crate-type cdylib long.rs")
      :format(folder))
    assert.is_false(ok)
    assert.is_truthy(text:find("the name or the version is too long", 1, true), text)
  end)
end)

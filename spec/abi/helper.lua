-- helper.lua - building plugins while specs run, with what this machine has.

local assert = require "luassert"
local core = require "perigee.core"

local helper = {}

local here = debug.getinfo(1, "S").source:match "^@(.*)/[^/]*$"

--- Runs a command; what it writes, to both, and whether it went well.
---@param command string
---@return string output
---@return boolean ok
function helper.sh(command)
  local pipe <close> = assert(io.popen(("{ %s; } 2>&1; echo \"exit $?\""):format(command)))
  local text, code = (pipe:read "a"):match "^(.*)exit (%d+)\n$"
  return text, code == "0"
end

--- Runs a command that must go well; what it writes.
---@param command string
---@return string output
function helper.must(command)
  local text, ok = helper.sh(command)
  assert.is_true(ok, command .. "\n" .. text)
  return text
end

--- Whether a program is there, and its version has this in it.
---@param name string
---@param version string?
---@return boolean
function helper.has(name, version)
  local text, ok = helper.sh(("command -v %s && %s --version"):format(name, name))
  return ok and (not version or text:find(version) ~= nil)
end

helper.root = helper.must(("cd '%s/../..' && pwd -P"):format(here)):gsub("\n", "")
helper.build = os.getenv "PERIGEE_BUILD" or core.exec_dir

--- A directory in the build tree, made when it is not there.
---@param name string
---@return string
function helper.directory(name)
  local path = helper.build .. "/spec/abi/" .. name
  helper.must(("mkdir -p '%s'"):format(path))
  return path
end

local include <const> = ("-I'%s/native/include'"):format(helper.root)
local shared <const> = "-O3 -fPIC -shared -fvisibility=hidden -Wall -Wextra -Werror "
local cxx <const> = shared .. "-std=c++17 " .. include

--- How to build a plugin, given source and output: by name of the compiler.
helper.builders = {
  { name = "cc", ext = "c", tool = "cc", flags = shared .. include, libs = "-lm" },
  { name = "clang", ext = "c", tool = "clang", flags = shared .. include, libs = "-lm" },
  { name = "g++", ext = "cpp", tool = "g++", flags = cxx .. " -fno-gnu-unique", libs = "" },
  { name = "clang++", ext = "cpp", tool = "clang++", flags = cxx, libs = "" },
  { name = "rustc", ext = "rs", tool = "rustc", flags = "--edition 2021 -O --crate-type cdylib",
    libs = "" },
}

--- The builder of that name.
---@param name string
---@return table
function helper.builder(name)
  for _, builder in ipairs(helper.builders) do
    if builder.name == name then
      return builder
    end
  end
  error("no builder " .. name)
end

local built = {}

--- Builds a plugin, once; its path.
---@param builder table
---@param source string from spec/abi, without its extension
---@param flags string? more of them
---@return string path
function helper.compile(builder, source, flags)
  local folder = helper.directory(builder.name .. (flags or ""):gsub("[^%w]+", "_"))
  local out = ("%s/%s.so"):format(folder, source:match "[^/]+$")
  if not built[out] then
    helper.must(("%s %s %s '%s/spec/abi/%s.%s' %s -o '%s'"):format(builder.tool, builder.flags,
      flags or "", helper.root, source, builder.ext, builder.libs, out))
    built[out] = true
  end
  return out
end

return helper

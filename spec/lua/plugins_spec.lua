-- plugins_spec.lua - the search for plugins.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")
local plugins = require "perigee.plugins"

local core = harness.core

describe("plugins", function()
  local list_dir, describe_file
  local files

  before_each(function()
    list_dir, describe_file = core.list_dir, core.describe
    files = {
      ["/a"] = { "one.so", "notes.txt", ".hidden.so" },
      ["/b"] = { "one.so", "two.so", "bad.so" },
    }
    core.list_dir = function(dir) return files[dir] end
    core.describe = function(path)
      if path:find("bad", 1, true) then
        return nil, path .. ": not a plugin"
      end
      local name = path:match "(%w+)%.so$"
      return { name = name, path = path, kernels = { { name = "keep" } }, abi = { major = 1, minor = 0 } }
    end
  end)

  after_each(function()
    core.list_dir, core.describe = list_dir, describe_file
  end)

  it("are searched in --plugin-dir, the config's directories, PERIGEE_PATH, then where installed", function()
    local index = plugins.new { dirs = { "/flag" }, config_dir = "/cfg", path = "/b:/c" }
    assert.same({ "/flag", "/cfg", "/cfg/plugins", "/b", "/c", "/fake/bin/../lib/perigee/v1",
      "/fake/bin/native" }, index.dirs)
  end)

  it("without a config are not searched in the working directory", function()
    assert.same({ "/fake/bin/../lib/perigee/v1", "/fake/bin/native" }, plugins.new({}).dirs)
  end)

  it("come from the first directory that has them", function()
    local index = plugins.new { path = "/a:/b" }
    assert.equal("/a/one.so", index:locate "one")
    assert.equal("/b/two.so", index:locate "two.so")
    assert.equal("/a/one.so", index:find("kernel", "keep").path)
  end)

  it("with an item of the same name are reported with both paths", function()
    local index = plugins.new { path = "/a:/b" }
    index:index()
    assert.same({ "kernel 'keep' is in '/a/one.so' and in '/b/two.so'; the first is used" }, index.warnings)
  end)

  it("that are refused do not stop the search", function()
    local found
    for _, file in ipairs(plugins.new({ path = "/b" }):index()) do
      found = found or file.message
    end
    assert.equal("/b/bad.so: not a plugin", found)
  end)

  it("with a slash are relative to the config", function()
    assert.equal("/cfg/x.so", plugins.new({ config_dir = "/cfg" }):locate "./x.so")
    assert.equal("/abs/x.so", plugins.new({ config_dir = "/cfg" }):locate "/abs/x.so")
  end)

  it("that are nowhere give a hint", function()
    local path, message = plugins.new({ path = "/a" }):locate "on"
    assert.is_nil(path)
    assert.matches("no plugin 'on' in /a", message, 1, true)
  end)
end)

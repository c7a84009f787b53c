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
    assert.same({ "plugin 'one' is '/a/one.so' and '/b/one.so'; the first is used",
      "kernel 'keep' is in '/a/one.so' and in '/b/two.so'; the first is used" }, index.warnings)
  end)

  it("that say the same name are reported with both paths, unless they are the same", function()
    local sums = { ["/a/one.so"] = "1", ["/b/one.so"] = "1", ["/b/two.so"] = "2" }
    core.describe = function(path)
      return sums[path] and { name = "one", path = path, sha256 = sums[path] }, "not a plugin"
    end
    local index = plugins.new { path = "/a:/b" }
    index:index()
    assert.same({ "plugin 'one' is '/a/one.so' and '/b/two.so'; give one of them another name" },
      index.warnings)
  end)

  it("are probed once before they are loaded, when wanted and not shipped", function()
    local probed = {}
    local old_probe, old_load = core.probe, core.load
    core.probe = function(path)
      probed[#probed + 1] = path
      return path ~= "/b/two.so" or nil, "it hangs"
    end
    core.load = function(path) return path end
    local index = plugins.new { path = "/a:/b", probe = true }
    assert.equal("/a/one.so", index:load "/a/one.so")
    assert.same({ nil, "it hangs", n = 2 }, table.pack(index:load "/b/two.so"))
    assert.same({ nil, "it hangs", n = 2 }, table.pack(index:load "/b/two.so"))
    assert.equal("/fake/bin/native/json.so", index:load "/fake/bin/native/json.so")
    assert.same({ "/a/one.so", "/b/two.so" }, probed)
    assert.equal("/b/two.so", plugins.new({}):load "/b/two.so")
    assert.equal(2, #probed)
    core.probe, core.load = old_probe, old_load
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

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

  describe("with a memory", function()
    local described, stamps, written
    local names = require "perigee.names"

    before_each(function()
      described, written = {}, nil
      stamps = { ["/a/one.so"] = "1:1", ["/b/two.so"] = "2:2" }
      core.stamp = function(path) return stamps[path] end
      core.cache_read = function() return written end
      core.cache_write = function(name, text)
        assert.equal("names", name)
        written = text
      end
      files = { ["/a"] = { "one.so" }, ["/b"] = { "two.so", "bad.so" } }
      core.describe = function(path)
        described[#described + 1] = path
        if path == "/b/bad.so" then
          return nil, "refused"
        end
        local name = path:match "(%w+)%.so$"
        return { name = name, path = path, sha256 = name, kernels = { { name = "k_" .. name, doc = "D" } },
          decoders = { { name = name } }, functions = { { name = "f" }, { name = "f" } } }
      end
    end)

    after_each(function()
      core.stamp, core.cache_read, core.cache_write = function() end, function() end, function() end
    end)

    local function index()
      described = {}
      return plugins.new { path = "/a:/b", memory = names.read() }
    end

    it("are described once, and then when they are used", function()
      index():index()
      assert.same({ "/a/one.so", "/b/bad.so", "/b/two.so" }, described)
      local again = index()
      assert.same({ "one", "two" }, again:names "decoder")
      assert.equal("/b/two.so", again:locate_item "k_two")
      assert.equal("/a/one.so", again:locate_item "f")
      assert.same({ "/b/bad.so" }, described) -- what is refused is not remembered
      assert.equal("D", again:find("kernel", "k_two").item.doc)
      assert.equal("two", again:find("decoder", "two").item.name)
      assert.same({ "/b/bad.so", "/b/two.so" }, described)
    end)

    it("are described again when the file has changed, or is too new to tell", function()
      index():index()
      stamps["/a/one.so"] = "1:2"
      index():index()
      assert.same({ "/a/one.so", "/b/bad.so" }, described)
      stamps["/a/one.so"] = nil
      index():index()
      assert.same({ "/a/one.so", "/b/bad.so" }, described)
    end)

    it("are all described before a name is unknown", function()
      index():index()
      local again = index()
      assert.is_nil(again:find("decoder", "three"))
      assert.same({ "/b/bad.so", "/a/one.so", "/b/bad.so", "/b/two.so" }, described)
    end)

    it("do not believe it when the plugin says otherwise", function()
      index():index()
      written = written:gsub("k_two", "k_too")
      local again = index()
      assert.is_nil(again:find("kernel", "k_too"))
      assert.equal("D", again:find("kernel", "k_two").item.doc)
    end)

    it("forget what another version of the program wrote", function()
      index():index()
      written = "perigee 9.9.9 1.0" .. written:match "\n.*"
      index():index()
      assert.same({ "/a/one.so", "/b/bad.so", "/b/two.so" }, described)
    end)

    it("warn of names that two have, as without", function()
      core.describe = function(path)
        return { name = path:match "(%w+)%.so$", path = path, sha256 = path, kernels = { { name = "k" } } }
      end
      files["/b"] = { "two.so" }
      local first = index()
      first:index()
      local second = index()
      second:index()
      assert.same({ "kernel 'k' is in '/a/one.so' and in '/b/two.so'; the first is used" }, first.warnings)
      assert.same(first.warnings, second.warnings)
    end)

    it("leave out a path that would break a line", function()
      files = { ["/a"] = { "o\tne.so" }, ["/b"] = {} }
      stamps["/a/o\tne.so"] = "3:3"
      index():index()
      assert.is_nil(written)
    end)
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

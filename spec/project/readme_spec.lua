-- readme_spec.lua - what the pages say is so: commands are run, code is real.

local here = debug.getinfo(1, "S").source:match "^@(.*/)"
local files = dofile(here .. "files.lua")
local build = assert(os.getenv "PERIGEE_BUILD", "PERIGEE_BUILD names the build tree")

-- The commands of a block and what each prints: "$ ", then "> " for its other
-- lines, then the output.
local function sessions_of(block)
  local list = {}
  for line in block:gmatch "([^\n]*)\n" do
    local mark, rest = line:match "^([$>]) (.*)$"
    local last = list[#list]
    if mark == "$" then
      list[#list + 1] = { command = rest, output = "" }
    elseif mark then
      last.command = last.command .. "\n" .. rest
    else
      last.output = last.output .. line .. "\n"
    end
  end
  return list
end

local function blocks_of(path, kind)
  local blocks = {}
  for block in files.read(path):gmatch("```" .. kind .. "\n(.-\n)```") do
    blocks[#blocks + 1] = block
  end
  return blocks
end

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

-- What a command writes to both its outputs.
local function run(command)
  local real = command:gsub("build/perigee", (build:gsub("%%", "%%%%")) .. "/perigee")
  local lines = files.lines_of(("cd %s && NO_COLOR=1 sh -c %s 2>&1 </dev/null")
    :format(quote(files.root), quote(real)))
  return #lines > 0 and table.concat(lines, "\n") .. "\n" or ""
end

describe("README.md", function()
  for _, block in ipairs(blocks_of("README.md", "console")) do
    for _, session in ipairs(sessions_of(block)) do
      it("prints what this prints: " .. session.command:match "^[^\n]*", function()
        assert.equal(session.output, run(session.command))
      end)
    end
  end

  it("shows an example and a plugin as they are", function()
    local function body(path, first)
      local text = files.read(path)
      return text:sub(text:find(first, 1, true), -1)
    end
    assert.equal(body("examples/03_access_log.lua", "local p"), blocks_of("README.md", "lua")[1])
    assert.equal(body("examples/06_first_plugin/minmax.c", "#include"),
      blocks_of("README.md", "c")[1])
  end)
end)

describe("native/README.md", function()
  local blocks = blocks_of("native/README.md", "c")

  local function load_minmax(path)
    local plugin = require "perigee".load(path)
    assert.equal(1, plugin.min(1, 2))
    assert.equal(-10, plugin.min(10, -10))
    assert.error_matches(function() plugin.min(1, "x") end, "minmax.min: parameter 'b'", 1, true)
    local p = require "perigee"
    local rows = assert(p.collect(p.rows { { a = 3, b = 4 }, { a = -9 }, { a = 9, b = -2 } }
      | p.derive { low = "min(a, b)" }))
    assert.same({ 3, nil, -2 }, { rows[1].low, rows[2].low, rows[3].low })
  end

  -- Builds a block as the page says, and gives the file to `use`.
  local function built(block, use)
    local dir = files.lines_of("mktemp -d")[1]
    local file <close> = assert(io.open(dir .. "/minmax.c", "wb"))
    file:write(block)
    file:flush()
    local command = blocks_of("native/README.md", "sh")[1]
      :gsub("minmax%.", (dir:gsub("%%", "%%%%")) .. "/minmax.")
    assert.equal("", run(command))
    use(dir .. "/minmax.so")
    os.execute("rm -r " .. dir)
  end

  it("builds the smallest plugin with the command that it names", function()
    built(blocks[1], load_minmax)
  end)

  it("builds the one whose result may be missing", function()
    built(blocks[2], function(path)
      local plugin = require "perigee".load(path)
      assert.equal(10, plugin.network "10.1.2.3")
      assert.equal(0, plugin.network "0.0.0.0")
      assert.is_nil(plugin.network "")
      assert.is_nil(plugin.network "::1")
    end)
  end)

  it("shows the plugin without macros as it is, and it does the same", function()
    assert.equal(files.read("spec/plugins/smallest.c"):gsub("^[^\n]*\n", ""), blocks[3])
    load_minmax(build .. "/spec/plugins/smallest.so")
  end)
end)

describe("perigee/abi.h", function()
  it("is C99", function()
    assert.equal("", run("cc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c "
      .. "native/include/perigee/abi.h"))
  end)
end)

describe("every link of a page", function()
  it("leads to a file", function()
    local faults = files.faults(function(add)
      files.each_line("%.md$", function(path, line, text)
        for target in text:gmatch "%]%(([^)#:]+)%)" do
          local full = files.root .. "/" .. (path:match "^(.*/)" or "") .. target
          if not os.rename(full, full) then
            add(path, line, target)
          end
        end
      end)
    end)
    assert.same({}, faults)
  end)
end)

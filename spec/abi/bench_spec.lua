-- bench_spec.lua - `perigee bench seed` prints its table; whether the numbers are
-- good is for people to see.

local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")

local perigee <const> = ("'%s/perigee'"):format(helper.build)

describe("perigee bench seed", function()
  it("prints every part, with the published numbers and what is wrong with them", function()
    local program <close> = io.open(helper.build .. "/bench/seed", "rb")
    if not program then
      pending "the benchmark is not built"
    end
    local text = helper.must(perigee .. " bench seed 1")
    for _, part in ipairs {
      "1. Load and call", "2. One call", "3. One element", "4. Sizes",
      "5. One event of 511 bytes, 1000 in a batch", "5. One event of 505 bytes, 1 in a batch",
      "139,702", "967,633", "988,500", "Both are wasmer", "not the cdylib",
    } do
      assert.is_truthy(text:find(part, 1, true), part .. "\n" .. text)
    end
    local ratios = 0
    for ratio in text:gmatch "the same again[^\n]-(%d+%.%d%d)%s*\n" do
      ratios = ratios + (tonumber(ratio) > 0 and 1 or 0)
    end
    assert.is_true(ratios >= 5, text)
  end)

  it("refuses what it does not know", function()
    local text = helper.sh(perigee .. " bench sed; echo code $?")
    assert.is_truthy(text:find("no benchmark 'sed'; did you mean 'seed'?; known: seed", 1, true), text)
    assert.is_truthy(text:find("code 2", 1, true), text)
    text = helper.sh(perigee .. " bench seed 1000; echo code $?")
    assert.is_truthy(text:find("at most 301", 1, true) or text:find("is not built", 1, true), text)
  end)
end)

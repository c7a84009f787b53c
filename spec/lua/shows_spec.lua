-- shows_spec.lua - where it shows which columns a batch had.

local harness = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "harness.lua")

describe("columns of JSON", function()
  local cases <const> = {
    { true, "in a header", [[stdout "csv"]] },
    { true, "as nulls", [[stdout { as = "json", nulls = true }]] },
    { true, "behind stages that hand them on", [[where "a" | derive { b = "a" } | drop "c"
      | rename { d = "e" } | head(3) | stdout "csv"]] },
    { true, "behind a function of rows", [[each(function() end) | stdout "csv"]] },
    { true, "to a function of batches", [[batches(function(b) return b end) | stdout "json"]] },
    { true, "in one of several branches", [[tee { stdout "csv" } | write "x.ndjson"]] },
    { false, "as records", [[stdout "json"]] },
    { false, "behind a select", [[select "a" | stdout "csv"]] },
    { false, "behind a group", [[group { by = "a", n = count() } | stdout "csv"]] },
  }
  for _, case in ipairs(cases) do
    it((case[1] and "show " or "do not show ") .. case[2], function()
      assert.equal(case[1] or nil, harness.decode([[file "x" | decode "json" | ]] .. case[3]).exact)
    end)
  end

  it("are the same in every chunk of other formats", function()
    assert.is_nil(harness.decode([[file "x" | decode "csv" | stdout "csv"]]).exact)
  end)
end)

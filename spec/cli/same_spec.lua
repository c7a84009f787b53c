-- same_spec.lua - what comes out never depends on the number of workers or on
-- the size of batches.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local jobs <const> = {
  { "filter and order", [[file(arg[1]) | decode "combined" | where "status >= 400" | stdout "csv"]] },
  { "group", [[file(arg[1]) | decode "combined" | group { by = { "method", "path" }, n = count(),
      bytes = sum "bytes", kb = mean("bytes / 1024"), low = min "bytes", high = max "time",
      p50 = quantile("bytes", 0.5), users = distinct "user" } | stdout "json"]] },
  { "sort and head", [[file(arg[1]) | decode "combined" | sort { "-bytes", "path" } | head(17)
      | select { "bytes", "path" } | stdout "csv"]] },
  { "head alone", [[file(arg[1]) | decode "combined" | head(50) | stdout "json"]] },
  { "Lua for each row", [[local n = 0
      return file(arg[1]) | decode "combined" | each(function(row)
        n = n + 1
        row.number = n
        if row.status == 503 then error "unavailable" end
        return row.status < 500
      end) | select { "number", "path" } | stdout "csv"]] },
  { "branches", [[file(arg[1]) | decode "combined"
      | tee { group { by = "status", n = count() } | stdout "csv" }
      | route { { when = "method == 'POST'", group { n = count() } | stdout "json" },
        { otherwise = "drop" } }]] },
}

describe("a job gives the same with any number of workers, in batches of any size:", function()
  -- Several chunks of 1 MB, so that several workers have something to do.
  setup(function()
    program.setup()
    program.sh(("for i in $(seq 60); do cat %s; done >access.log")
      :format(program.quote(program.root .. "/examples/data/access.log")))
  end)

  teardown(program.teardown)

  for _, job in ipairs(jobs) do
    it(job[1], function()
      local expected
      for _, workers in ipairs { 1, 2, 4 } do
        for _, rows in ipairs { 1, 7, 100, 4096 } do
          local out, err, code = program.sh(("perigee run --workers %d --batch-rows %d -e %s access.log")
            :format(workers, rows, program.quote(job[2])))
          assert.equal(0, code, err)
          expected = expected or { out, err }
          assert.same(expected, { out, err }, ("%d workers, batches of %d"):format(workers, rows))
        end
      end
      assert.is_true(#expected[1] > 0)
    end)
  end
end)

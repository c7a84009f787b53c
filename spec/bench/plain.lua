-- plain.lua - plain Lua functions of a row, over columns and in Lua: nanoseconds a
-- row of each way, and the ratio.
--
--   perigee run -q --workers 1 spec/bench/plain.lua FUNCTION
--
-- The same batch goes through TIMES such stages of each kind again and again; the
-- quickest round counts.  A function that reads a variable that may change runs in
-- Lua, and no other thing tells the two apart.
local p = require "perigee"

local ROWS <const>, TIMES <const>, ROUNDS <const> = 16384, 8, 40

local zero <const>, put <const>, thousand <const> = 0, "PUT", 1024
local a_zero, a_put, a_thousand = 0, "PUT", 1024

-- All rows go on, so that every stage has the same to do.
local functions <const> = {
  {
    "status >= 0",
    function() return p.where(function(e) return e.status >= zero end) end,
    function() return p.where(function(e) return e.status >= a_zero end) end,
  },
  {
    "status >= 0 and method ~= 'PUT'",
    function() return p.where(function(e) return e.status >= zero and e.method ~= put end) end,
    function() return p.where(function(e) return e.status >= a_zero and e.method ~= a_put end) end,
  },
  {
    "kb = bytes / 1024",
    function() return p.each(function(e) e.kb = e.bytes / thousand end) end,
    function() return p.each(function(e) e.kb = e.bytes / a_thousand end) end,
  },
}
local job <const> = functions[tonumber(arg[1])]

local function some_rows()
  local methods <const>, rows = { "GET", "GET", "GET", "POST", "HEAD" }, {}
  for i = 1, ROWS do
    rows[i] = { status = i % 20 == 0 and 500 or 200, bytes = i * 7919 % 100000, method = methods[i % 5 + 1] }
  end
  return p.batch(rows)
end

local columns <const> = {
  { name = "bytes", type = "i64" }, { name = "method", type = "str" }, { name = "status", type = "i64" },
}
local last -- when the clock was last read

p.define.source {
  name = "again", columns = columns, open = function()
    local batch, left = some_rows(), ROUNDS
    return function()
      left = left - 1
      local copy = left >= 0 and batch:slice(1) or nil
      last = os.clock()
      return copy
    end
  end,
}

-- The stages of one kind took the time since the clock was last read.
local best <const> = {}
p.define.sink {
  name = "took", params = { { "kind", "i64" } }, open = function(params)
    local kind = params.kind
    return {
      write = function()
        local now = os.clock()
        best[kind] = math.min(best[kind] or math.huge, now - last)
        last = now
      end,
      close = function()
        if best[2] and best[3] then
          local quick, slow = best[2] / ROWS / TIMES * 1e9, best[3] / ROWS / TIMES * 1e9
          print(("%-45s %8.2f %8.1f %6.0f"):format(job[1], quick, slow, slow / quick))
          best[2] = nil
        end
      end,
    }
  end,
}

local function chain(from, kind)
  for _ = 1, TIMES do
    from = from | job[kind]()
  end
  return from | p.took { kind = kind }
end

return chain(p.again() | p.tee { chain(p.where "true", 3) }, 2)

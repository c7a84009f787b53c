-- batches_spec.lua - functions of a config that see batches: batches(), and
-- stages and codecs written in Lua.

local p = require "perigee"
local helper = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "helper.lua")
local fails, has, through = helper.fails, helper.has, helper.through

local rows <const> = { { a = 1, s = "x" }, { a = 2, s = "y" }, { a = 3, s = "z" } }

-- A failed run: its message.
local function failure(chain)
  local result, message, kind = p.run(chain)
  assert.is_nil(result)
  assert.equal("failed", kind)
  return message
end

describe("batches", function()
  it("keeps the batch when the function returns nothing or true", function()
    assert.same(rows, through(rows, p.batches(function() end)))
    assert.same(rows, through(rows, p.batches(function() return true end)))
    assert.same(rows, through(rows, p.batches(function(b) return b end)))
  end)

  it("drops the batch for false, and for one without rows", function()
    assert.same({}, through(rows, p.batches(function() return false end)))
    assert.same({}, through(rows, p.batches(function(b) return b:slice(1, 0) end)))
    assert.same({}, through(rows, p.batches(function() return {} end)))
  end)

  it("takes another batch", function()
    assert.same({ rows[2], rows[3] }, through(rows, p.batches(function(b) return b:slice(2) end)))
    assert.same({ rows[3], rows[1] }, through(rows, p.batches(function(b) return b:pick { 3, 1 } end)))
    assert.same({ { a = 1, s = "x", n = 2 } }, through({ rows[1] }, p.batches(function(b)
      return b:with { n = b.a:map(function(v) return v * 2 end) }
    end)))
    assert.same({ { q = 1 } }, through(rows, p.batches(function() return p.batch { { q = 1 } } end)))
  end)

  it("takes a list of rows", function()
    assert.same({ { q = 1.0, w = "x" }, { q = 2.5 } },
      through(rows, p.batches(function() return { { q = 1, w = "x" }, { q = 2.5 } } end)))
  end)

  it("keeps the types of a stream of lists", function()
    local types = {}
    through(rows, p.batches(function(b)
      return b.a[1] == 2 and { { q = 0.5, r = "x" } } or { { q = 1 } }
    end) | p.batches(function(b)
      types[#types + 1] = tostring(b):match "%((.*)%)"
    end), 1)
    assert.same({ "q i64", "q f64, r str", "q f64, r str" }, types)
  end)

  it("releases the batch after the function, and what was returned", function()
    local given, made, kept
    through(rows, p.batches(function(b)
      given, made, kept = b, b:slice(1, 2), b:slice(1)
      return made
    end))
    fails("the batch is released", function() return given.a end)
    fails("the batch is released", function() return made.a end)
    assert.same(rows, kept:totable())
  end)

  it("ends the run when the function raises, at the line where it does", function()
    has("batches_spec.lua:", failure(p.rows(rows) | p.batches(function(b) return b.x.y end)
      | p.stdout()))
    has(": batches: attempt to index a nil value (field 'x')",
      failure(p.rows(rows) | p.batches(function(b) return b.x.y end) | p.stdout()))
    has(": batches: raised a table",
      failure(p.rows(rows) | p.batches(function() error {} end) | p.stdout()))
    has(": batches: the batch is released",
      failure(p.rows(rows) | p.batches(function(b) b:release() return b.a end) | p.stdout()))
  end)

  it("ends the run when the function returns something else", function()
    for _, value in ipairs { 1, "x", print } do
      has((": batches: expected a batch or a list of rows, got a %s"):format(type(value)),
        failure(p.rows(rows) | p.batches(function() return value end) | p.stdout()))
    end
    has(": batches: the batch is released",
      failure(p.rows(rows) | p.batches(function(b) b:release() return b end) | p.stdout()))
    has(": batches: row 1: expected a table, got number",
      failure(p.rows(rows) | p.batches(function() return { 1 } end) | p.stdout()))
  end)

  it("has the collector see the memory of columns", function()
    local alive, most, n = setmetatable({}, { __mode = "k" }), 0, 0
    local row = p.batch { { a = 1 } }
    local picks = {}
    for i = 1, 20000 do
      picks[i] = 1
    end
    local batch = row:pick(picks)
    local source = p.define.source { name = "again", open = function()
      return function()
        n = n + 1
        return n <= 300 and batch:slice(1) or nil
      end
    end }
    assert(p.run(source() | p.batches(function(b)
      alive[b.a:slice(1)] = true
      local count = 0
      for _ in pairs(alive) do
        count = count + 1
      end
      most = math.max(most, count)
      return false
    end) | p.write { path = helper.file(), as = "json" }))
    helper.clean()
    assert.is_true(most < 150, most .. " columns of 160 KB were alive at once")
  end)
end)

describe("a source in Lua", function()
  local function source(name, poll, columns, close)
    return p.define.source { name = name, columns = columns,
      open = function() return { poll = poll, close = close } end }()
  end

  it("gives rows or batches until it gives nothing", function()
    local n, closed = 0, 0
    local out = p.collect(source("counts", function()
      n = n + 1
      if n == 1 then
        return { { n = 1 } }
      elseif n == 2 then
        return {} -- nothing yet
      elseif n == 3 then
        return p.batch { { n = 3 }, { n = 4 } }
      end
    end, nil, function() closed = closed + 1 end))
    assert.same({ { n = 1 }, { n = 3 }, { n = 4 } }, out)
    assert.equal(4, n)
    assert.equal(1, closed)
  end)

  it("is left alone for a while when it has nothing yet", function()
    local n = 0
    local _, result = p.collect(source("waits", function()
      n = n + 1
      return n <= 20 and {} or nil
    end))
    assert.is_true(result.seconds > 0.02, result.seconds .. " seconds for 20 polls")
  end)

  it("keeps to the columns that it declares", function()
    local names
    local given = { { { b = 2, a = 1 } }, { { a = 3 } } }
    local out = p.collect(source("declares", function() return table.remove(given, 1) end,
      { { name = "a", type = "u8" }, { name = "b", type = "f32" }, { name = "t", type = "time" } })
      | p.batches(function(b) names = tostring(b) end))
    assert.same({ { a = 1, b = 2.0 }, { a = 3 } }, out)
    assert.equal("batch of 1 rows (a u8, b f32, t time)", names)
    has(": overflows: row 1: column 'a' is u8, which 256 does not fit",
      failure(source("overflows", function() return { { a = 256 } } end, { { name = "a", type = "u8" } })
        | p.stdout()))
  end)

  it("fails with the line of its function", function()
    has("batches_spec.lua:", failure(source("raises", function() error "no server" end) | p.stdout()))
    has(": raises2: no server", failure(source("raises2", function() error "no server" end) | p.stdout()))
    has(": number: expected a batch or a list of rows, got a number",
      failure(source("number", function() return 1 end) | p.stdout()))
    has("open() must return a function", failure(p.define.source {
      name = "nothing", open = function() return 1 end }() | p.stdout()))
  end)

  it("hears of the end once, also after a failure", function()
    local closed = 0
    local function close()
      closed = closed + 1
    end
    local function poll()
      return rows
    end
    failure(source("closes", poll, nil, close) | p.batches(function() error "x" end) | p.stdout())
    assert.equal(1, closed)
    has(": cannot_close: disk full",
      failure(source("cannot_close", function() end, nil, function() return nil, "disk full" end)
        | p.stdout()))
  end)
end)

describe("a sink in Lua", function()
  local function sink(name, write, close)
    return p.define.sink { name = name,
      open = function() return { write = write, close = close } end }()
  end

  it("gets every batch, and the end", function()
    local seen = {}
    local result = p.run(p.rows(rows) | sink("takes", function(b)
      seen[#seen + 1] = b.a[1]
    end, function() seen[#seen + 1] = "end" end), { batch_rows = 2 })
    assert.same({ 1, 3, "end" }, seen)
    assert.equal(3, result.rows_out)
  end)

  it("gets a batch only for the call", function()
    local kept
    assert(p.run(p.rows(rows) | sink("keeps", function(b) kept = b end)))
    fails("the batch is released", function() return kept.a end)
  end)

  it("fails by raising, and by nil and a reason", function()
    has(": raises3: disk full", failure(p.rows(rows) | sink("raises3", function() error "disk full" end)))
    has(": says: disk full", failure(p.rows(rows) | sink("says", function() return nil, "disk full" end)))
    has(": says2: disk full", failure(p.rows(rows) | sink("says2", function() return false, "disk full" end)))
    has(": ends: disk full",
      failure(p.rows(rows) | sink("ends", function() end, function() return nil, "disk full" end)))
    assert(p.run(p.rows(rows) | sink("fine", function() return true end)))
  end)
end)

describe("a codec in Lua", function()
  after_each(helper.clean)

  local function decoded(bytes, decoder, params)
    params = params or {}
    params[1] = decoder
    return p.collect(p.file(helper.file(bytes)) | p.decode(params))
  end

  it("decodes lines", function()
    local chunks = {}
    p.define.decoder { name = "kv", params = { { "sep", "str", default = "=" } },
      open = function(params)
        return function(bytes, chunk)
          chunks[#chunks + 1] = chunk
          local list = {}
          for key, value in bytes:gmatch("(%w+)" .. params.sep .. "(%w+)") do
            list[#list + 1] = { key = key, value = value }
          end
          return list
        end
      end }
    assert.same({ { key = "a", value = "1" }, { key = "b", value = "x" } }, decoded("a:1\nb:x", "kv",
      { sep = ":" }))
    assert.same({ first = true, last = true, offset = 0, stream = 0 }, chunks[1])
  end)

  it("decodes records that it cuts itself", function()
    p.define.decoder { name = "u32", open = function()
      return {
        split = function(bytes) return #bytes - #bytes % 4 end,
        decode = function(bytes)
          local list = {}
          for at = 1, #bytes, 4 do
            list[#list + 1] = { n = ("<I4"):unpack(bytes, at) }
          end
          return list
        end,
      }
    end }
    local words = {}
    for i = 1, 1000000 do
      words[i] = i
    end
    local bytes = {}
    for i = 1, #words, 1000 do
      bytes[#bytes + 1] = ("<" .. ("I4"):rep(1000)):pack(table.unpack(words, i, i + 999))
    end
    local sum, count = 0, 0
    assert(p.run(p.file(helper.file(table.concat(bytes))) | p.decode "u32" | p.batches(function(b)
      for _, n in pairs(b.n) do
        sum, count = sum + n, count + 1
      end
    end) | p.write { path = helper.file(), as = "csv" }))
    assert.equal(1000000, count)
    assert.equal(500000500000, sum)
  end)

  it("gives the types that are declared", function()
    p.define.decoder { name = "typed", columns = { { name = "v", type = "i32" } },
      open = function()
        return function(bytes) return { { v = tonumber(bytes) } } end
      end }
    assert.same({ { v = 7 } }, decoded("7", "typed"))
    local _, message = decoded("0.5", "typed")
    has(": decode: row 1: column 'v' is i32, which 0.5 does not fit", message)
    _, message = decoded("99999999999", "typed")
    has(": decode: row 1: column 'v' is i32, which 99999999999 does not fit", message)
  end)

  it("fails at the line of its function", function()
    p.define.decoder { name = "raises", open = function() return function() error "what?" end end }
    local _, message = decoded("x", "raises")
    has(": decode: what?", message)
    for _, whole in ipairs { -1, 2, 0.5, "x" } do
      local name = "cuts" .. tostring(whole)
      p.define.decoder { name = name, open = function()
        return { split = function() return whole end, decode = function() end }
      end }
      _, message = decoded("x", name)
      has(": decode: expected split() to return how many of the 1 bytes are whole records, got "
        .. tostring(whole), message)
    end
  end)

  it("encodes batches, and ends", function()
    p.define.encoder { name = "shout", open = function()
      local count = 0
      return {
        encode = function(b)
          count = count + #b
          return table.concat(b.s:totable(), "\n"):upper() .. "\n"
        end,
        finish = function() return count .. " rows\n" end,
      }
    end }
    local out = helper.file()
    assert(p.run(p.rows(rows) | p.write { path = out, as = "shout" }, { batch_rows = 2 }))
    assert.equal("X\nY\nZ\n3 rows\n", helper.read(out))
    assert(p.run(p.rows(rows) | p.where "a > 5" | p.write { path = out, as = "shout" }))
    assert.equal("0 rows\n", helper.read(out))
  end)

  it("encodes to strings only", function()
    p.define.encoder { name = "wrong", open = function() return function() return {} end end }
    has(": write: expected encode() to return a string, got a table",
      failure(p.rows(rows) | p.write { path = helper.file(), as = "wrong" }))
  end)
end)

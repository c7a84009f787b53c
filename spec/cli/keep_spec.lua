-- keep_spec.lua - records that pass through as they are come out as those that
-- are taken apart: the same job, with a stage that wants every column or
-- without, on records of many kinds.

local program = dofile(debug.getinfo(1, "S").source:match "^@(.*/)" .. "program.lua")

local random, pick

local function seed(number)
  local state = number
  function random(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return state // 65536 % n + 1
  end
  function pick(list)
    return list[random(#list)]
  end
end

local strings <const> = {
  [["plain"]], [[""]], [["żółw"]], [["a\"b\\c"]], [["\b\f\n\r\t"]],
  [["\u0000\u001f\u000b"]], [["\u001F"]],
  [["\u000A\u0008"]], [["a\/b"]], [["\u0041\u00e9"]], [["\u00E9\ud83d\ude00 and more than sixteen"]],
  [["long enough for a view, and \"quoted\" more than once\n"]], '"\127"',
}
local numbers <const> = {
  "0", "7", "-1", "-0", "1234567", "12345678", "123456789012345678",
  "9223372036854775807", "9223372036854775808",
  "-9223372036854775808", "123456789012345678901234567890", "0.1", "1.50", "1.0",
  "-0.0", "-0.5", "0.00001",
  "0.00010", "0.0000001", "3.14159265358979", "0.1000000000000000055511151231257827", "1234567.1234567",
  "1e3", "1E5", "9e18", "1e300", "1E400", "5e-324", "1.7976931348623157e308", "12345678.5", "100.25", "1e-7",
}
local nested <const> = {
  "[]", "{}", "[1, 2.50]", [[{"x": 1.0,"y":"\u0041"}]], [[{"x":{"y":[null,{"z":1}]}}]],
}

local function value()
  local kind = random(10)
  return kind <= 4 and pick(strings) or kind <= 7 and pick(numbers) or kind == 8 and pick(nested)
    or kind == 9 and pick { "true", "false" } or "null"
end

local names <const> = { "id", "level", "ms", "text", "geo", "flag", "a.b", "żaba" }

local function regular(i)
  return ([[{"id":%d,"level":"%s","ms":%d.%d,"text":"number %d","geo":{"x":%d,"y":"K"},"flag":true}]])
    :format(i, pick { "error", "info" }, random(90), random(9), i, random(9))
end

local function members(list, between, colon)
  local parts = {}
  for i, name in ipairs(list) do
    parts[i] = ('"%s"%s%s'):format(name, colon or ":", value())
  end
  return "{" .. table.concat(parts, between or ",") .. "}"
end

-- Some of the names, in their order.
local function some(share)
  local list = {}
  for _, name in ipairs(names) do
    if random(10) <= share then
      list[#list + 1] = name
    end
  end
  return list
end

local kinds <const> = {
  ["regular"] = regular,
  ["values of all kinds"] = function()
    return members(names)
  end,
  ["strings"] = function(i)
    return ([[{"id":%d,"text":%s,"level":%s}]]):format(i, pick(strings), pick(strings))
  end,
  ["numbers"] = function(i)
    return ([[{"id":%d,"ms":%s,"size":%s}]]):format(i, pick(numbers), pick(numbers))
  end,
  ["doubles of few digits"] = function(i)
    return ([[{"id":%d,"ms":%d.%03d,"level":"error"}]]):format(i, random(2000) - 1000, random(1000) - 1)
  end,
  ["nulls"] = function(i)
    return ([[{"id":%s,"ms":%s,"text":%s,"geo":%s,"flag":%s}]]):format(pick { "null", i },
      pick { "null", "1.5" }, pick { "null", '"x"' }, pick { "null", '{"x":1}' }, pick { "null", "true" })
  end,
  ["missing keys"] = function()
    return members(some(7))
  end,
  ["empty objects"] = function(i)
    return pick { "{}", "{ }", regular(i) }
  end,
  ["spaces"] = function()
    local between, colon = pick { ", ", ",", " ," }, pick { ": ", ":", " :" }
    return pick { "", " " } .. members(some(9), between, colon) .. pick { "", "  " }
  end,
  ["lines that end in CR"] = function(i)
    return regular(i) .. "\r"
  end,
  ["shuffled keys"] = function()
    local list = some(8)
    for i = #list, 2, -1 do
      local k = random(i)
      list[i], list[k] = list[k], list[i]
    end
    return members(list)
  end,
  ["one shuffled key"] = function(i)
    return i % 1000 == 999 and [[{"level":"error","id":1}]] or regular(i)
  end,
  ["keys that come twice"] = function(i)
    return random(200) == 1 and [[{"id":1,"ms":2,"id":3,"ms":null}]] or regular(i)
  end,
  ["keys with escapes"] = function(i)
    return ([[{"id":%d,"%s":1,"a\"b":2}]]):format(i, pick { "le\\u0076el", "level" })
  end,
  ["keys that stages add"] = function(i)
    return i % 1000 == 700 and [[{"id":1,"ms":3,"half":"mine"}]] or regular(i)
  end,
  ["new keys now and then"] = function(i)
    return regular(i):gsub("}$", i % 700 == 0 and (',"k%d":1}'):format(i // 700) or "}")
  end,
  ["many keys"] = function()
    local list = {}
    for i = 1, 90 do
      list[i] = "column" .. i
    end
    return members(list)
  end,
  ["malformed lines"] = function(i)
    return pick { regular(i), regular(i), regular(i), regular(i):sub(1, -3), '{"id":01}', '{"id":"\xff"}',
      '{"id":1}}', "{\"new\":1,\"text\":\"\\x\"}", "" }
  end,
}

-- Few enough to be written anew, one by one.
kinds["other spellings now and then"] = function(i)
  return i % 20 < 19 and regular(i) or kinds[pick { "spaces", "values of all kinds", "nulls" }](i)
end

local jobs <const> = {
  { "pass", "" },
  { "filter", [[where "level == 'error'"]] },
  { "filter by a path", [[where "geo.x > 3 or a.b == 1"]] },
  { "add", [[derive { half = "ms / 2", twice = "id" }]] },
  { "add nothing", [[derive { half = "none + 1" }]] },
  { "add by a function", "each(function(e) e.half = e.id + 1 end)" },
  { "sort", [[sort { "-level", "id" } | head(900)]] },
  { "add, filter and cut", [[derive { half = "id" } | where "half ~= 3" | head(1000)
      | derive { half = "half", last = "level" }]] },
  { "branches", [[route { { when = "flag", derive { half = "id" } } }]] },
  { "drop the first", [[drop "id"]] },
  { "drop some", [[drop { "text", "geo", "level", "a.b" }]] },
  { "drop what is read", [[where "geo.x > 3 or level == 'error'" | drop { "level", "geo" }]] },
  { "drop all that is known",
    [[drop { "id", "level", "ms", "text", "geo", "flag", "żaba", "a.b", "size" }]] },
  { "drop what was added", [[derive { half = "id" } | drop { "half", "ms" }]] },
  { "add, drop, add", [[drop "id" | derive { half = "ms / 2" } | drop "ms" | derive { last = "flag" }]] },
  { "select", [[select { "id", "level", "ms", "text", "flag", "żaba" }]] },
  { "select one that is there", [[select { "geo", "none", "more", "last" }]] },
  { "select in another order", [[select { "flag", "text", "level", "id" }]] },
  { "select what is read", [[where "geo.x > 3 or level == 'error'"
      | select { "id", "level", "ms", "text" } | where "level ~= 'info'"]] },
  { "select and read a part", [[select { "id", "level", "text", "geo" } | where "geo.x > 3"
      | derive { half = "geo.y" }]] },
  { "select what was added", [[derive { half = "id" } | select { "id", "level", "text", "geo", "half" }]] },
  { "select what is not there", [[select { "id", "none", "text", "more" }]] },
  { "rename", [[rename { wide = "ms", ["k\"é"] = "text" }]] },
  { "rename and read", [[rename { place = "geo", number = "id" } | where "place.x > 3 or number == 7"]] },
  { "rename, drop and select", [[rename { a = "level", b = "ms" } | drop { "a", "level" }
      | select { "id", "b", "text", "flag" } | rename { c = "id" }]] },
  { "rename in a circle", [[rename { id = "level", level = "id" }]] },
  { "drop and sort", [[drop "text" | sort { "-level", "id" } | head(900)]] },
  { "branches of which one drops", [[route { { when = "flag", drop "id" } }]] },
  { "branches that drop the same", [[drop "text" | route { { when = "flag", derive { half = "id" } } }]] },
}

-- The output of a job as it is, and with a stage that wants every column.
local function both(job, file, options)
  local outs = {}
  for i, whole in ipairs { "", "batches(function(batch) return batch end) | " } do
    local text = ([[file(arg[1]) | decode "json" | %s%sstdout "json"]])
      :format(job ~= "" and job .. " | " or "", whole)
    local out, err, code = program.sh(("perigee run --quiet %s -e %s %s")
      :format(options, program.quote(text), file))
    outs[i] = code .. "\n" .. err .. out
  end
  return outs[1], outs[2]
end

local function write(name, make, count, last)
  local lines = {}
  for i = 1, count do
    lines[i] = make(i)
  end
  program.write(name, table.concat(lines, "\n") .. (last or "\n"))
end

local function same(job, options)
  local kept, whole = both(job, "data.ndjson", options)
  if kept ~= whole then
    local next_kept, next_whole = kept:gmatch "[^\n]*\n", whole:gmatch "[^\n]*\n"
    local a, b
    repeat
      a, b = next_kept(), next_whole()
    until a ~= b
    assert.equal(b, a)
  end
  return kept
end

describe("records that pass through as they are come out as those that are taken apart:", function()
  setup(program.setup)
  teardown(program.teardown)

  local sorted = {}
  for name in pairs(kinds) do
    sorted[#sorted + 1] = name
  end
  table.sort(sorted)

  for number, name in ipairs(sorted) do
    it(name, function()
      seed(number)
      write("data.ndjson", kinds[name], 1500, pick { "\n", "" })
      for i, job in ipairs(jobs) do
        same(job[2], ("--workers 1 --batch-rows %d"):format(i % 2 == 0 and 4096 or 100))
      end
    end)
  end

  it("all of them by turns, in many chunks, by several workers", function()
    seed(99)
    local kind
    write("data.ndjson", function(i)
      if i % 5000 == 1 or random(3000) == 1 then
        kind = kinds[pick(sorted)]
      end
      return kind(i)
    end, 40000)
    for _, job in ipairs(jobs) do
      -- What a function sees of values of several types depends on the chunk.
      if job[1] ~= "add by a function" then
        assert.equal(same(job[2], "--workers 1"), same(job[2], "--workers 3"))
      end
    end
  end)

  it("streams that are merged", function()
    seed(3)
    write("data.ndjson", kinds.regular, 2000)
    write("more.ndjson", kinds["values of all kinds"], 2000)
    local function merged(whole)
      local out, err, code = program.sh("perigee run --quiet --workers 1 -e " .. program.quote([[
        merge { file "data.ndjson" | decode "json",
          file "more.ndjson" | decode "json" | derive { more = "flag" } }
          | where "level == 'error'" | derive { half = "text" } | ]] .. whole .. [[stdout "json"]]))
      assert.equal(0, code, err)
      return out
    end
    assert.equal(merged "batches(function(batch) return batch end) | ", merged "")
    assert.is_true(#merged "" > 1000)
  end)

  it("chunks of other keys, or in another order", function()
    seed(7)
    write("data.ndjson", function(i)
      local part = i // 15000
      return part == 0 and ([[{"b":1,"c":%d,"pad":"%s"}]]):format(i, ("w"):rep(60))
        or part == 1 and ([[{"a":1,"b":2,"c":%d,"text":"%s"}]]):format(i, ("x"):rep(60))
        or ([[{"c":%d,"text":"%s","half":1,"z":1}]]):format(i, ("y"):rep(60))
    end, 60000)
    for _, job in ipairs { "", [[derive { half = "c", twice = "c" }]], [[sort "c"]] } do
      assert.equal(same(job, "--workers 1"), same(job, "--workers 3"))
    end
  end)

  it("a byte order mark, a long record, a stream without rows", function()
    program.write("data.ndjson", "\xEF\xBB\xBF{\"id\":1}\n" .. '{"id":2,"text":"' .. ("\\/x"):rep(400000)
      .. '"}\n')
    same("", "--workers 1")
    program.write("data.ndjson", "")
    assert.equal("0\n", same("", "--workers 1"))
  end)
end)

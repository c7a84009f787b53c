-- goals.lua - the border's goals as ratios, measured and beside what was wanted.
--
--   cmake --build build --target bench_goals        or
--   lua5.4 spec/bench/goals.lua [BUILD [ROUNDS]]
--
-- Instructions are counted by callgrind (Debian: valgrind): the same program with
-- 200 and with 400 passes, so that what comes before them does not count.  Times
-- are medians of rounds, each next to its control; "again" is the control a second
-- time: how far it is from 1.00 is what a time may be off by.

local build <const> = arg[1] or "build"
local rounds <const> = arg[2] or "31"

local function run(command)
  local pipe <close> = assert(io.popen(command))
  local text = pipe:read "a"
  return text
end

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

local function must_run(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  if not pipe:close() then
    error(command .. " failed", 0)
  end
  return text
end

local border <const> = must_run(("%s %s %s"):format(quote(build .. "/bench/border_bench"),
  quote(build .. "/spec/plugins"), rounds))
local seed <const> = must_run(("%s %s"):format(quote(build .. "/bench/seed"), rounds))

-- The last number of the line that begins with this text, as a ratio.
local function of_border(name)
  for line in border:gmatch "[^\n]+" do
    if line:sub(1, #name) == name and line:sub(#name + 1):find "^%s+[%d.]+%s+[%d.]+%s*$" then
      return tonumber(line:match "([%d.]+)%s*$")
    end
  end
  return nil
end

-- All of a line of the first table of the seed, and its ratio: the `number`-th one
-- that begins so.
local function of_seed(name, number)
  local found = 0
  for line in seed:gmatch "[^\n]+" do
    if line:sub(1, #name) == name then
      found = found + 1
      if found == number then
        local all, ratio = line:sub(#name + 1):match "([%d,]+)%s+([%d.]+)%s*[^%d]*$"
        return tonumber(ratio), all
      end
    end
  end
  return nil
end

local has_valgrind <const> = run "command -v valgrind" ~= ""

-- Instructions of one pass through `inside`, a function of the program.
local function counted(inside, program, arguments)
  local function once(times)
    local text = run(("valgrind --tool=callgrind --toggle-collect=%s "
      .. "--callgrind-out-file=/dev/null %s %s %d 2>&1")
      :format(inside, quote(build .. "/bench/" .. program), arguments, times))
    return tonumber((text:match "Collected : (%d+)"))
  end
  local few, many = once(200), once(400)
  return few and many and (many - few) / 200
end

-- Of a call, without the loop around it.
local function of_call(row, control)
  if not has_valgrind then
    return nil
  end
  local function of_row(name)
    return counted("run_row", "border_bench",
      ("%s --loop %s"):format(quote(build .. "/spec/plugins"), quote(name)))
  end
  local loop <const> = of_row "a loop of calls"
  return (of_row(row) - loop) / (of_row(control) - loop)
end

local function instructions(kind, rows)
  if not has_valgrind then
    return nil
  end
  local function of_loop(name)
    return counted("loop_run", "seed", ("--loop %s %d"):format(name, rows))
  end
  return of_loop(kind) / of_loop "own"
end

-- From the table "3." of the seed: the ratio for 4 K or 64 K elements.
local function time_of(name, column)
  for line in seed:gmatch "[^\n]+" do
    if line:sub(1, #name) == name and not line:find "ratio" then
      local numbers = {}
      for number in line:sub(#name + 1):gmatch "[%d.]+" do
        numbers[#numbers + 1] = tonumber(number)
      end
      if #numbers >= 10 then
        return numbers[column * 2]
      end
    end
  end
  return nil
end

local rows <const> = {
  { "Lua to i32(i32, i32), by hand: 1", 1.10, of_border "min(i32, i32)" },
  { "  again", nil, of_border "min, again" },
  { "  instructions", nil, of_call("min(i32, i32)", "min, by hand") },
  { "Lua to a method, by hand: 1", 1.10, of_border "add(object, i64)" },
  { "  instructions", nil, of_call("add(object, i64)", "method, by hand") },
  { "Lua to opt_i32(opt_i32), to min by hand", nil, of_border "opt_i32, by its caller" },
  { "Lua to one of 3 overloads, to min by hand", nil, of_border "max, of 3 overloads" },
  { "64 K rows, the plugin's loop, instructions", 1.02, instructions("plugin", 65536) },
  { "  time", nil, time_of("a plugin over columns, loaded", 5) },
  { "  again", nil, time_of("  the same again", 5) },
  { "  as an expression of the host, instructions", nil, instructions("program", 65536) },
  { "4 K rows from Lua, buffers, instructions", 1.05, instructions("buffers", 4096) },
  { "  time", nil, time_of("Lua calls a plugin with buffers", 4) },
  { "  again", nil, time_of("  the same again", 4) },
  { "load to call from Lua, by dlopen: 1", 2.00, of_seed("  checked and loaded, from warm Lua", 1) },
  { "  again", nil, of_seed("  the same again", 2) },
  { "  the first load ever", nil, of_seed("  the first time ever: a copy is made", 1) },
  { "buffer[i], f64", 1.15, of_border "buffer[i], f64" },
  { "buffer[i], i32", 1.15, of_border "buffer[i], i32" },
  { "buffer[i] = v, f64", 1.15, of_border "buffer[i] = v, f64" },
  { "buffer[i] = v, i32", 1.15, of_border "buffer[i] = v, i32" },
  { "  again", nil, of_border "array[i], again" },
}

print(("%-46s %7s %7s"):format("ratio to the same by hand", "at most", "found"))
for _, row in ipairs(rows) do
  local name, most, found = row[1], row[2], row[3]
  print(("%-46s %7s %7s  %s"):format(name, most and ("%.2f"):format(most) or "",
    found and ("%.3f"):format(found) or "-", most and found and (found <= most and "met" or "not met") or ""))
end

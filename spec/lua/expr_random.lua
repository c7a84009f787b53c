-- expr_random.lua - random expressions of a type, and random rows for them.
--
-- Left out is what means something else on purpose: integers and floats that
-- become one column and then text, division of integers by zero, `==` of truths
-- that may be nil.

local random = {}

random.schema = {
  { name = "a", type = "i64" }, { name = "b", type = "i64" }, { name = "x", type = "f64" },
  { name = "y", type = "f64" }, { name = "s", type = "str" }, { name = "path", type = "str" },
  { name = "flag", type = "bool" }, { name = "on", type = "bool" }, { name = "odd name", type = "i64" },
}

local values = {
  i64 = { 0, 1, -1, 2, 7, 200, 500, -3, 64, 1 << 53, (1 << 53) + 1, math.maxinteger, math.mininteger },
  f64 = { 0.0, -0.0, 0.5, 1.0, -1.5, 200.0, 3.25, 2.0 ^ 53, 1e15, 1e100, 2.0 ^ 63, 1 / 0, -7.75 },
  str = { "", "a", "A", "/health", "/api/v1/users?id=7", "12", "0x10", " 3.5 ", "a.b", "%d", "\0b",
    "aXbXc", "zz" },
  bool = { true, false },
}

local function pick(list)
  return list[math.random(#list)]
end

--- A row in which each column may be nil.
function random.row()
  local row = {}
  for _, column in ipairs(random.schema) do
    if math.random(5) > 1 then
      row[column.name] = pick(values[column.type])
    end
  end
  return row
end

local gen = {}

local function of(kind, depth)
  return gen[kind](depth)
end

-- A template: each $i $f $s $b is replaced by an expression of that type.
local kinds = {
  i = "i64", f = "f64", s = "str", o = "object", b = "bool", e = "equatable", t = "text",
}

local function fill(template, depth)
  return (template:gsub("%$(%l)", function(letter)
    return of(kinds[letter], depth - 1)
  end))
end

local function maker(leaves, templates)
  return function(depth)
    if depth <= 0 or math.random(6) == 1 then
      return pick(leaves)
    end
    return fill(pick(templates), depth)
  end
end

gen.i64 = maker({ "a", "b", "row.a", "row['odd name']", "0", "3", "0x10", "-2" }, {
  "($i + $i)", "($i - $i)", "($i * $i)", "($i // 7)", "($i % -5)", "($i % 3)", "(- $i)",
  "($i & $i)", "($i | $i)", "($i ~ $i)", "(~ $i)", "($i << $i)", "($i >> $i)", "(#$s)",
  "($o:find($s, 1, true))", "($o:find('a'))", "($o:find('^/h'))", "($o:find('%d+'))",
  "($o:find('b', $i))", "$o:byte($i)", "$o:byte()", "$o:len()", "math.floor(x / 3.0)",
  "math.ceil(y)", "math.abs($i)", "math.max($i, $i, 4)", "math.min($i, $i)", "($b and $i or $i)",
  "($i or $i)", "math.fmod($i, 3)", "$o:match('()%d')", "math.tointeger($s)",
  "($s and $i)", "($i and $i)", "string.len($t)",
})

gen.f64 = maker({ "x", "y", "1.5", "0.25", "1e3", "-2.0" }, {
  "($f + $f)", "($f + $i)", "($i - $f)", "($f * $f)", "($i / $i)", "($f / $f)", "($f // $f)",
  "($f % $f)", "($f ^ 2)", "($i ^ $f)", "(- $f)", "math.sqrt($f)", "math.abs($f)",
  "math.max($f, $f)", "math.min($f, 1.0)", "($b and $f or $f)", "($f or $f)", "math.fmod($f, $f)",
  "($i and $f)", "math.exp($f)", "math.log($f)", "math.log($f, 2)",
})

gen.str = maker({ "s", "path", "row.path", "'a'", "'/api'", "\"x\\n\"", "[[long]]", "''" }, {
  "($s .. $s)", "($s .. $i)", "($i .. $s)", "(x .. $s)", "($s .. y .. $s)", "$o:sub($i, $i)",
  "$o:sub(2)", "$o:sub(-3, -2)", "$o:lower()", "$o:upper()", "$o:reverse()", "$o:rep(2)",
  "($o:gsub('[ab]', 'x'))", "($o:gsub('(%a)(%d)', '%2%1'))", "($o:gsub('%w', '<%0>', 2))",
  "$o:match('%a+')", "$o:match('^/(%w+)')", "$o:match('v(%d)', 2)", "tostring($i)", "tostring(x)",
  "tostring($s)", "tostring(flag)", "($b and $s or $s)", "($s or $s)", "string.upper($s)",
  "(s):sub(1, 3)", "($i and $s)", "$o:match('^[^?]*')", "string.reverse($t)",
})

-- Numbers as text only where both sides agree that they are integers.
gen.text = maker({ "s", "a" }, { "$s", "$i" })

gen.bool = maker({ "flag", "on", "true", "false" }, {
  "$i < $i", "$i <= $i", "$i > $f", "$f >= $i", "$f < $f", "$f <= $f", "$s < $s", "$s >= $s",
  "$e == $e", "$e ~= $e", "$i == $f", "$f ~= $i", "$s == nil", "nil ~= $i", "flag == on",
  "flag ~= true", "not $b", "(not $s)", "($b and $b)", "($b or $b)", "($b and $b or $b)",
  "starts_with($s, $s)", "ends_with($s, 'a')", "tonumber($s) == $i", "tonumber($s) == $f",
  "tonumber($s, 16) == $i", "(not ($s and $i))", "(not ($s or $b))", "not ($b and $f)",
  "$i + 1 < $i * 2 and $s .. 'x' ~= 'ax'", "2 ^ $f ^ 0.5 > $f",
  "- $i ^ 2 < $f", "not flag == on", "$i .. 'a' == $s", "$i | 1 == $i",
})

local bare_bool = gen.bool
function gen.bool(depth)
  return "(" .. bare_bool(depth) .. ")"
end

-- A text as the object of a method: a literal needs parentheses, as in Lua.
function gen.object(depth)
  local text = of("str", depth)
  return text:find "^[%a(]" and text or "(" .. text .. ")"
end

function gen.equatable(depth)
  return of(pick { "i64", "f64", "str" }, depth)
end

--- An expression of that type.
function random.expression(kind, depth)
  return of(kind, depth)
end

return random

-- make.lua - makes the data of the examples, the same on every machine:
--
--   cd examples/data && lua5.4 make.lua
--
-- Nothing in it is of real people or machines: addresses are those of RFC 5737
-- and names of RFC 2606, kept for documentation.

local seed = 20250601

-- Numbers from 0 to n - 1, by a generator of our own: Lua's differs by version.
local function below(n)
  seed = (seed * 6364136223846793005 + 1442695040888963407) & math.maxinteger
  return (seed >> 24) % n
end

local function pick(list)
  return list[below(#list) + 1]
end

local function save(name, lines)
  local file <close> = assert(io.open(name, "wb"))
  file:write(table.concat(lines, "\n"), "\n")
end

-- An access log, as nginx and Apache write it: five minutes, mostly good.
local function access_log()
  local pages = {
    "/", "/", "/", "/products", "/products", "/products/17", "/products/4?ref=mail", "/search?q=lamp",
    "/search?q=blue%20chair", "/cart", "/login", "/static/site.css", "/static/logo.svg", "/health",
  }
  local agents = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "curl/7.88.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 Safari/605.1.15",
  }
  local lines, second = {}, 0
  for i = 1, 300 do
    second = second + below(3)
    local page = pick(pages)
    local fails = page:find "^/search" and below(4) == 0 or page:find "^/cart" and below(3) == 0
      or below(40) == 0
    local status = fails and pick { 500, 502, 503 } or below(25) == 0 and 404 or 200
    local method = page == "/cart" and "POST" or page == "/health" and "HEAD" or "GET"
    lines[i] = ('192.0.2.%d - %s [01/Jun/2025:10:%02d:%02d +0000] "%s %s HTTP/1.1" %d %s "%s" "%s"')
      :format(1 + below(40), below(5) == 0 and pick { "ann", "bo", "eve" } or "-", second // 60,
        second % 60, method, page, status, method == "HEAD" and "-" or 200 + below(60000),
        below(3) == 0 and "https://www.example.com/" or "-", pick(agents))
  end
  -- What a real log holds, too: a probe that is no HTTP, and a torn line.
  table.insert(lines, 120, '198.51.100.7 - - [01/Jun/2025:10:02:00 +0000] "\\x16\\x03\\x01" 400 150 "-" "-"')
  table.insert(lines, 200, '192.0.2.9 - - [01/Jun/2025:10:03:')
  save("access.log", lines)
end

-- A package log, as dpkg writes it.
local function packages_log()
  local packages = {
    { "make", "4.3-4.1" }, { "gcc-12", "12.2.0-14" }, { "libc6-dev", "2.36-9" }, { "cmake", "3.25.1-1" },
    { "man-db", "2.11.2-2" }, { "liblua5.4-dev", "5.4.4-3" }, { "nginx", "1.22.1-9" },
    { "tzdata", "2024a-0" }, { "perl", "5.36.0-7" }, { "zlib1g-dev", "1:1.2.13" },
  }
  local lines, second = {}, 0
  local function add(text, ...)
    lines[#lines + 1] = ("2025-06-01 %02d:%02d:%02d "):format(9 + second // 3600, second // 60 % 60,
      second % 60) .. text:format(...)
  end
  for _, package in ipairs(packages) do
    local name, version = package[1], package[2]
    local old = below(3) == 0
    add "startup archives unpack"
    add("%s %s:amd64 %s %s", old and "upgrade" or "install", name,
      old and version .. "~1" or "<none>", version)
    add("status half-installed %s:amd64 %s", name, version)
    second = second + below(9)
    add("status unpacked %s:amd64 %s", name, version)
    add "startup packages configure"
    add("configure %s:amd64 %s <none>", name, version)
    second = second + below(4)
    add("status half-configured %s:amd64 %s", name, version)
    add("status installed %s:amd64 %s", name, version)
    second = second + below(200)
  end
  add "startup packages remove"
  add "status installed nginx:amd64 1.22.1-9"
  add "remove nginx:amd64 1.22.1-9 <none>"
  add "status config-files nginx:amd64 1.22.1-9"
  add "status not-installed nginx:amd64 <none>"
  save("packages.log", lines)
end

-- Orders as a shop might export them: quotes, commas and newlines in fields,
-- empty fields, and numbers that must stay as they are written.
local function orders_csv()
  save("orders.csv", {
    "order,placed,customer,item,quantity,price,zip,note",
    "1001,2025-06-01T08:12:45Z,Ann,desk lamp,2,19.90,04103,",
    '1002,2025-06-01T08:30:00Z,Bo,"chair, blue",4,49.00,80331,"two now,',
    'two later"',
    '1003,2025-06-01T09:01:10+02:00,Eve,"27"" screen",1,219.50,10115,gift',
    "1004,2025-06-01T09:15:00Z,Ann,desk lamp,,19.90,04103,",
    '1005,2025-06-01T11:47:31Z,Finn,rug,1,80,24103,""',
    "1006,2025-06-01T12:00:00Z,Bo,desk,1,349.00,80331,by lift only",
  })
end

-- Readings of sensors, one JSON object a line; some lines are broken.
local function readings_ndjson()
  save("readings.ndjson", {
    '{"at":"2025-06-01T10:00:00Z","sensor":"attic","celsius":27.5,"battery":91}',
    '{"at":"2025-06-01T10:00:00Z","sensor":"cellar","celsius":12.0,"battery":47}',
    '{"at":"2025-06-01T10:01:00Z","sensor":"attic","celsius":27.75',
    '{"at":"2025-06-01T10:01:00Z","sensor":"cellar","celsius":null,"battery":47}',
    "sensor garden: no answer",
    '{"at":"2025-06-01T10:02:00Z","sensor":"garden","celsius":21.25,"battery":8}',
    '{"at":"2025-06-01T10:02:00Z","sensor":"attic","celsius":28,"battery":90}',
    '{"at":"2025-06-01T10:03:00Z","sensor":"garden","celsius":-60,"battery":8}',
  })
end

access_log()
packages_log()
orders_csv()
readings_ndjson()

-- jobs.lua - the five jobs and how other tools do them.
--
-- `INPUT` is the input, `HERE` this folder.  awk splits text at quotes and commas and parses neither
-- JSON nor CSV: it stands here because people would use it.

local awk <const> = {
  w1 = [[$9 >= 500 { n[$7]++; b[$7] += $10 }
    END { for (p in n) print p "," n[p] "," b[p] | "sort -t, -k2,2nr -k1,1 | head -n 10" }]],
  w2 = [[BEGIN { FS = "\"" }
    $8 == "error" {
      printf "{\"ts\":\"%s\",\"service\":\"%s\",\"path\":\"%s\",\"user_id\":%d,\"kbps\":%.17g}\n",
        $4, $12, $24, substr($33, 2), substr($31, 2) / substr($29, 2) }]],
  w3 = [[BEGIN { FS = "\"" }
    { k = $12 "," substr($27, 2) + 0; n[k]++; b[k] += substr($31, 2); l[k] += substr($29, 2) }
    END { for (k in n) printf "%s,%d,%d,%.17g\n", k, n[k], b[k], l[k] / n[k] | "sort" }]],
  w4 = [[BEGIN { FS = "," }
    NR > 1 && $7 >= 500 {
      printf "{\"ts\":\"%s\",\"level\":\"%s\",\"service\":\"%s\",\"host\":\"%s\",", $1, $2, $3, $4
      printf "\"method\":\"%s\",\"path\":\"%s\",\"status\":%s,\"latency_ms\":%s,", $5, $6, $7, $8
      printf "\"bytes\":%s,\"user_id\":%s,\"msg\":\"%s\",", $9, $10, $11
      printf "\"country\":\"%s\",\"city\":\"%s\"}\n", $12, $13 }]],
  w5 = [[BEGIN { FS = "\"" }
    { printf "%s,\"lat_s\":%.17g}\n", substr($0, 1, length($0) - 1), substr($29, 2) / 1000 }]],
}

local jq <const> = {
  w2 = [[select(.level == "error") | {ts, service, path, user_id, kbps: (.bytes / .latency_ms)}]],
  w5 = [[. + {lat_s: (.latency_ms / 1000)}]],
}

local mlr <const> = {
  w2 = [[mlr --ijsonl --ojsonl filter '$level == "error"' then put '$kbps = $bytes / $latency_ms' ]]
    .. [[then cut -o -f ts,service,path,user_id,kbps INPUT]],
  w3 = [[mlr --ijsonl --ocsv --headerless-csv-output stats1 -a count,sum,mean -f bytes,latency_ms ]]
    .. [[-g service,status then cut -o -f service,status,bytes_count,bytes_sum,latency_ms_mean ]]
    .. [[then sort -f service -nf status INPUT]],
  w4 = [[mlr --icsv --ojsonl filter '$status >= 500' INPUT]],
  w5 = [[mlr --ijsonl --ojsonl put '$lat_s = $latency_ms / 1000' INPUT]],
}

local duckdb <const> = {
  w1 = [[SELECT path, count(*) n, sum(bytes) bytes, quantile_disc(bytes, 0.5) p50,
    quantile_disc(bytes, 0.99) p99 FROM (SELECT split_part(line, ' ', 7) path,
    try_cast(split_part(line, ' ', 9) AS INT) status, try_cast(split_part(line, ' ', 10) AS BIGINT) bytes
    FROM read_csv('INPUT', columns = {'line': 'VARCHAR'}, delim = '\x01', quote = '', escape = ''))
    WHERE status >= 500 GROUP BY path ORDER BY n DESC, path LIMIT 10]],
  w2 = [[SELECT ts, service, path, user_id, bytes / latency_ms kbps FROM read_json('INPUT',
    format = 'newline_delimited') WHERE level = 'error']],
  w3 = [[SELECT service, status, count(*) n, sum(bytes) bytes, avg(latency_ms) latency
    FROM read_json('INPUT', format = 'newline_delimited') GROUP BY ALL ORDER BY ALL]],
  w4 = [[SELECT * FROM read_csv('INPUT') WHERE status >= 500]],
  w5 = [[SELECT *, latency_ms / 1000 lat_s FROM read_json('INPUT', format = 'newline_delimited')]],
}

-- The field computed in Lua, event by event, as others do it.
local lua <const> = [[local json = require "cjson"
  for line in io.lines(arg[1]) do
    local e = json.decode(line)
    e.lat_s = e.latency_ms / 1000
    io.write(json.encode(e), "\n")
  end]]
local fluent_bit <const> = [[fluent-bit -q -f 0.2 -R HERE/fluent_bit_parsers.conf ]]
  .. [[-i tail -p path=INPUT -p read_from_head=true -p exit_on_eof=true -p parser=json ]]
  .. [[-p buffer_chunk_size=1M -p buffer_max_size=8M -p static_batch_size=50M ]]
  .. [[-F lua -m '*' -p call=cb ]]
  .. [[-p code='function cb(t, s, r) r.lat_s = r.latency_ms / 1000 return 2, s, r end' ]]
  .. [[-o stdout -m '*' -p format=json_lines -p json_date_key=false]]

local function quote(text)
  return "'" .. text:gsub("'", [['\'']]) .. "'"
end

local inputs <const> = {
  w1 = "access.log", w2 = "events.ndjson", w3 = "events.ndjson", w4 = "events.csv",
  w5 = "events.ndjson", w5_each = "events.ndjson",
  w5_lua = "events.ndjson", w5_lua_parallel = "events.ndjson",
}

local titles <const> = {
  w1 = "access log: filter, group by path, quantiles", w2 = "NDJSON: filter, compute, project",
  w3 = "NDJSON: group by two keys", w4 = "CSV: filter, typed NDJSON",
  w5 = "NDJSON: add a field, write all", w5_each = "W5 by a plain Lua function, which runs over columns",
  w5_lua = "W5 by a function that stays in Lua, event by event",
  w5_lua_parallel = "the same with a Lua state for each worker",
}

local jobs = {}

for _, name in ipairs { "w1", "w2", "w3", "w4", "w5", "w5_each", "w5_lua", "w5_lua_parallel" } do
  local job = { name = name, title = titles[name], input = inputs[name], peers = {} }
  local function add(tool, command)
    job.peers[#job.peers + 1] = { tool = tool, command = command }
  end
  if awk[name] then
    add("mawk", "mawk " .. quote(awk[name]) .. " INPUT")
    add("gawk", "LC_ALL=C gawk " .. quote(awk[name]) .. " INPUT")
  end
  if mlr[name] then
    add("mlr", mlr[name])
  end
  if duckdb[name] then
    add("duckdb", "duckdb -c " .. quote(("SET threads = 1; COPY (%s) TO '/dev/stdout' (FORMAT %s)")
      :format(duckdb[name], (name == "w1" or name == "w3") and "csv" or "json")))
  end
  if jq[name] then
    add("jq", "jq -c " .. quote(jq[name]) .. " INPUT")
  end
  if name == "w5_lua" then
    add("lua5.4", "lua5.4 -e " .. quote(lua) .. " /dev/null INPUT")
    add("fluent-bit", fluent_bit)
  end
  jobs[#jobs + 1] = job
end

return jobs

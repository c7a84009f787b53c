-- fake_core.lua - stands in for perigee.core, so that plans can be built and
-- checked without the host: canned descriptions, and a run that only notes
-- the graph.

local fake = { version = "0.0.0", abi = { major = 1, minor = 0 }, exec_dir = "/fake/bin" }

local function param(name, kind, more)
  local all = { name = name, type = kind, doc = "The " .. name .. "." }
  for key, value in pairs(more or {}) do
    all[key] = value
  end
  return all
end

local function plugin(name, fields)
  local description = {
    name = name, version = "1.0.0", author = "perigee", license = "MIT", about = "Canned.",
    path = "/fake/bin/native/" .. name .. ".so", abi = { major = 1, minor = 0 },
    functions = {}, aggregates = {}, kernels = {}, sources = {}, sinks = {},
    decoders = {}, encoders = {},
  }
  for key, value in pairs(fields) do
    description[key] = value
  end
  return description
end

local function aggregate(name, returns, ...)
  local args = {}
  for i, kind in ipairs { ... } do
    args[i] = { name = "a" .. i, type = kind }
  end
  return { name = name, doc = "", args = args, returns = returns, native = name .. "/" .. returns }
end

local quantile = aggregate("quantile", "opt_f64", "f64", "f64")
quantile.args[2].low, quantile.args[2].high = 0, 1

local descriptions = {
  plugin("files", {
    sources = { { name = "file", doc = "Files.", bytes = true,
      params = { param("path", "list_str", { required = true }) } } },
    sinks = {
      { name = "stdout", doc = "The output.", bytes = true, params = {} },
      { name = "file", doc = "A file.", bytes = true,
        params = { param("path", "str", { required = true }), param("append", "bool") } },
    },
  }),
  plugin("json", {
    decoders = { { name = "json", doc = "", params = {}, stateless = true, keeps = true, ragged = true } },
    encoders = { { name = "json", doc = "", keeps = true,
      params = { param("nulls", "bool", { default = false }) } } },
  }),
  plugin("csv", {
    decoders = { { name = "csv", doc = "", stateless = true, hooks = { "decode", "pick" }, params = {
      param("sep", "str", { default = "," }), param("names", "list_str"),
      param("limit", "i64", { low = 1, high = 10 }) } } },
    encoders = { { name = "csv", doc = "", params = {} }, { name = "table", doc = "", params = {} } },
  }),
  plugin("ops", {}),
  plugin("combined", { decoders = { { name = "combined", doc = "", params = {} } } }),
  plugin("order", { kernels = {
    { name = "sort", doc = "", inputs = {}, outputs = {}, whole = true,
      params = { param("by", "list_str", { required = true }), param("limit", "i64", { default = 0 }) } },
    { name = "head", doc = "", inputs = {}, outputs = {},
      params = { param("n", "i64", { required = true, low = 0 }) } },
  } }),
  plugin("score", {
    functions = { { name = "min", doc = "", pure = true, returns = "i64",
      args = { { name = "a", type = "i64" }, { name = "b", type = "i64" } } } },
    kernels = { { name = "score", doc = "", adds = true,
      params = { param("limit", "f64", { default = 0.5, low = 0, high = 1 }) },
      inputs = { { name = "value", type = "f64" } }, outputs = { { name = "score", type = "f64" } } } },
  }),
  plugin("aggregates", { aggregates = {
    aggregate("count", "i64"), aggregate("count", "i64", "any"),
    aggregate("sum", "i64", "i64"), aggregate("sum", "f64", "f64"),
    aggregate("mean", "opt_f64", "f64"), quantile,
    aggregate("max", "opt_str", "str"), aggregate("max", "opt_i64", "i64"),
    aggregate("distinct", "i64", "any"),
  } }),
}

local by_path = {}
for _, description in ipairs(descriptions) do
  by_path[description.path] = description
end

local function type_of(kind)
  return kind
end

local schemas = {
  combined = {
    { name = "host", type = "str" }, { name = "time", type = "time" }, { name = "method", type = "str" },
    { name = "path", type = "str" }, { name = "status", type = "i64" }, { name = "bytes", type = "i64" },
  },
}

function fake.list_dir(dir)
  if dir ~= "/fake/bin/native" then
    return nil, "no directory"
  end
  local names = { "broken.so", "readme.txt" }
  for _, description in ipairs(descriptions) do
    names[#names + 1] = description.name .. ".so"
  end
  return names
end

-- Nothing is remembered.
function fake.cache_read() end
function fake.cache_write() end
function fake.stamp() end
function fake.missing() return "" end

function fake.describe(path)
  if by_path[path] then
    return by_path[path]
  end
  return nil, ("'%s': not a plugin: no note of perigee"):format(path)
end

function fake.load(path)
  local description, message = fake.describe(path)
  if not description then
    return nil, message
  end
  return {
    describe = function() return description end,
    call = function(_, name) return function(...) return name, ... end end,
  }
end

function fake.check_params(_, _, name, params)
  if name == "csv" and params.sep == "" then
    return nil, "parameter 'sep' is empty"
  end
  return true
end

function fake.schema(_, _, name, params)
  if name == "csv" and params.names then
    local list = {}
    for i, column in ipairs(params.names) do
      list[i] = { name = column, type = type_of "str" }
    end
    return list
  end
  return schemas[name]
end

function fake.batch(columns)
  return { columns = columns }
end

fake.batch_of_rows = fake.batch

function fake.buffer(kind, values)
  return { type = kind, values = values }
end

function fake.program(spec)
  return { program = spec }
end

function fake.run(graph, options)
  fake.last = { graph = graph, options = options }
  return {
    rows_in = 0, bytes_in = 0, rows_out = 0, seconds = 0, rejects = 0, reject_samples = {}, absent = {},
  }
end

function fake.file_keys(path)
  return { path }
end

function fake.isatty()
  return false
end

function fake.columns()
  return 80
end

function fake.log() end

function fake.print(text)
  io.stderr:write(text .. "\n")
end
function fake.set_log_level() end

return fake

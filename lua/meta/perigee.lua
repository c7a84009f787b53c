---@meta perigee
-- perigee.lua - the Lua interface, for editors that know LuaLS annotations.
-- luacheck: no unused args
-- Nothing runs this file.  In .luarc.json: "workspace": { "library": [ "<here>" ] }.

---@class perigee
---@field version string of the program
local p = {}

---A stage: one node of a plan. Join stages with `|`.
---@class perigee.Stage
---@operator bor(perigee.Stage): perigee.Chain
---@operator bor(perigee.Chain): perigee.Chain

---Stages joined with `|`: a source, transforms, a sink.
---@class perigee.Chain
---@operator bor(perigee.Stage): perigee.Chain
---@operator bor(perigee.Chain): perigee.Chain

---@alias perigee.Part perigee.Stage|perigee.Chain

---@class perigee.Pipeline
---@class perigee.Plan
---@class perigee.Aggregate

---Lua expression syntax over columns: `"status >= 500 and not path:find('^/health')"`.
---@alias perigee.Expression string

---@alias perigee.IntegerType "i8"|"i16"|"i32"|"i64"|"u8"|"u16"|"u32"|"u64"
---@alias perigee.ColumnType "bool"|perigee.IntegerType|"f32"|"f64"|"time"|"str"|"bin"|"json"

-- The whole ------------------------------------------------------------------

---A pipeline of one or more chains. A config returns it.
---@param parts perigee.Part[]|perigee.Part|{ name: string? }
---@return perigee.Pipeline
function p.pipeline(parts) end

---Several pipelines in one config.
---@param pipelines (perigee.Pipeline|perigee.Part)[]
---@return perigee.Plan
function p.plan(pipelines) end

-- Sources --------------------------------------------------------------------

---Bytes of files: paths, globs, "-" for stdin; gzip and zstd are recognised. Needs a decode after it.
---@param path string|string[]|{ path: string|string[] }
---@return perigee.Stage
function p.file(path) end

---A Lua table as a stream: rows by name, or `columns = { "a", "b" }` and rows by position.
---@param rows table[]|{ columns: string[]? }
---@return perigee.Stage
function p.rows(rows) end

---Joins several streams into one; each chain begins with a source.
---@param chains perigee.Part[]
---@return perigee.Stage
function p.merge(chains) end

-- Transforms -----------------------------------------------------------------

---@class perigee.Decode
---@field [1] string the decoder: "json", "csv", "combined", "lines", "pattern", ...
---@field types table<string, perigee.ColumnType>? what columns are decoded to
---@field on_error "skip"|"stop"? what a malformed row does to the run
---@field rejects string? a file for the malformed rows
---@field [string] any parameters of the decoder

---Bytes to columns: `decode "json"`, `decode { "csv", header = false, names = { "a", "b" } }`.
---@param decoder string|perigee.Decode
---@return perigee.Stage
function p.decode(decoder) end

---Keeps the rows for which the expression is true.
---@param condition perigee.Expression|fun(row: perigee.Row): any
---@param options perigee.FunctionOptions? only with a function
---@return perigee.Stage
function p.where(condition, options) end

---Adds or replaces columns; the expressions do not see each other.
---@param columns table<string, perigee.Expression|number|boolean>
---@return perigee.Stage
function p.derive(columns) end

---Keeps these columns, in this order.
---@param ... string|string[]
---@return perigee.Stage
function p.select(...) end

---Leaves these columns out.
---@param ... string|string[]
---@return perigee.Stage
function p.drop(...) end

---Renames columns: `rename { new = "old" }`.
---@param columns table<string, string>
---@return perigee.Stage
function p.rename(columns) end

---Calls a Lua function for each row, which may change it; `false` drops the row, an error rejects it.
---@param fn fun(row: perigee.Row): false?
---@param options perigee.FunctionOptions?
---@return perigee.Stage
function p.each(fn, options) end

---How a function of rows runs. It is called for one row after the other, in order, unless it may be
---called `parallel`: on every worker, for the rows that the worker has, in a Lua state of its own.
---Rows still come out in order. The script runs once more for each worker (without print and log)
---and must make the same plan then; its variables exist once for each worker, so that a counter
---counts only what one of them saw, and now and then the function is called for a row again.
---@class perigee.FunctionOptions
---@field parallel boolean?

---Calls a Lua function for each batch.
---@param fn fun(batch: perigee.Batch): perigee.Batch|table[]|false|nil
---@return perigee.Stage
function p.batches(fn) end

---Groups rows: `group { by = "path", n = p.count(), bytes = p.sum "bytes" }`.
---@param fields { by: string|string[]?, [string]: perigee.Aggregate }
---@return perigee.Stage
function p.group(fields) end

---Sorts all rows: `sort { "-n", "name" }`, "-" for descending.
---@param by string|string[]
---@return perigee.Stage
function p.sort(by) end

---Keeps the first rows.
---@param n integer
---@return perigee.Stage
function p.head(n) end

---Gives every batch to each branch, and to the stage after it. Each branch ends in a sink.
---@param chains perigee.Part[]
---@return perigee.Stage
function p.tee(chains) end

---@class perigee.Branch
---@field [1] perigee.Part? nil: the rows go on to the stage after route
---@field when perigee.Expression?
---@field otherwise true|"drop"? the branch of all other rows

---Gives each row to the first branch whose condition is true.
---@param branches perigee.Branch[]
---@return perigee.Stage
function p.route(branches) end

-- Sinks ----------------------------------------------------------------------

---@class perigee.Encoding
---@field as string? the encoder: "json", "csv", "table"
---@field [string] any parameters of the encoder

---Writes to the standard output; a table on a terminal, else JSON.
---@param encoding string|perigee.Encoding?
---@return perigee.Stage
function p.stdout(encoding) end

---Writes to a file: `write "out.csv"`, `write { path = "out", as = "json", nulls = true }`.
---@param target string|perigee.Encoding|{ path: string }
---@return perigee.Stage
function p.write(target) end

-- Aggregates -----------------------------------------------------------------

---Counts rows, or the values that are not null.
---@param value perigee.Expression?
---@return perigee.Aggregate
function p.count(value) end

---@param value perigee.Expression
---@return perigee.Aggregate
function p.sum(value) end

---@param value perigee.Expression
---@return perigee.Aggregate
function p.mean(value) end

---@param value perigee.Expression
---@return perigee.Aggregate
function p.min(value) end

---@param value perigee.Expression
---@return perigee.Aggregate
function p.max(value) end

---The value below which this part of the values lies: `quantile("bytes", 0.99)`.
---@param value perigee.Expression
---@param q number 0 to 1
---@return perigee.Aggregate
function p.quantile(value, q) end

---Counts different values.
---@param value perigee.Expression
---@return perigee.Aggregate
function p.distinct(value) end

---Any aggregate of a loaded plugin, by name.
---@param name string
---@param ... perigee.Expression|number
---@return perigee.Aggregate
function p.agg(name, ...) end

-- Plugins and stages in Lua --------------------------------------------------

---Loads a plugin, by name or by a path relative to the config. Its functions are
---callable, its stages and aggregates are constructors.
---@param name string
---@return table<string, fun(...): any>
function p.load(name) end

---One parameter: `{ "count", "i64", default = 10, low = 0, doc = "How many rows." }`.
---@class perigee.ParamDefinition
---@field [1] string name
---@field [2] "i64"|"f64"|"bool"|"str"|"list_i64"|"list_f64"|"list_str"|"list_pair"
---@field default any
---@field required boolean?
---@field doc string?
---@field low number?
---@field high number?
---@field choices string[]?

---@class perigee.Definition
---@field name string
---@field doc string?
---@field params perigee.ParamDefinition[]?

---@class perigee.SourceDefinition: perigee.Definition
---@field columns { name: string, type: perigee.ColumnType }[]|nil when these are all
---`poll` gives rows, {} for none yet, nil for the end.
---@field open fun(params: table): (fun(): table[]|perigee.Batch|nil)|{ poll: function, close: function? }

---@class perigee.TransformDefinition: perigee.Definition
---@field over "rows"|"batches"|nil what the function gets; rows when not given
---@field open fun(params: table): (fun(item: perigee.Row|perigee.Batch): any)

---Of every sink of a run, `open` is called once, before any rows, and `close` once, also when no
---rows came and when the run failed. A run whose input is missing opens no sink.
---@class perigee.SinkDefinition: perigee.Definition
---@field open fun(params: table): (fun(batch: perigee.Batch))|{ write: function, close: function? }

---Bytes of a stream: whole records, as `split` cut them; without it, whole lines.
---@class perigee.Chunk
---@field first boolean the first of its stream
---@field last boolean the last of its stream
---@field offset integer of its first byte in the stream
---@field stream integer number of the stream

---@alias perigee.DecodeFunction fun(bytes: string, chunk: perigee.Chunk): table[]|perigee.Batch|nil

---@class perigee.DecoderDefinition: perigee.Definition
---@field columns { name: string, type: perigee.ColumnType }[]|nil when these are all
---@field open fun(params: table): perigee.DecodeFunction|{ decode: function, split: function? }

---@class perigee.EncoderDefinition: perigee.Definition
---@field open fun(params: table): (fun(batch: perigee.Batch): string)|{ encode: function, finish: function? }

---Stages and codecs written in Lua.
---@class perigee.Define
p.define = {}

---@param definition perigee.SourceDefinition
---@return fun(params: any): perigee.Stage
function p.define.source(definition) end

---@param definition perigee.TransformDefinition
---@return fun(params: any): perigee.Stage
function p.define.transform(definition) end

---@param definition perigee.SinkDefinition
---@return fun(params: any): perigee.Stage
function p.define.sink(definition) end

---Makes a decoder for `decode "name"`.
---@param definition perigee.DecoderDefinition
function p.define.decoder(definition) end

---Makes an encoder for `as = "name"`.
---@param definition perigee.EncoderDefinition
function p.define.encoder(definition) end

-- Tools ----------------------------------------------------------------------

---A batch of rows given as tables.
---@param rows table[]
---@return perigee.Batch
function p.batch(rows) end

---A typed array: so many zeros, the values of a list, or the bytes of a string.
---@param type perigee.IntegerType|"f32"|"f64"|"time"
---@param values integer|number[]|string
---@return perigee.Buffer? buffer nil: no memory
---@return string? message
function p.buffer(type, values) end

---Reads an environment variable. Its value is shown in no plan and no message.
---@generic T
---@param name string
---@param default T?
---@return string|T
function p.env(name, default) end

---Writes to the log, on stderr.
---@param level "debug"|"info"|"warn"|"error"|string the text, when it is the only argument
---@param text string?
function p.log(level, text) end

-- In specs (`perigee test`) ---------------------------------------------------

---@class perigee.RunOptions
---@field workers integer? threads; one for each core when not given
---@field batch_rows integer? at most so many rows in a batch

---Checks and runs a plan at once. Not in config scripts.
---@param plan perigee.Plan|perigee.Pipeline|perigee.Part
---@param options perigee.RunOptions?
---@return table? result
---@return string? message
---@return string? kind
function p.run(plan, options) end

---Runs a chain that has no sink; the rows that come out. Not in config scripts.
---@param chain perigee.Part
---@param options perigee.RunOptions?
---@return table[]? rows
---@return table|string result, or a message
function p.collect(chain, options) end

-- Data -----------------------------------------------------------------------

---One row, seen in place: reading and writing a field reads and writes the column.
---Null reads as nil, a time as nanoseconds since 1970, JSON as its text. A name that is new becomes
---a column; the first value decides its type. Valid only within the function that it is given to.
---@class perigee.Row
---@field [string] any

---A table of rows in columns: `batch.status` is a column, or nil. What a function of `batches`,
---`write` or `encode` gets is released when it returns (`batch:slice(1)` keeps the rows); what it
---returns belongs to the pipeline.
---@class perigee.Batch
---@field rows integer
---@field [string] perigee.Column
---@operator len: integer
local Batch = {}

---The column; raises when there is none.
---@param name string
---@return perigee.Column
function Batch:column(name) end

---@return string[]
function Batch:names() end

---Rows first to last, sharing the memory.
---@param first integer
---@param last integer? the last row when not given
---@return perigee.Batch
function Batch:slice(first, last) end

---These rows, in this order, copied.
---@param rows integer[]
---@return perigee.Batch
function Batch:pick(rows) end

---The same rows with columns added or replaced: a column, a list (nil is null), or one value for
---all rows.
---@param columns table<string, perigee.Column|any[]|string|number|boolean>
---@return perigee.Batch
function Batch:with(columns) end

---@return table<string, any>[]
function Batch:totable() end

---Gives the memory back; a `<close>` variable does so at the end of its block.
function Batch:release() end

---One column: `column[i]`, from 1. Null reads as nil; what is out of range or released raises.
---@class perigee.Column
---@field [integer] any
---@field name string
---@field type perigee.ColumnType
---@operator len: integer
local Column = {}

---Rows first to last, sharing the memory.
---@param first integer
---@param last integer? the last row when not given
---@return perigee.Column
function Column:slice(first, last) end

---A column of what the function gives for each value.
---@param fn fun(value: any): any
---@return perigee.Column
function Column:map(fn) end

---@return any[]
function Column:totable() end

---The values as a buffer over the same memory, to be read.
---@return perigee.Buffer
function Column:buffer() end

---The address of the first value.
---@return integer
function Column:address() end

---Gives the memory of a column back that slice() or map() made.
function Column:release() end

---A typed array with a direct address, from 1. What is out of range, does not fit or is released
---raises. Functions of plugins take it as buf_T (to write) and list_T (to read).
---@class perigee.Buffer
---@field [integer] number
---@field type string
---@operator len: integer
local Buffer = {}

---The same memory: each step-th element of first to last.
---@param first integer
---@param last integer? the last element when not given
---@param step integer? 1 when not given
---@return perigee.Buffer
function Buffer:slice(first, last, step) end

---Sets every element.
---@param value number
---@return perigee.Buffer self
function Buffer:fill(value) end

---The same values in memory of their own.
---@return perigee.Buffer
function Buffer:copy() end

---A buffer of what the function gives for each value.
---@param fn fun(value: number): number
---@return perigee.Buffer
function Buffer:map(fn) end

---@return number[]
function Buffer:totable() end

---The bytes, in the order of this machine.
---@return string
function Buffer:bytes() end

---The address of the first element.
---@return integer
function Buffer:address() end

---A column that shares the memory; from then on the buffer can only be read.
---@param name string
---@return perigee.Column
function Buffer:column(name) end

---Gives the memory back, also that of its slices; a `<close>` variable does so at the end of its block.
function Buffer:release() end

return p

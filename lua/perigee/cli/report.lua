-- report.lua - what the program says on stderr: problems, and how a run went.

local core = require "perigee.core"
local expressions = require "perigee.plan.expressions"
local origin = require "perigee.origin"
local params = require "perigee.params"
local schema = require "perigee.plan.schema"
local session_module = require "perigee.session"

local report = {}

local TEXT_MAX <const> = 72 -- of a malformed row

local colors <const> = { red = "\27[31m", yellow = "\27[33m", bold = "\27[1m" }

---@class perigee.Report
---@field quiet boolean
---@field color boolean
---@field write fun(text: string) where lines go
local Report = {}
Report.__index = Report

--- Makes a report for these options.
---@param options { quiet: boolean?, no_color: boolean?, write: fun(text: string)? }
---@return perigee.Report
function report.new(options)
  local no_color = os.getenv "NO_COLOR"
  return setmetatable({
    quiet = options.quiet or false,
    write = options.write or function(text) io.stderr:write(text) end,
    color = not options.no_color and (no_color == nil or no_color == "") and core.isatty(2),
  }, Report)
end

function Report:paint(color, text)
  return self.color and colors[color] .. text .. "\27[0m" or text
end

--- Writes one line to stderr.
---@param text string
function Report:line(text)
  self.write(text .. "\n")
end

--- An error of the program.
---@param text string
function Report:error(text)
  self:line(self:paint("red", "perigee: ") .. text)
end

--- A warning; -q leaves it out.
---@param text string
function Report:warn(text)
  if not self.quiet then
    self:line(self:paint("yellow", "perigee: warning: ") .. text)
  end
end

--- Every problem of a session, in the order of the script, and how many.
---@param session perigee.Session
function Report:problems(session)
  local list = session:sorted()
  for _, problem in ipairs(list) do
    local at = self:paint("bold", problem.at .. ":")
    local rest = session_module.format(problem):sub(#problem.at + 2)
    self:line(at .. rest)
  end
  if #list > 1 then
    self:error(("%d problems"):format(#list))
  end
end

-- Bytes that a terminal would act on are shown as escapes.
local function printable(text)
  text = text:gsub("%c", function(c)
    return c == "\t" and " " or ("\\x%02x"):format(c:byte())
  end)
  if not utf8.len(text) then
    text = text:gsub("[\128-\255]", function(c) return ("\\x%02x"):format(c:byte()) end)
  end
  if utf8.len(text) > TEXT_MAX then
    text = text:sub(1, utf8.offset(text, TEXT_MAX - 2) - 1) .. "..."
  end
  return text
end

local function place(sample)
  if sample.line and sample.line > 0 then
    return ("%s:%d"):format(sample.stream, sample.line)
  end
  local byte = sample.byte or 0
  return byte > 0 and ("%s: byte %d"):format(sample.stream, byte) or sample.stream
end

local function count(number, one, many)
  return ("%d %s"):format(number, number == 1 and one or many)
end

--- The malformed rows of a run.
---@param result table from core.run
---@param failure string? why the run failed: a row that is told there is not told again
function Report:rejects(result, failure)
  local samples = result.reject_samples or {}
  if self.quiet or (result.rejects or 0) == 0 then
    return
  elseif failure and result.rejects == 1 and samples[1]
    and failure:find(samples[1].why, 1, true) then
    return
  end
  self:warn(count(result.rejects, "malformed row was left out", "malformed rows were left out"))
  for _, sample in ipairs(samples) do
    self:line(("  %s: %s"):format(place(sample), sample.why))
    if sample.text and sample.text ~= "" then
      self:line("    " .. printable(sample.text))
    end
  end
  if result.rejects > #samples then
    self:line(("  ... and %d more"):format(result.rejects - #samples))
  end
end

-- The first stage that reads a column which nobody after it needs.
local function reader_of(nodes, name)
  local found
  for _, node in ipairs(nodes) do
    if node.names_read[name] and not node.named[name] then
      local _, line = origin.split(node.at)
      if not found or line < found.line then
        found = { line = line, text = ("%s: %s: "):format(node.at, node.label) }
      end
    end
  end
  return found and found.text
end

-- What was probably meant: a column of another name, or an expression over those
-- that there are.
local function hint(name, columns)
  local known = schema.new {}
  for _, column in ipairs(columns) do
    schema.add(known, column, "any")
  end
  local advice, ast = expressions.instead(name)
  if advice and #expressions.missing(ast, known) == 0 then
    return "; " .. advice
  end
  return params.did_you_mean(name, columns)
end

--- Columns that the plan reads and that never came, in the form of a check.
---@param result table from core.run
---@param nodes perigee.Node[]
function Report:absent(result, nodes)
  local told = {}
  local function warn(name, reader, columns)
    if not told[reader .. name] then
      told[reader .. name] = true
      self:warn(("%scolumn '%s' never appeared%s"):format(reader, name, hint(name, columns or {})))
    end
  end
  for _, name in ipairs(result.absent or {}) do
    warn(name, reader_of(nodes, name) or "", result.present)
  end
  for _, missed in ipairs(result.missed or {}) do
    warn(missed.name, reader_of(nodes, missed.name) or ("%s: %s: "):format(missed.at, missed.label),
      missed.columns)
  end
end

-- What the stages counted, each in the order in which it began.
local function print_counts(self, result, nodes)
  for i, counts in ipairs(result.counts or {}) do
    local parts = {}
    for k = 1, #counts, 2 do
      parts[#parts + 1] = ("%d %s"):format(counts[k + 1], counts[k])
    end
    if #parts > 0 then
      self:line(("  %s: %s: %s"):format(nodes[i].at, nodes[i].label, table.concat(parts, ", ")))
    end
  end
end

--- Rows and time, and what the stages counted, for -v.
---@param result table from core.run
---@param nodes perigee.Node[]
function Report:totals(result, nodes)
  local seconds = math.max(result.seconds or 0, 1e-9)
  self:line(("perigee: %s in, %s out, %.1f MB in %.2f s (%.0f rows/s, %.0f MB/s)"):format(
    count(result.rows_in or 0, "row", "rows"), count(result.rows_out or 0, "row", "rows"),
    (result.bytes_in or 0) / 1e6, seconds, (result.rows_in or 0) / seconds,
    (result.bytes_in or 0) / 1e6 / seconds))
  print_counts(self, result, nodes)
end

return report

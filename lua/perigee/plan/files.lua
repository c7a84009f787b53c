-- files.lua - no file of a plan may be read and written, or written twice, and
-- every path must be one.
--
-- A sink empties its file when the run starts: what the plan was to read would
-- be gone, without a word.  Nothing is opened here.

local core = require "perigee.core"

local files = {}

local function is_file(stage)
  local entry = stage.entry
  return entry and entry.plugin_name == "files" and entry.name == "file"
end

-- Paths that a source reads, as texts.
local function read_paths(node)
  if node.kind ~= "source" or not is_file(node.stage) then
    return {}
  end
  local path = node.stage.params.path
  return type(path) == "table" and path or { path }
end

-- What is wrong with the words themselves: no file is opened here.
local function check_paths(session, node)
  local host, stage = node.kind == "decode" and node.stage.host or {}, node.stage
  local reads = node.kind == "source" and is_file(stage)
  local path = node.kind == "sink" and is_file(stage) and stage.params.path or nil
  local function problem(text)
    session:problem(node.at, node.label, text)
  end
  local function check(name, value)
    if value == "" then
      problem(("parameter '%s' is empty"):format(name))
    elseif type(value) == "string" and value:find("\0", 1, true) then
      problem(("parameter '%s' holds a zero byte"):format(name))
    end
  end
  local from_stdin = 0
  for _, one in ipairs(read_paths(node)) do
    check("path", one)
    from_stdin = from_stdin + (one == "-" and 1 or 0)
  end
  check("path", path)
  check("rejects", host.rejects)
  if reads and type(stage.params.path) == "table" and #stage.params.path == 0 then
    problem "parameter 'path' names no file"
  elseif from_stdin > 1 then
    problem "parameter 'path': '-' is there twice"
  elseif path == "-" then
    problem "parameter 'path': '-' is no file; stdout() writes to the standard output"
  elseif host.rejects == "-" then
    problem "parameter 'rejects': '-' is no file"
  end
end

-- Calls `visit` with each path that a node writes to.
local function each_written(node, visit)
  local stage = node.stage
  if node.kind == "sink" and is_file(stage) then
    visit(stage.params.path, stage.params.append == true)
  elseif node.kind == "decode" and stage.host then
    visit(stage.host.rejects, false)
  end
end

local function keys_of(path, ...)
  return path ~= "-" and path ~= "" and core.file_keys(path, ...) or {}
end

local function readers_of(nodes)
  local readers = {}
  for _, node in ipairs(nodes) do
    for _, path in ipairs(read_paths(node)) do
      for _, key in ipairs(keys_of(path, true)) do
        readers[key] = readers[key] or node
      end
    end
  end
  return readers
end

local function shown(session, path)
  local variable = session.secrets[path]
  return variable and ("env(%q)"):format(variable) or ("'%s'"):format(path)
end

--- Notes paths that are none, and files that are read and written, or written by
--- two stages (adding to one file is fine).
---@param session perigee.Session
---@param nodes perigee.Node[]
function files.run(session, nodes)
  local readers, writers = readers_of(nodes), {}
  for _, node in ipairs(nodes) do
    check_paths(session, node)
    each_written(node, function(path, append)
      for _, key in ipairs(type(path) == "string" and keys_of(path) or {}) do
        local reader, writer = readers[key], writers[key]
        local other = reader or writer and not (append and writer.append) and writer.node
        if other then
          session:problem(node.at, node.label, ("%s is also %s by %s (%s)"):format(
            shown(session, path), reader and "read" or "written", other.label, other.at))
        end
        writers[key] = writer or { node = node, append = append }
      end
    end)
  end
end

return files

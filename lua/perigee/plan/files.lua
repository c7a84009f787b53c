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

local function check_paths(session, node)
  for _, path in ipairs(read_paths(node)) do
    if path == "" then
      session:problem(node.at, node.label, "parameter 'path' is empty")
    end
  end
  local path = node.kind == "sink" and is_file(node.stage) and node.stage.params.path
  if path == "" then
    session:problem(node.at, node.label, "parameter 'path' is empty")
  elseif path == "-" then
    session:problem(node.at, node.label,
      "parameter 'path': '-' is no file; stdout() writes to the standard output")
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

-- plugins.lua - where plugins are, and which one has what.
--
-- Directories are searched in order: --plugin-dir, the config's directory and
-- its plugins/, PERIGEE_PATH, the installed directory.  A file is described
-- without running it, when one of its names is used and that names.lua does not
-- know already; it is loaded when the first stage needs it.

local core = require "perigee.core"
local params = require "perigee.params"

local plugins = {}

---@class perigee.Plugins
---@field dirs string[] searched in this order
---@field base string what a name with "/" is relative to
---@field files table[]? the index: {path=, stem=, description=} or {path=, message=}
---@field memory perigee.Names? what is remembered of files; nil: they are described
---@field recalled boolean? some descriptions of the index have names only
---@field loaded table<string, userdata> path -> plugin
---@field described table<string, table> name -> description of a loaded plugin
---@field warnings string[] names that two plugins have
---@field probing boolean try plugins in a process of their own before they are loaded
---@field shipped table<string, boolean> the directories whose plugins need no probe
---@field probed table<string, string> path -> "" or why not
local Plugins = {}
Plugins.__index = Plugins

local function is_absolute(path)
  return path:sub(1, 1) == "/"
end

local function join(dir, name)
  if is_absolute(name) or dir == "." then
    return name
  end
  return dir:gsub("/$", "") .. "/" .. name:gsub("^%./", "")
end

-- An installed program has its plugins beside it; a build tree in native/.
local function add_installed(dirs)
  local prefix, shipped = core.exec_dir, {}
  for _, dir in ipairs { prefix .. "/../lib/perigee/v1", prefix .. "/native" } do
    dirs[#dirs + 1] = dir
    shipped[dir] = true
  end
  return shipped
end

--- Makes an index; nothing is read yet.
---@param options { dirs: string[]?, config_dir: string?, path: string?, probe: boolean?, memory: table? }
--- dirs: --plugin-dir; path: PERIGEE_PATH.  Without a config, bare names are not
--- looked for in the working directory.
---@return perigee.Plugins
function plugins.new(options)
  local dirs = {}
  for _, dir in ipairs(options.dirs or {}) do
    dirs[#dirs + 1] = dir
  end
  if options.config_dir then
    dirs[#dirs + 1] = options.config_dir
    dirs[#dirs + 1] = join(options.config_dir, "plugins")
  end
  for dir in (options.path or ""):gmatch "[^:]+" do
    dirs[#dirs + 1] = dir
  end
  local shipped = add_installed(dirs)
  return setmetatable({
    dirs = dirs, base = options.config_dir or ".", loaded = {}, described = {},
    warnings = {}, probing = options.probe or false, shipped = shipped, probed = {},
    memory = options.memory,
  }, Plugins)
end

local kinds <const> = {
  { "source", "sources" }, { "sink", "sinks" }, { "decoder", "decoders" },
  { "encoder", "encoders" }, { "kernel", "kernels" },
}

function Plugins:add_items(entry)
  for _, kind in ipairs(kinds) do
    local one, many = kind[1], kind[2]
    for _, item in ipairs(entry.description[many] or {}) do
      local known = self.items[one][item.name]
      if known and known.path ~= entry.path then
        self.warnings[#self.warnings + 1] = ("%s '%s' is in '%s' and in '%s'; the first is used")
          :format(one, item.name, known.path, entry.path)
      elseif not known then
        self.items[one][item.name] = { kind = one, name = item.name,
          item = not entry.recalled and item or nil, path = entry.path, plugin_name = entry.description.name }
      end
    end
  end
end

-- Two files of one name, or that say the same name, and differ in content.
function Plugins:warn_of_names(entry, by_stem)
  local description = entry.description
  local first = by_stem or self.by_name[description.name]
  if first and (first.description.sha256 ~= description.sha256 or not description.sha256) then
    self.warnings[#self.warnings + 1] = ("plugin '%s' is '%s' and '%s'; %s")
      :format(by_stem and entry.stem or description.name, first.path, entry.path,
        by_stem and "the first is used" or "give one of them another name")
  end
end

-- A description, of which the names are enough.
function Plugins:recall(path)
  local stamp = self.memory and core.stamp(path)
  local known = stamp and self.memory:find(path, stamp)
  if known then
    self.recalled = true
    return known, nil, true
  end
  local description, message = core.describe(path)
  if stamp and description then
    self.memory:note(path, stamp, description)
  end
  return description, message, false
end

function Plugins:add_file(path, stem, seen)
  local description, message, recalled = self:recall(path)
  local entry = { path = path, stem = stem, description = description, message = message,
    recalled = recalled }
  self.files[#self.files + 1] = entry
  if description then
    self:warn_of_names(entry, seen[stem])
  end
  if not description or seen[stem] then
    entry.shadowed = seen[stem] and seen[stem].path
    return
  end
  seen[stem] = entry
  self.by_name[description.name] = self.by_name[description.name] or entry
  self:add_items(entry)
end

--- Reads the directories, once.
---@return table[] files
function Plugins:index()
  if self.files then
    return self.files
  end
  self.files, self.items, self.by_name = {}, {}, {}
  for _, kind in ipairs(kinds) do
    self.items[kind[1]] = {}
  end
  local seen = {}
  for _, dir in ipairs(self.dirs) do
    local names = core.list_dir(dir) or {}
    table.sort(names)
    for _, name in ipairs(names) do
      local stem = name:match "^([^.].*)%.so$"
      if stem then
        self:add_file(join(dir, name), stem, seen)
      end
    end
  end
  if self.memory then
    self.memory:write()
  end
  return self.files
end

-- The index from the files themselves: what was remembered is not so, or not all.
function Plugins:index_anew()
  self.files, self.memory, self.recalled = nil, nil, false
  for i in ipairs(self.warnings) do
    self.warnings[i] = nil
  end
  self:index()
end

-- Gives the entries of a file their items, when they have their names only.
function Plugins:describe_items(path)
  local description = core.describe(path) or {}
  for _, kind in ipairs(kinds) do
    for _, item in ipairs(description[kind[2]] or {}) do
      local entry = self.items[kind[1]][item.name]
      if entry and entry.path == path then
        entry.item = entry.item or item
      end
    end
  end
end

-- Stages share their names: who asks for a source may find a kernel next.
function Plugins:is_other_stage(kind, name)
  local items = self.items
  return (kind == "source" or kind == "kernel" or kind == "sink")
    and (items.source[name] or items.kernel[name] or items.sink[name])
end

--- Finds what a stage or codec is made of.
---@param kind "source"|"sink"|"decoder"|"encoder"|"kernel"
---@param name string
---@return table? entry {kind, name, item, path, plugin_name}
function Plugins:find(kind, name)
  self:index()
  local entry = self.items[kind][name]
  if entry and not entry.item then
    self:describe_items(entry.path)
  end
  local missing = not entry and not self:is_other_stage(kind, name)
  if self.recalled and (missing or entry and not entry.item) then
    self:index_anew()
    entry = self.items[kind][name]
  end
  return entry
end

--- The names of all items of a kind, sorted.
---@param kind "source"|"sink"|"decoder"|"encoder"|"kernel"
---@return string[]
function Plugins:names(kind)
  self:index()
  local names = {}
  for name in pairs(self.items[kind]) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The file of a plugin, given by name or, with a "/", by path.
---@param name string
---@return string? path
---@return string? message
function Plugins:locate(name)
  if name:find("/", 1, true) then
    return join(self.base, name)
  end
  local stem = name:gsub("%.so$", "")
  local stems = {}
  for _, file in ipairs(self:index()) do
    if file.stem == stem then
      return file.path
    end
    stems[#stems + 1] = file.stem
  end
  return nil, ("no plugin '%s' in %s%s"):format(name, table.concat(self.dirs, ", "),
    params.did_you_mean(name, stems))
end

local function has_item(description, name)
  for _, group in ipairs { "aggregates", "functions", "classes" } do
    for _, item in ipairs(description[group] or {}) do
      if item.name == name then
        return true
      end
    end
  end
  return false
end

--- The file of the plugin that has an item of this name.
---@param name string
---@return string? path
function Plugins:locate_item(name)
  local files = self:index()
  for _, kind in ipairs(kinds) do
    local entry = self.items[kind[1]][name]
    if entry then
      return entry.path
    end
  end
  for _, file in ipairs(files) do
    if file.description and not file.shadowed and has_item(file.description, name) then
      return file.path
    end
  end
  return nil
end

--- Tries a file in a process of its own, when that is wanted and it was not
--- shipped with this program.
---@param path string
---@return boolean ok
---@return string? message
function Plugins:probe(path)
  if not self.probing or self.shipped[path:match "^(.*)/"] then
    return true
  end
  if not self.probed[path] then
    local ok, message = core.probe(path)
    self.probed[path] = ok and "" or message
  end
  return self.probed[path] == "", self.probed[path]
end

--- Loads a file, once.
---@param path string
---@return userdata? plugin
---@return string? message
function Plugins:load(path)
  if not self.loaded[path] then
    local ok, why = self:probe(path)
    if not ok then
      return nil, why
    end
    local plugin, message = core.load(path)
    if not plugin then
      return nil, message
    end
    self.loaded[path] = plugin
  end
  return self.loaded[path]
end

--- The description of a plugin by name, loaded so that it holds natives.
---@param name string
---@return table? description
---@return string? message
function Plugins:describe_loaded(name)
  if self.described[name] then
    return self.described[name]
  end
  local path, message = self:locate(name)
  if not path then
    return nil, message
  end
  local plugin, why = self:load(path)
  if not plugin then
    return nil, why
  end
  self.described[name] = plugin:describe()
  return self.described[name]
end

--- Every overload of an aggregate: of the script's plugins, then the shipped.
---@param name string
---@param opened table[] descriptions of the plugins that the script loaded
---@return table[] overloads
---@return string[] names of all aggregates
function Plugins:aggregates(name, opened)
  local found, names, seen = {}, {}, {}
  local function add(description)
    for _, item in ipairs(description and description.aggregates or {}) do
      if item.name == name then
        found[#found + 1] = item
      end
      if not seen[item.name] then
        seen[item.name] = true
        names[#names + 1] = item.name
      end
    end
  end
  for _, description in ipairs(opened) do
    add(description)
  end
  if #found == 0 then
    add(self:describe_loaded("aggregates"))
  end
  return found, names
end

return plugins

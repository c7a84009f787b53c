-- cli/plugins.lua - `perigee plugins`: what is found, and what it holds.

local core = require "perigee.core"
local json = require "perigee.json"
local params = require "perigee.params"
local plugins = require "perigee.plugins"

local command = {}

local function range_text(param)
  if param.choices and #param.choices > 0 then
    return "one of " .. table.concat(param.choices, ", ")
  elseif param.low or param.high then
    return ("%s to %s"):format(param.low or "...", param.high or "...")
  end
  return nil
end

local function typed(list)
  local parts = {}
  for i, item in ipairs(list or {}) do
    local range = range_text(item)
    parts[i] = ("%s: %s%s"):format(item.name, item.type, range and " " .. range or "")
  end
  return table.concat(parts, ", ")
end

local function add_doc(lines, doc, indent)
  for line in (doc or ""):gmatch "[^\n]+" do
    lines[#lines + 1] = indent .. line
  end
end

local function default_text(value)
  if type(value) == "table" then
    local parts = {}
    for i, item in ipairs(value) do
      parts[i] = params.show(item)
    end
    return #parts == 0 and "{}" or "{ " .. table.concat(parts, ", ") .. " }"
  end
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

local function add_params(lines, list)
  for _, param in ipairs(list or {}) do
    local notes = {}
    notes[#notes + 1] = param.required and "required" or nil
    if param.default ~= nil then
      notes[#notes + 1] = "default " .. default_text(param.default)
    end
    notes[#notes + 1] = range_text(param)
    local note = #notes > 0 and (" (%s)"):format(table.concat(notes, "; ")) or ""
    lines[#lines + 1] = ("      %s: %s%s"):format(param.name, param.type, note)
    add_doc(lines, param.doc, "        ")
  end
end

local function add_functions(lines, list, word)
  for _, fn in ipairs(list or {}) do
    lines[#lines + 1] = ("  %s %s(%s) -> %s"):format(word, fn.name, typed(fn.args), fn.returns)
    add_doc(lines, fn.doc, "      ")
  end
end

local function add_classes(lines, list)
  for _, class in ipairs(list or {}) do
    lines[#lines + 1] = ("  class %s(%s)%s"):format(class.name, typed(class.args),
      class.view and ", with elements" or "")
    add_doc(lines, class.doc, "      ")
    for _, field in ipairs(class.fields) do
      lines[#lines + 1] = ("      .%s: %s"):format(field.name, field.type)
      add_doc(lines, field.doc, "        ")
    end
    for _, method in ipairs(class.methods) do
      lines[#lines + 1] = ("      :%s(%s) -> %s"):format(method.name, typed(method.args),
        method.returns)
      add_doc(lines, method.doc, "        ")
    end
  end
end

local function add_types(lines, list)
  for _, item in ipairs(list or {}) do
    if item.word ~= "params" then -- those are shown with their stages
      lines[#lines + 1] = ("  %s %s"):format(item.word, item.name)
      for _, field in ipairs(item.fields) do
        lines[#lines + 1] = ("      %s: %s"):format(field.name, field.type)
        add_doc(lines, field.doc, "        ")
      end
    end
  end
end

local function add_kernels(lines, list)
  for _, kernel in ipairs(list or {}) do
    local outputs = typed(kernel.outputs)
    if outputs == "" then
      outputs = "rows of the input"
    elseif kernel.adds then
      outputs = "the input and " .. outputs
    end
    local inputs = typed(kernel.inputs)
    lines[#lines + 1] = ("  kernel %s(%s) -> %s"):format(kernel.name,
      inputs == "" and "every column" or inputs, outputs)
    add_doc(lines, kernel.doc, "      ")
    add_params(lines, kernel.params)
  end
end

local function add_items(lines, list, word)
  for _, item in ipairs(list or {}) do
    local what = item.bytes == nil and "" or item.bytes and " of bytes" or " of rows"
    lines[#lines + 1] = ("  %s %s%s"):format(word, item.name, what)
    add_doc(lines, item.doc, "      ")
    add_params(lines, item.params)
  end
end

--- Everything about one plugin, as text.
---@param description table
---@return string
function command.details(description)
  local lines = {
    ("%s %s, ABI %d.%d, %s, by %s"):format(description.name, description.version,
      description.abi.major, description.abi.minor, description.license, description.author),
    "  " .. description.path,
  }
  if description.missing and #description.missing > 0 then
    lines[#lines + 1] = ("  cannot be loaded here, for want of '%s'")
      :format(table.concat(description.missing, "', '"))
  end
  add_doc(lines, description.about, "  ")
  add_items(lines, description.sources, "source")
  add_items(lines, description.decoders, "decoder")
  add_kernels(lines, description.kernels)
  add_items(lines, description.encoders, "encoder")
  add_items(lines, description.sinks, "sink")
  add_functions(lines, description.aggregates, "aggregate")
  add_functions(lines, description.functions, "function")
  add_types(lines, description.types)
  add_classes(lines, description.classes)
  return table.concat(lines, "\n") .. "\n"
end

local groups <const> = {
  "sources", "decoders", "kernels", "encoders", "sinks", "aggregates", "functions",
  "classes",
}

local function summary(description)
  local parts = {}
  for _, group in ipairs(groups) do
    local names, seen = {}, {}
    for _, item in ipairs(description[group] or {}) do
      if not seen[item.name] then
        seen[item.name] = true
        names[#names + 1] = item.name
      end
    end
    if #names > 6 then
      names = { ("%d"):format(#names) }
    end
    if #names > 0 then
      parts[#parts + 1] = ("%s %s"):format(group, table.concat(names, " "))
    end
  end
  return table.concat(parts, "; ")
end

local function plain(description)
  local copy = { path = description.path, abi = description.abi }
  for _, key in ipairs { "name", "version", "author", "license", "about", "sha256" } do
    copy[key] = description[key]
  end
  copy.missing = description.missing and json.list(description.missing)
  for _, key in ipairs { "types", table.unpack(groups) } do
    copy[key] = json.list(description[key] or {})
    for _, item in ipairs(copy[key]) do
      for _, list in ipairs { "params", "args", "inputs", "outputs", "fields", "methods", "hooks" } do
        if item[list] then
          json.list(item[list])
        end
      end
    end
  end
  return copy
end

local function list_all(index, options, report)
  local found, refused = json.list {}, json.list {}
  for _, file in ipairs(index:index()) do
    local ok, why = file.description, file.message
    if ok and not file.shadowed then
      ok, why = index:probe(file.path)
    end
    if not ok then
      refused[#refused + 1] = { path = file.path, message = why }
    elseif not file.shadowed then
      found[#found + 1] = plain(file.description)
    end
  end
  if options.json then
    io.stdout:write(json.encode { plugins = found, refused = refused }, "\n")
    return 0
  end
  for _, description in ipairs(found) do
    io.stdout:write(("%-12s %-8s ABI %d.%d  %s\n"):format(description.name, description.version,
      description.abi.major, description.abi.minor, summary(description)))
  end
  for _, warning in ipairs(index.warnings) do
    report:warn(warning)
  end
  for _, file in ipairs(refused) do
    report:warn(("refused: %s"):format(file.message))
  end
  if #found == 0 then
    report:line("perigee: no plugins in " .. table.concat(index.dirs, ", "))
  end
  return 0
end

local function missing_of(path)
  local names, message = core.missing(path)
  if not names then
    return nil, message
  end
  local list = {}
  for name in names:gmatch "[^\n]+" do
    list[#list + 1] = name
  end
  return list
end

--- Lists the plugins, or shows one.
---@param options perigee.Arguments
---@param report perigee.Report
---@return integer exit code
function command.run(options, report)
  local index = plugins.new {
    dirs = options.plugin_dir, path = os.getenv "PERIGEE_PATH", probe = options.probe,
  }
  if not options.name then
    return list_all(index, options, report)
  end
  local path, message = index:locate(options.name)
  path = path or index:locate_item(options.name)
  if not path then
    report:error(message)
    return 2
  end
  local description, why = core.describe(path)
  local ok
  if description then
    ok, why = index:probe(path)
  end
  if not ok then
    report:error(why)
    return 4
  end
  description.missing, why = missing_of(description.path)
  if not description.missing then
    report:warn("its libraries were not looked for: " .. why)
  end
  if options.json then
    io.stdout:write(json.encode(plain(description)), "\n")
  else
    io.stdout:write(command.details(description))
  end
  return 0
end

return command

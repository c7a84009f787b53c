-- json.lua - Lua values as JSON text, for `--json`.  Keys are sorted, so that
-- two outputs can be compared.

local json = {}

local escapes <const> = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

local function string_text(text)
  return '"' .. text:gsub('[%c"\\\127]', function(c)
    return escapes[c] or ("\\u%04x"):format(c:byte())
  end) .. '"'
end

local function number_text(number)
  if math.type(number) == "integer" then
    return tostring(number)
  elseif number ~= number or number == math.huge or number == -math.huge then
    return "null"
  end
  local text = ("%.15g"):format(number)
  return tonumber(text) == number and text or ("%.17g"):format(number)
end

local write

local function list_text(list, indent)
  local parts = {}
  for i, value in ipairs(list) do
    parts[i] = indent .. "  " .. write(value, indent .. "  ")
  end
  if #parts == 0 then
    return "[]"
  end
  return "[\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "]"
end

local function object_text(object, indent)
  local keys, parts = {}, {}
  for key in pairs(object) do
    keys[#keys + 1] = tostring(key)
  end
  table.sort(keys)
  for i, key in ipairs(keys) do
    parts[i] = ("%s  %s: %s"):format(indent, string_text(key), write(object[key], indent .. "  "))
  end
  return #parts == 0 and "{}" or "{\n" .. table.concat(parts, ",\n") .. "\n" .. indent .. "}"
end

local lists <const> = setmetatable({}, { __mode = "k" })

--- Marks a table as a list, so that an empty one is written as [].
---@param list table
---@return table list
function json.list(list)
  lists[list] = true
  return list
end

function write(value, indent)
  local kind = type(value)
  if kind == "table" then
    if lists[value] or value[1] ~= nil then
      return list_text(value, indent)
    end
    return object_text(value, indent)
  elseif kind == "string" then
    return string_text(value)
  elseif kind == "number" then
    return number_text(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  return "null"
end

--- Writes a value, indented by two spaces a level.
---@param value any
---@return string
function json.encode(value)
  return write(value, "")
end

return json

-- types.lua - the types that a plugin declares and uses, in an order in which they
-- can be declared again.

local types = {}

local one <const> = {
  bool = true, i8 = true, u8 = true, i16 = true, u16 = true, i32 = true, u32 = true, i64 = true,
  u64 = true, f32 = true, f64 = true, time = true, str = true, bin = true, json = true,
  char = true, none = true, pair = true,
}

---@class perigee.gen.Type
---@field form "one"|"list"|"opt"|"buf"|"obj"|"new"|"record"|"variant"
---@field name string
---@field inner string? of list, opt, buf: of what; of obj, new: of which class
---@field item table? of record, variant: its description

--- What a type name means in a plugin.
---@param description table
---@param name string
---@return perigee.gen.Type
function types.parse(description, name)
  for _, item in ipairs(description.types) do
    if item.name == name and item.word ~= "params" then
      return { form = item.word, name = name, item = item }
    end
  end
  local form, inner = name:match "^(%l+)_(.+)$"
  if form == "list" or form == "opt" or form == "buf" or form == "obj" or form == "new" then
    return { form = form, name = name, inner = inner }
  end
  return { form = "one", name = name }
end

--- Whether a type comes with the contract, and need not be declared.
---@param description table
---@param name string
---@return boolean
function types.is_known(description, name)
  local kind = types.parse(description, name)
  if kind.form == "obj" or kind.form == "new" then
    return true -- declared with its class
  elseif kind.inner then
    return one[kind.inner] or false
  end
  return kind.form == "one"
end

local function each_signature(description, visit)
  for _, list in ipairs { description.functions, description.aggregates } do
    for _, item in ipairs(list) do
      visit(item)
    end
  end
  for _, class in ipairs(description.classes) do
    visit(class)
    for _, method in ipairs(class.methods) do
      visit(method)
    end
  end
end

--- All types that a plugin has to declare, each after those that it is made of.
---@param description table
---@return perigee.gen.Type[]
function types.order(description)
  local list, seen, classes = {}, {}, {}
  for _, class in ipairs(description.classes) do
    classes[class.name] = true
  end
  local function visit(name)
    if seen[name] or types.is_known(description, name) then
      return
    end
    seen[name] = true
    local kind = types.parse(description, name)
    if kind.inner then
      visit(kind.inner)
    else
      for _, field in ipairs(kind.item.fields) do
        visit(field.type)
      end
    end
    list[#list + 1] = kind
  end
  for _, item in ipairs(description.types) do
    if item.word ~= "params" and not classes[item.name] then
      visit(item.name)
    end
  end
  each_signature(description, function(item)
    for _, arg in ipairs(item.args) do
      visit(arg.type)
    end
    for _, field in ipairs(item.fields or {}) do
      visit(field.type)
    end
    if item.returns then
      visit(item.returns)
    end
  end)
  return list
end

--- The classes whose objects are parameters or results, by name.
---@param description table
---@return table<string, boolean>
function types.given_classes(description)
  local found = {}
  local function visit(name)
    local kind = types.parse(description, name)
    if kind.form == "obj" or kind.form == "new" then
      found[kind.inner] = true
    end
  end
  each_signature(description, function(item)
    for _, arg in ipairs(item.args) do
      visit(arg.type)
    end
    visit(item.returns or "none")
  end)
  return found
end

--- Calls `visit` with every stage and codec, in the order in which they are shown.
---@param description table
---@param visit fun(item: table, kind: string)
function types.each_stage(description, visit)
  for _, kind in ipairs { "source", "decoder", "kernel", "encoder", "sink" } do
    for _, item in ipairs(description[kind .. "s"]) do
      visit(item, kind)
    end
  end
end

--- The default of a parameter, as a declaration spells it.
---@param param table
---@return string
function types.default(param)
  local value = param.default
  if param.required then
    return "required"
  elseif type(value) == "table" then
    return "{}"
  elseif type(value) == "string" then
    return types.quote(value)
  elseif math.type(value) == "float" then
    return ("%.17g"):format(value)
  end
  return tostring(value)
end

--- The bounds or choices of a parameter, as a declaration spells them; "": none.
---@param param table
---@return string
function types.range(param)
  if param.choices then
    local parts = {}
    for i, choice in ipairs(param.choices) do
      parts[i] = choice:find "^[%a_][%w_]*$" and choice or types.quote(choice)
    end
    return table.concat(parts, " | ")
  elseif param.low ~= nil or param.high ~= nil then
    return ("%s..%s"):format(param.low == nil and "" or tostring(param.low),
      param.high == nil and "" or tostring(param.high))
  end
  return ""
end

--- A name or version for a comment, where it can end nothing.
---@param text string
---@return string
function types.plain(text)
  return (text:gsub("[^%w._+-]", "?"))
end

--- A text as a literal of Lua or Rust.
---@param text string
---@return string
function types.quote(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    return c == "\n" and "\\n" or c == "\t" and "\\t" or c:find '["\\]' and "\\" .. c
      or ("\\x%02x"):format(c:byte())
  end) .. '"'
end

return types

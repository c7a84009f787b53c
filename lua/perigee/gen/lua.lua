-- lua.lua - `perigee gen lua`: what a plugin gives to scripts, as annotations for
-- editors that know LuaLS.
--
--   ---@type score
--   local score = p.load "score"

local types = require "perigee.gen.types"
local Writer = require "perigee.gen.writer"

local lua_types = {
  bool = "boolean", f32 = "number", f64 = "number", str = "string", bin = "string",
  json = "string", char = "string", none = "true", pair = "table<string, string>",
  time = "integer",
}
for _, name in ipairs { "i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64" } do
  lua_types[name] = "integer"
end

local keywords = {}
for word in ([[and break do else elseif end false for function goto if in local nil not or
  repeat return then true until while]]):gmatch "%a+" do
  keywords[word] = true
end

-- Only what a script can say is said: of several items with one name p.load gives
-- the first.
---@class perigee.gen.Lua: perigee.gen.Writer
---@field name string of the plugin
---@field module string what stands for it
---@field found table<string, boolean> names that have a function
local Lua = Writer.class(keywords)

function Lua:doc(text)
  for line in (text or ""):gmatch "[^\n]+" do
    self:add("---%s", (line:gsub("%c", " ")))
  end
end

-- A text as the rest of a line.
local function in_line(text)
  return ((text or ""):gsub("%c", " "))
end

-- What Lua calls a type.  Lists that are given may also be buffers.
function Lua:type(name, is_argument)
  local kind = types.parse(self.description, name)
  if kind.form == "opt" then
    return self:type(kind.inner, is_argument) .. "?"
  elseif kind.form == "buf" then
    return "perigee.Buffer"
  elseif kind.form == "list" and kind.inner == "pair" then
    return lua_types.pair
  elseif kind.form == "list" then
    local list = self:type(kind.inner) .. "[]"
    return is_argument and kind.inner:find "^[iuf]%d+$" and list .. "|perigee.Buffer" or list
  elseif kind.form == "obj" or kind.form == "new" then
    return ("%s.%s"):format(self.name, kind.inner)
  elseif kind.form == "record" or kind.form == "variant" then
    return ("%s.%s"):format(self.name, name)
  end
  return lua_types[name] or "any"
end

-- What an editor shows of a parameter behind its type.
local function param_note(param)
  local notes = {}
  if param.default ~= nil then
    notes[1] = "default " .. types.default(param)
  end
  local range = types.range(param)
  notes[#notes + 1] = range ~= "" and range or nil
  local note = #notes > 0 and (" (%s)"):format(table.concat(notes, "; ")) or ""
  return in_line(param.doc) .. note
end

function Lua:fields(list)
  for _, field in ipairs(list) do
    self:add("---@field %s %s %s", field.name, self:type(field.type), in_line(field.doc))
  end
end

-- The function of a module or object, after its annotations.
function Lua:finish(owner, name, args)
  if keywords[name] then
    self:add("%s[%q] = function(%s) end", owner, name, args)
  else
    self:add("function %s.%s(%s) end", owner, name, args)
  end
end

-- True the first time that a name comes.
function Lua:is_new(name)
  local new = not self.found[name]
  self.found[name] = true
  return new
end

function Lua:args(item, is_expression)
  local names = {}
  for i, arg in ipairs(item.args) do
    names[i] = keywords[arg.name] and arg.name .. "_" or arg.name
    self:add("---@param %s %s %s", names[i],
      is_expression and "perigee.Expression|number" or self:type(arg.type, true), arg.type)
  end
  return table.concat(names, ", ")
end

-- Items of one name, which follow one another, as one with overloads.
local function by_name(list)
  local all = {}
  for _, item in ipairs(list) do
    local last = all[#all]
    if last and last.name == item.name then
      last.overloads[#last.overloads + 1] = item
    else
      all[#all + 1] = setmetatable({ overloads = {} }, { __index = item })
    end
  end
  return all
end

function Lua:overload(item, returns)
  local args = {}
  for i, arg in ipairs(item.args) do
    args[i] = ("%s: %s"):format(arg.name, returns and "perigee.Expression|number"
      or self:type(arg.type, true))
  end
  self:add("---@overload fun(%s): %s", table.concat(args, ", "),
    returns or self:type(item.returns))
end

function Lua:functions()
  for _, item in ipairs(by_name(self.description.functions)) do
    self.found[item.name] = true
    self:add ""
    self:doc(item.doc)
    local args = self:args(item)
    self:add("---@return %s %s", self:type(item.returns), item.returns)
    for _, other in ipairs(item.overloads) do
      self:overload(other)
    end
    self:finish(self.module, item.name, args)
  end
end

function Lua:aggregate(item)
  self:add ""
  self:doc(item.doc)
  local args, seen = self:args(item, true), { [#item.args] = true }
  self:add "---@return perigee.Aggregate"
  for _, other in ipairs(item.overloads) do
    if not seen[#other.args] then -- the types of columns pick among the rest
      seen[#other.args] = true
      self:overload(other, "perigee.Aggregate")
    end
  end
  self:finish(self.module, item.name, args)
end

function Lua:aggregates()
  for _, item in ipairs(by_name(self.description.aggregates)) do
    if self:is_new(item.name) then
      self:aggregate(item)
    end
  end
end

-- The parameter that a value without a name is for.
local function main_of(params)
  for _, param in ipairs(params) do
    if param.required then
      return param
    end
  end
  return params[1]
end

function Lua:params(class, item, base)
  self:add ""
  self:add("---@class %s%s", class, base and ": " .. base or "")
  for _, param in ipairs(item.params) do
    local kind = self:type(param.type)
    if not param.required and kind:sub(-1) ~= "?" then
      kind = kind .. "?"
    end
    self:add("---@field %s %s %s", param.name, kind, param_note(param))
  end
end

function Lua:stage(item)
  local class = ("%s.%s_params"):format(self.name, item.name)
  local main = main_of(item.params)
  if main then
    self:params(class, item)
  end
  self:add ""
  self:doc(item.doc)
  if main then
    self:add("---@param params %s|%s%s", class, (self:type(main.type):gsub("%?$", "")),
      main.required and "" or "?")
  end
  self:add "---@return perigee.Stage"
  self:finish(self.module, item.name, main and "params" or "")
end

function Lua:stages()
  types.each_stage(self.description, function(item, kind)
    if kind == "decoder" or kind == "encoder" then
      self:params(("%s.%s_%s"):format(self.name, item.name, kind), item,
        kind == "decoder" and "perigee.Decode" or "perigee.Encoding")
    elseif self:is_new(item.name) then
      self:stage(item)
    end
  end)
end

function Lua:types()
  local classes = {}
  for _, class in ipairs(self.description.classes) do
    classes[class.name] = true
  end
  for _, item in ipairs(self.description.types) do
    if item.word ~= "params" and not classes[item.name] then
      self:add ""
      self:add("---@class %s.%s", self.name, item.name)
      for _, field in ipairs(item.fields) do
        local kind = self:type(field.type)
        if item.word == "variant" and kind:sub(-1) ~= "?" then
          kind = kind .. "?" -- exactly one is there
        end
        self:add("---@field %s %s %s", field.name, kind, in_line(field.doc))
      end
    end
  end
end

function Lua:class(class)
  local full = ("%s.%s"):format(self.name, class.name)
  self:add ""
  self:doc(class.doc)
  self:add("---@class %s", full)
  self:fields(class.fields)
  if class.view then
    self:add "---@field [integer] any"
  end
  self:add "local object = {}"
  for _, method in ipairs(class.methods) do
    self:add ""
    self:doc(method.doc)
    self:add("---@param self %s", full)
    local args = self:args(method)
    self:add("---@return %s %s", self:type(method.returns), method.returns)
    self:finish("object", method.name, args == "" and "self" or "self, " .. args)
  end
  self:add ""
  self:add "---Ends the object; again is fine."
  self:add "function object:release() end"
end

function Lua:classes()
  for _, class in ipairs(self.description.classes) do
    self:add ""
    self:add "do"
    self:class(class)
    self:add "end"
    if self:is_new(class.name) then
      self:add ""
      self:doc(class.doc)
      local args = self:args(class)
      self:add("---@return %s.%s", self.name, class.name)
      self:finish(self.module, class.name, args)
    end
  end
end

--- Annotations for everything that `p.load` of a plugin gives.
---@param description table from core.describe
---@return string
return function(description)
  local self = Lua:new(description, {})
  self.found, self.module, self.name = {}, "plugin", types.plain(description.name)
  self:add("---@meta %s", self.name)
  self:add("-- %s %s: made by `perigee gen lua`.", self.name, types.plain(description.version))
  self:add "-- luacheck: no unused args, no unused variable"
  self:add ""
  self:doc(description.about)
  self:add("---@class %s", self.name)
  self:add("local %s = {}", self.module)
  self:types()
  self:functions()
  self:classes()
  self:aggregates()
  self:stages()
  self:add ""
  self:add("return %s", self.module)
  return table.concat(self.lines, "\n") .. "\n"
end

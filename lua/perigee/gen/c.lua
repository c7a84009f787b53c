-- c.lua - `perigee gen c`: a plugin in C with the declarations of another one and
-- bodies that are to be written.  It builds as it is, and describes itself as the
-- other does.

local types = require "perigee.gen.types"
local Writer = require "perigee.gen.writer"

-- A text as a literal.  Octal: "\x1" would take digits that come after it.
local function quote(text)
  return '"' .. text:gsub('[%c"\\]', function(c)
    return c == "\n" and "\\n" or c:find '["\\]' and "\\" .. c or ("\\%03o"):format(c:byte())
  end) .. '"'
end

-- Words that a function of C cannot have as its name.
local taken = {}
for word in ([[auto bool break case char const continue default do double else enum extern false
  float for goto if inline int long main register restrict return short signed sizeof static
  struct switch true typedef union unsigned void volatile while abort abs acos asin atan atan2
  bcmp bcopy bzero calloc ceil cos cosh div exit exp fabs ffs floor fmax fmin fmod free frexp
  index isalnum isalpha isdigit islower isspace isupper ldexp log log10 log2 lower malloc
  memchr memcmp memcpy memmove memset modf pow printf puts realloc rindex round sin sinh sqrt
  strcat strchr strcmp strcpy strlen strstr tan tanh tolower toupper trunc]]):gmatch "%w+" do
  taken[word] = true
end

---@class perigee.gen.C: perigee.gen.Writer
local C = Writer.class(taken)

-- A list of fields as a macro: returns its name.
function C:field_macro(name, fields, entry)
  local macro = name:upper() .. "_FIELDS"
  local lines = { ("#define %s(F)"):format(macro) }
  for i, field in ipairs(fields) do
    lines[i + 1] = "  " .. entry(field)
  end
  self:add("%s", table.concat(lines, " \\\n"))
  return macro
end

local function plain_field(field)
  return ("F(%s, %s, %s)"):format(field.type, field.name, quote(field.doc or ""))
end

local function param_field(param)
  local range = types.range(param)
  return ("F(%s, %s, %s, %s%s)"):format(param.type, param.name, types.default(param),
    quote(param.doc or ""), range ~= "" and ", " .. range or "")
end

-- What columns hold and plugin.h has no C type for: texts of other kinds.
function C:prelude()
  local used = {}
  for _, list in ipairs { self.description.functions, self.description.aggregates } do
    for _, item in ipairs(list) do
      for _, field in ipairs(item.args) do
        used[field.type] = true
      end
      used[item.returns] = true
    end
  end
  for _, name in ipairs { "bin", "json" } do
    if used[name] then
      self:add("typedef peri_str peri_c_%s;", name)
      self:add("#define peri_get_%s peri_get_str", name)
      self:add("#define peri_set_%s peri_set_str", name)
      self:add("#define peri_put_%s peri_put_str", name)
      self:add("#define peri_row_%s peri_row_str", name)
    end
  end
end

function C:types()
  for _, kind in ipairs(types.order(self.description)) do
    if kind.form == "list" or kind.form == "opt" then
      self:add("PERI_%s(%s)", kind.form:upper(), kind.inner)
    else
      self:add ""
      local macro = self:field_macro(kind.name, kind.item.fields, plain_field)
      self:add("PERI_%s(%s, %s)", kind.form:upper(), kind.name, macro)
    end
  end
end

-- ", "doc", (i32, a), (i32, b))": the end of a declaration.
local function rest(item)
  local parts = { quote(item.doc or "") }
  for _, arg in ipairs(item.args) do
    local range = types.range(arg)
    parts[#parts + 1] = ("(%s, %s%s)"):format(arg.type, arg.name, range ~= "" and ", " .. range or "")
  end
  return table.concat(parts, ", ") .. ")"
end

function C:unused(args)
  for _, arg in ipairs(args) do
    self:add("  (void)%s;", arg.name)
  end
end

function C:fail(name, result)
  self:add("  %speri_fail(cx, PERI_EINVAL, \"'%s' is not written yet\");",
    result and "return " or "", name)
end

-- peri_c_bool is peri_c__Bool in C, where <stdbool.h> makes bool a macro.
local function c_type(name)
  return name == "bool" and name or "peri_c_" .. name
end

-- A value of nothing, of any type.
function C:zero(name)
  self:add("  %s result;", c_type(name))
  self:add "  memset(&result, 0, sizeof result);"
  self:add "  return result;"
end

function C:functions()
  for _, item in ipairs(self.description.functions) do
    local id, name = self:id(item.name), item.name
    local macro = item.plain and "PERI_FN" or item.pure and "PERI_FN_PURE_CX" or "PERI_FN_CX"
    self:add ""
    if id == name then
      self:add("%s(%s, %s, %s", macro, item.returns, name, rest(item))
    else
      self:add("%s_AS(%s, %s, %s, %s", macro, item.returns, id, name, rest(item))
    end
    self:add "{"
    self:unused(item.args)
    if not item.plain then
      self:fail(name)
    end
    self:zero(item.returns)
    self:add "}"
  end
end

function C:aggregates()
  local states = {}
  for _, item in ipairs(self.description.aggregates) do
    local state, args = item.name .. "_state", {}
    if not states[state] then
      states[state] = true
      self:add ""
      self:add("typedef struct %s {\n  int64_t count;\n} %s;", state, state)
      self:add("PERI_STATE(%s);", state)
    end
    for i, arg in ipairs(item.args) do
      args[i] = (", %s %s"):format(c_type(arg.type), arg.name)
    end
    local id = self:id(item.name)
    self:add("PERI_AGGREGATE(%s, %s, %s, %s, %s", item.returns, id, item.name, state, rest(item))
    self:add("static inline void %s_step(peri_cx *cx, %s *st%s)\n{", id, state, table.concat(args))
    self:unused(item.args)
    self:add "  (void)cx;\n  st->count++;\n}"
    self:add("static inline peri_status %s_join(peri_cx *cx, %s *into, const %s *from)\n{", id,
      state, state)
    self:add "  (void)cx;\n  into->count += from->count;\n  return PERI_OK;\n}"
    self:add("static inline peri_status %s_final(peri_cx *cx, const %s *st,", id, state)
    self:add("    %s *result, uint8_t *valid)\n{", c_type(item.returns))
    self:add "  (void)st;\n  (void)result;\n  (void)valid;"
    self:fail(item.name, true)
    self:add "}"
  end
end

-- Hooks that end or begin without a result of their own.
local quiet <const> = { open = "  return PERI_OK;", flush = "  return PERI_OK;",
  finish = "  return PERI_OK;", schema = "  return PERI_OK;",
  split = "  return (int64_t)chunk->len;", close = "", destroy = "", drop = "" }

function C:hooks(id, item)
  for _, hook in ipairs(item.hooks) do
    if hook ~= "create" then
      self:add("PERI_%s(%s)\n{", hook:upper(), id)
      if not quiet[hook] then
        self:fail(item.name, true)
      elseif quiet[hook] ~= "" then
        self:add("%s", quiet[hook])
      end
      self:add "}"
    end
  end
end

local function columns(list)
  local parts = {}
  for i, column in ipairs(list) do
    parts[i] = ("%s: %s"):format(column.name, column.type)
  end
  return quote(table.concat(parts, ", "))
end

local function flags_of(item)
  local flags = {}
  for _, flag in ipairs { "stateless", "keeps", "ragged", "whole", "adds", "bytes" } do
    flags[#flags + 1] = item[flag] and "PERI_" .. flag:upper() or nil
  end
  return #flags > 0 and table.concat(flags, " | ") or "0"
end

function C:stages()
  types.each_stage(self.description, function(item, kind)
    local id, params = item.name, "peri_none"
    if kind ~= "kernel" then
      id = ("%s_%s"):format(item.name, kind)
    end
    self:add ""
    if #item.params > 0 then
      params = id .. "_params"
      self:add("PERI_PARAMS(%s, %s)", params, self:field_macro(params, item.params, param_field))
    end
    local tail = ("%s, %s, peri_none"):format(flags_of(item), params)
    if kind == "kernel" then
      self:add("PERI_KERNEL(%s, %s, %s, %s,\n  %s);", id, tail, columns(item.inputs),
        columns(item.outputs), quote(item.doc or ""))
    else
      self:add("PERI_%s_AS(%s, %s, %s,\n  %s);", kind:upper(), id, item.name, tail,
        quote(item.doc or ""))
    end
    self:hooks(id, item)
  end)
end

function C:class_struct(class)
  self:add ""
  for _, item in ipairs(self.description.types) do
    if item.name == class.name and item.word == "record" then
      self:add("PERI_RECORD(%s, %s)", class.name,
        self:field_macro(class.name, class.fields, plain_field))
      return
    end
  end
  self:add("typedef struct %s {\n  int64_t hidden;", class.name)
  for _, field in ipairs(class.fields) do
    self:add("  %s %s;", c_type(field.type), field.name)
  end
  self:add("} %s;", class.name)
  if #class.fields > 0 then
    self:add("PERI_FIELDS(%s, %s)", class.name,
      self:field_macro(class.name, class.fields, plain_field))
  else
    self:add("PERI_STATE(%s);", class.name)
  end
end

-- Before all that takes or makes objects.
function C:class_structs()
  local given = types.given_classes(self.description)
  for _, class in ipairs(self.description.classes) do
    self:class_struct(class)
    if given[class.name] then
      self:add("PERI_OBJECT(%s)", class.name)
    end
  end
end

function C:classes()
  for _, class in ipairs(self.description.classes) do
    self:add ""
    self:add("PERI_CLASS(%s, %s\n{", class.name, rest(class))
    self:unused(class.args)
    self:fail(class.name, true)
    self:add "}"
    for _, method in ipairs(class.methods) do
      self:add("PERI_METHOD(%s, %s, %s, %s\n{", method.returns, class.name, method.name, rest(method))
      self:unused(method.args)
      self:fail(("%s:%s"):format(class.name, method.name))
      self:zero(method.returns)
      self:add "}"
    end
    self:hooks(class.name, class)
  end
end

--- A plugin in C that declares what another one does.
---@param description table from core.describe
---@return string
return function(description)
  local self = C:new(description, { description.types, description.classes, description.kernels })
  local name = types.plain(description.name)
  self:add("/* %s.c - made by `perigee gen c` from %s %s: what it declares, with bodies", name, name,
    types.plain(description.version))
  self:add " * that are to be written."
  self:add " *"
  self:add(" *   cc -O3 -fPIC -shared -fvisibility=hidden -I<include> %s.c -o %s.so */", name, name)
  self:add "#include <perigee/plugin.h>"
  self:add ""
  self:add("PERI_PLUGIN(%s, %s, %s, %s,\n  %s);", quote(description.name),
    quote(description.version), quote(description.author), quote(description.license),
    quote(description.about))
  self:prelude()
  self:types()
  self:class_structs()
  self:functions()
  self:aggregates()
  self:stages()
  self:classes()
  return table.concat(self.lines, "\n") .. "\n"
end

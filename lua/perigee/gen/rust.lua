-- rust.lua - `perigee gen rust`: a plugin in Rust with the declarations of another
-- one, the layouts of its structs, and bodies that are to be written.  It builds
-- as it is, and describes itself as the other does.

local core = require "perigee.core"
local types = require "perigee.gen.types"
local Writer = require "perigee.gen.writer"

local quote = types.quote

local keywords = {}
for word in ([[as async await break const continue crate dyn else enum extern false fn for if
  impl in let loop match mod move mut pub ref return self static struct super trait true type
  union unsafe use where while abstract become box do final gen macro override priv try typeof
  unsized virtual yield]]):gmatch "%w+" do
  keywords[word] = true
end

---@class perigee.gen.Rust: perigee.gen.Writer
---@field items string[] the items of the plugin, as expressions
local Rust = Writer.class(keywords)

function Rust:item(format, ...)
  self.items[#self.items + 1] = format:format(...)
end

local function field_name(name)
  return keywords[name] and "r#" .. name or name
end

local plain_types <const> = { str = "peri_str", bin = "peri_str", json = "peri_str", char = "u32",
  pair = "peri_pair" }

-- A type of a field or of a list.
local function rust_type(name)
  return plain_types[name] or name
end

-- A struct, and where its fields lie: <name>_layout.
function Rust:struct(name, decl, fields)
  self:add("\n#[repr(C)]\n#[derive(Clone, Copy)]\npub struct %s {", name)
  local sizes = {}
  for i, field in ipairs(fields) do
    self:add("    pub %s: %s,", field_name(field.name), rust_type(field.type))
    sizes[i] = ("of::<%s>()"):format(rust_type(field.type))
  end
  if #fields == 0 then
    self:add "    pub hidden: i64,"
  end
  self:add "}"
  self:add("static %s_offsets: [u32; %d] = offsets([%s]);", name, #fields, table.concat(sizes, ", "))
  self:layout(name, decl)
end

function Rust:layout(name, decl)
  self:add("const %s_decl: *const c_char = text!(%s);", name, quote(decl))
  self:add("static %s_layout: Shared<peri_layout> =\n    Shared(layout::<%s>(%s_decl, &%s_offsets));",
    name, name, name, name)
end

local function fields_text(word, name, fields)
  local parts = { ("%s %s\n"):format(word, name) }
  for _, field in ipairs(fields) do
    parts[#parts + 1] = ("%s: %s\t%s\n"):format(field.name, field.type, field.doc or "")
  end
  return table.concat(parts)
end

function Rust:variant(name, cases)
  self:add("\n#[repr(C)]\n#[derive(Clone, Copy)]\npub union %s_u {", name)
  for _, case in ipairs(cases) do
    self:add("    pub %s: %s,", field_name(case.name), rust_type(case.type))
  end
  self:add "}"
  self:add("#[repr(C)]\n#[derive(Clone, Copy)]\npub struct %s {", name)
  self:add("    pub tag: i32, // the cases in their order, from 0")
  self:add("    pub reserved: i32,\n    pub u: %s_u,\n}", name)
  self:add("static %s_offsets: [u32; %d] =\n"
    .. "    [offsets([of::<i32>(), of::<i32>(), of::<%s_u>()])[2]; %d];", name, #cases, name, #cases)
  self:layout(name, fields_text("variant", name, cases))
end

function Rust:types()
  for _, kind in ipairs(types.order(self.description)) do
    if kind.form == "list" then
      self:add("pub type %s = List<%s>;", kind.name, rust_type(kind.inner))
    elseif kind.form == "opt" then
      self:add("pub type %s = Opt<%s>;", kind.name, rust_type(kind.inner))
    else
      if kind.form == "variant" then
        self:variant(kind.name, kind.item.fields)
      else
        self:struct(kind.name, fields_text("record", kind.name, kind.item.fields), kind.item.fields)
      end
      self:add("record!(%s);", kind.name)
      self:item("peri_item { state: &%s_layout.0, ..item(PERI_K_TYPE, 0, %s_decl) }", kind.name,
        kind.name)
    end
  end
end

local function signature(item)
  local parts = {}
  for i, arg in ipairs(item.args) do
    local range = types.range(arg)
    parts[i] = ("%s: %s%s"):format(arg.name, arg.type, range ~= "" and " " .. range or "")
  end
  return table.concat(parts, ", ")
end

-- Arguments that the body does not use yet.
local function used(item)
  local parts = {}
  for i, arg in ipairs(item.args) do
    parts[i] = ("let _ = %s; "):format(arg.name)
  end
  return table.concat(parts)
end

-- The macros take names that are none of Rust's words.
local function has_keyword(item)
  for _, arg in ipairs(item.args) do
    if keywords[arg.name] then
      return true
    end
  end
  return false
end

local function decl_of(word, name, item)
  return ("%s %s(%s) -> %s\n%s"):format(word, name, signature(item), item.returns, item.doc or "")
end

-- A function by its slots alone.
function Rust:call(id, name)
  self:add("unsafe extern \"C\" fn %s(\n"
    .. "    cx: *mut peri_cx, _args: *const peri_slot, _result: *mut peri_slot,\n) {", id)
  self:add("    guard(cx, || fail(cx, PERI_EINVAL, %s));\n}", quote(("'%s' is not written yet"):format(name)))
end

-- Objects are given by slots alone.
function Rust:has_object(item)
  local found = types.parse(self.description, item.returns).form == "new"
  for _, arg in ipairs(item.args) do
    found = found or types.parse(self.description, arg.type).form == "obj"
  end
  return found
end

function Rust:functions()
  for _, item in ipairs(self.description.functions) do
    local id, name = self:id(item.name), item.name
    local as = id == name and id or ("%s as %s"):format(id, name)
    self:add ""
    if item.pure and not item.plain or has_keyword(item) or self:has_object(item) then
      self:call(id, name)
      self:item("peri_item {\n        fn_: any!(%s),\n        call: any!(%s),\n"
        .. "        ..item(PERI_K_FUNCTION, %s, text!(%s))\n    }", id, id,
        item.pure and "PERI_PURE" or "0", quote(decl_of("function", name, item)))
    elseif item.plain then
      self:add("function! { %s\nfn %s(%s) -> %s {", quote(item.doc), as, signature(item), item.returns)
      self:add("    %sunsafe { std::mem::zeroed() } // is not written yet\n} }", used(item))
      self:item("%s::ITEM", id)
    else
      self:add("function_cx! { %s\nfn %s(_cx%s) -> %s {", quote(item.doc), as,
        #item.args > 0 and ", " .. signature(item) or "", item.returns)
      self:add("    %sErr(%s.into())\n} }", used(item), quote(("'%s' is not written yet"):format(name)))
      self:item("%s::ITEM", id)
    end
  end
end

-- What a hook gets behind the context, with P and S, and what it does for now:
-- nil: it fails.
local hooks <const> = {
  open = { "_: *const P, _: *mut S", "PERI_OK" },
  close = { "_: *const P, _: *mut S", "" },
  process = { "_: *const P, _: *mut S, _: *const peri_batch, _: *mut peri_out" },
  flush = { "_: *const P, _: *mut S, _: *mut peri_out", "PERI_OK" },
  split = { "_: *const P, _: *mut S, chunk: *const peri_chunk", "(*chunk).len as i64", "i64" },
  decode = { "_: *const P, _: *mut S, _: *const peri_chunk, _: *mut peri_out" },
  pick = { "_: *const P, _: *mut S, _: *const peri_chunk, _: *const u32, _: i64, _: *mut peri_out" },
  encode = { "_: *const P, _: *mut S, _: *const peri_batch, _: *mut peri_bytes" },
  finish = { "_: *const P, _: *mut S, _: *mut peri_bytes", "PERI_OK" },
  poll = { "_: *const P, _: *mut S, _: *mut peri_out, _: *mut peri_poll" },
  write = { "_: *const P, _: *mut S, _: *const peri_batch" },
  put = { "_: *const P, _: *mut S, _: *const c_char, _: usize" },
  schema = { "_: *const P, _: *mut peri_out", "PERI_OK" },
  step = { "_: *mut S, _: *const u32, _: i64, _: *const peri_col" },
  join = { "_: *mut S, _: *const S" },
  final = { "_: *const S, _: *mut peri_slot, _: *mut u8" },
  drop = { "_: *mut S", "" },
  create = { "_: *mut S, _: *const peri_slot" },
  destroy = { "_: *mut S", "" },
  view = { "_: *mut S, _: *mut peri_array" },
}

-- The hooks of an item whose text is in <id>_decl.
function Rust:hooks(id, names, item, params, state)
  for _, name in ipairs(names) do
    local args, body, result = table.unpack(hooks[name])
    args = args:gsub("%f[%w]P%f[%W]", params):gsub("%f[%w]S%f[%W]", state)
    result = result and " -> " .. result or body == "" and "" or " -> peri_status"
    body = body or ("guard(cx, || fail(cx, PERI_EINVAL, %s))")
      :format(quote(("'%s' is not written yet"):format(item.name)))
    self:add("unsafe extern \"C\" fn %s_%s(\n    %s: *mut peri_cx, %s,\n)%s {\n    %s\n}", id, name,
      body:find "cx" and "cx" or "_", args, result, body)
    self:item("hook(PERI_H_%s, %s_decl, any!(%s_%s))", name:upper(), id, id, name)
  end
end

-- A state of the plugin's own.
function Rust:state(name)
  self:add("\n#[repr(C)]\npub struct %s {\n    pub count: i64,\n}", name)
  self:add("static %s_layout: Shared<peri_layout> =\n    Shared(layout::<%s>(text!(%s), &[]));", name,
    name, quote(("record %s\n"):format(name)))
end

function Rust:aggregates()
  for _, item in ipairs(self.description.aggregates) do
    local state = item.name .. "_state"
    if not self.ids[state] then
      self.ids[state] = true
      self:state(state)
    end
    local id = self:id(item.name)
    local decl = ("aggregate %s(%s) -> %s state %s\n%s"):format(item.name, signature(item),
      item.returns, state, item.doc or "")
    self:add("\nconst %s_decl: *const c_char = text!(%s);", id, quote(decl))
    self:item("peri_item { state: &%s_layout.0, ..item(PERI_K_AGGREGATE, 0, %s_decl) }", state, id)
    self:hooks(id, { "step", "join", "final" }, item, "none", state)
  end
end

local function columns(list)
  local parts = {}
  for i, column in ipairs(list) do
    parts[i] = ("%s: %s"):format(column.name, column.type)
  end
  return table.concat(parts, ", ")
end

local function params_text(name, params)
  local parts = { ("params %s\n"):format(name) }
  for _, param in ipairs(params) do
    parts[#parts + 1] = ("%s: %s = %s\t%s\t%s\n"):format(param.name, param.type, types.default(param),
      param.doc or "", types.range(param))
  end
  return table.concat(parts)
end

local function flags_of(item)
  local flags = {}
  for _, flag in ipairs { "stateless", "keeps", "ragged", "whole", "adds", "bytes" } do
    flags[#flags + 1] = item[flag] and "PERI_" .. flag:upper() or nil
  end
  return #flags > 0 and table.concat(flags, " | ") or "0"
end

function Rust:stages()
  types.each_stage(self.description, function(item, kind)
    local id, params, layout = ("%s_%s"):format(item.name, kind), "none", "NONE"
    if #item.params > 0 then
      params = id .. "_params"
      layout = params .. "_layout"
      self:struct(params, params_text(params, item.params), item.params)
    end
    local columns_text = kind ~= "kernel" and ""
      or ("(%s) -> (%s)"):format(columns(item.inputs), columns(item.outputs))
    self:add("\nconst %s_decl: *const c_char = text!(%s);", id,
      quote(("%s %s%s params %s state none\n%s"):format(kind, item.name, columns_text, params,
        item.doc or "")))
    self:item("peri_item { params: &%s.0, state: &NONE.0, ..item(PERI_K_%s, %s, %s_decl) }", layout,
      kind:upper(), flags_of(item), id)
    self:hooks(id, item.hooks, item, params, "none")
  end)
end

function Rust:classes()
  local records = {}
  for _, item in ipairs(self.description.types) do
    records[item.name] = item.word == "record"
  end
  for _, class in ipairs(self.description.classes) do
    local name = class.name
    self:struct(name, fields_text("record", name, class.fields), class.fields)
    if records[name] then
      self:item("peri_item { state: &%s_layout.0, ..item(PERI_K_TYPE, 0, %s_decl) }", name, name)
    end
    self:add("const %s_class_decl: *const c_char = text!(%s);", name,
      quote(("class %s(%s)\n%s"):format(name, signature(class), class.doc or "")))
    self:item("peri_item { state: &%s_layout.0, ..item(PERI_K_CLASS, 0, %s_class_decl) }", name, name)
    self:hooks(name .. "_class", class.hooks, class, "none", name)
    for _, method in ipairs(class.methods) do
      local id = ("%s_%s"):format(name, method.name)
      self:call(id, ("%s:%s"):format(name, method.name))
      self:item("peri_item {\n        fn_: any!(%s),\n        call: any!(%s),\n"
        .. "        ..item(PERI_K_METHOD, 0, text!(%s))\n    }", id, id,
        quote(decl_of("method", name .. ":" .. method.name, method)))
    end
  end
end

-- Where the binding lies: beside the Lua modules, installed or in a build tree.
local function binding()
  local bin = core.exec_dir
  for _, prefix in ipairs { bin:match "^(.*)/[^/]*$" or bin, bin } do
    local path = prefix .. "/share/perigee/rust/perigee.rs"
    local file <close> = io.open(path, "rb")
    if file then
      return path
    end
  end
  return "perigee.rs"
end

--- A plugin in Rust that declares what another one does.
---@param description table from core.describe
---@return string
return function(description)
  local self = Rust:new(description, { description.types, description.classes })
  self.items = {}
  local name = types.plain(description.name)
  self:add("// %s.rs - made by `perigee gen rust` from %s %s: what it declares, with bodies", name, name,
    types.plain(description.version))
  self:add "// that are to be written."
  self:add "//"
  self:add("//   rustc --edition 2021 -O --crate-type cdylib %s.rs -o %s.so", name, name)
  self:add "#![allow(dead_code, non_camel_case_types, non_upper_case_globals)]"
  self:add("#[path = %s]", quote(binding()))
  self:add "#[macro_use]\nmod perigee;\nuse perigee::*;"
  self:types()
  self:functions()
  self:aggregates()
  self:stages()
  self:classes()
  self:add("\nplugin! { %s, %s, %s, %s,\n    %s, [", quote(description.name),
    quote(description.version), quote(description.author), quote(description.license),
    quote(description.about))
  for _, item in ipairs(self.items) do
    self:add("    %s,", item)
  end
  self:add "] }"
  return table.concat(self.lines, "\n") .. "\n"
end

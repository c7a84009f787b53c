-- chunk.lua - reads what string.dump() makes of a Lua 5.4 function: its code,
-- constants and upvalues.
--
-- The form is that of ldump.c; instructions are laid out as lopcodes.h says:
--   op 7 bits, A 8, k 1, B 8, C 8    or    op 7, sJ 25.

local chunk = {}

local HEADER <const> = "\27Lua\x54\0\x19\x93\r\n\x1a\n\4\8\8"
  .. string.pack("<i8", 0x5678) .. string.pack("<d", 370.5)

local Reader = {}
Reader.__index = Reader

function Reader:byte()
  self.at = self.at + 1
  return self.text:byte(self.at - 1)
end

-- Seven bits a byte, the highest first; the last byte has its top bit set.
function Reader:size()
  local value = 0
  while true do
    local byte = self:byte()
    value = value << 7 | byte & 0x7f
    if byte & 0x80 ~= 0 then
      return value
    end
  end
end

function Reader:unpack(format)
  local value
  value, self.at = string.unpack(format, self.text, self.at)
  return value
end

function Reader:string()
  local size = self:size()
  if size == 0 then
    return nil
  end
  self.at = self.at + size - 1
  return self.text:sub(self.at - size + 1, self.at - 1)
end

-- Tags of constants: nil, false, true, integer, float, short and long string.
local constants <const> = {
  [0] = function() return nil end,
  [1] = function() return false end,
  [17] = function() return true end,
  [3] = function(reader) return reader:unpack "<i8" end,
  [19] = function(reader) return reader:unpack "<d" end,
  [4] = Reader.string,
  [20] = Reader.string,
}

local function instruction(word)
  return {
    op = word & 0x7f, a = word >> 7 & 0xff, k = word >> 15 & 1 == 1,
    b = word >> 16 & 0xff, c = word >> 24 & 0xff,
    bx = word >> 15, -- LOADI and LOADF: 65535 more than the number
    jump = (word >> 7) - 16777215,
  }
end

local function read_code(reader)
  local code = {}
  for i = 1, reader:size() do
    code[i] = instruction(reader:unpack "<I4")
  end
  return code
end

-- From 0, as instructions count them.
local function read_constants(reader)
  local list = {}
  for i = 0, reader:size() - 1 do
    local tag = reader:byte()
    list[i] = constants[tag](reader)
  end
  return list
end

-- Kinds: 0 a plain variable, 1 <const>, 2 <close>, 3 a constant in the code.
local function read_upvalues(reader, fn)
  local list = {}
  for i = 0, reader:size() - 1 do
    reader:byte()
    reader:byte()
    local kind = reader:byte()
    local name, value = debug.getupvalue(fn, i + 1)
    list[i] = { constant = kind == 1 or kind == 3, name = name, value = value }
  end
  return list
end

---@class perigee.Function
---@field params integer
---@field vararg boolean
---@field code table[]
---@field constants table<integer, any>
---@field upvalues table<integer, { constant: boolean, name: string, value: any }>

--- Reads a function.
---@param fn function
---@return perigee.Function?
---@return string? message why not
function chunk.read(fn)
  local ok, text = pcall(string.dump, fn)
  if not ok then
    return nil, "is not written in Lua"
  elseif text:sub(1, #HEADER) ~= HEADER then
    return nil, "has the code of another Lua"
  end
  local reader = setmetatable({ text = text, at = #HEADER + 2 }, Reader)
  reader:string()
  reader:size()
  reader:size()
  local params, vararg = reader:byte(), reader:byte() ~= 0
  reader:byte()
  return {
    params = params, vararg = vararg, code = read_code(reader),
    constants = read_constants(reader), upvalues = read_upvalues(reader, fn),
  }
end

return chunk

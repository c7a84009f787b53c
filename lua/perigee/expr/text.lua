-- text.lua - the tree of an expression as text that parses to the same tree.

local text = {}

local function path_text(parts)
  local all = {}
  for i, part in ipairs(parts) do
    if part:find "^[%a_][%w_]*$" and i > 1 then
      all[i] = "." .. part
    elseif part:find "^[%a_][%w_]*$" then
      all[i] = part
    else
      all[i] = ("%s[%q]"):format(i == 1 and "row" or "", part)
    end
  end
  return table.concat(all)
end

local function const_text(value)
  if math.type(value) == "float" and value == math.floor(value) and value - value == 0 then
    return ("%.1f"):format(value)
  end
  return type(value) == "string" and ("%q"):format(value) or tostring(value)
end

-- A part within another one: in parentheses unless it is one word.
local function inner(node)
  if node.kind == "binary" then
    return "(" .. text.of(node) .. ")"
  end
  return text.of(node)
end

--- The text of a tree made of paths, constants and operators.
---@param node table
---@return string
function text.of(node)
  if node.kind == "const" then
    return const_text(node.value)
  elseif node.kind == "path" then
    return path_text(node.parts)
  elseif node.kind == "unary" then
    return (node.op == "not" and "not " or node.op) .. inner(node.a)
  end
  return ("%s %s %s"):format(inner(node.a), node.op, inner(node.b))
end

return text

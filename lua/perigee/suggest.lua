-- suggest.lua - did-you-mean: the nearest of a list of names.

local suggest = {}

-- Names longer than this are not compared: nobody mistypes them by hand.
local LENGTH_MAX <const> = 64

-- Cost of one position of the table of distances: the cheapest of removing,
-- adding, replacing one character, or swapping two neighbours.
local function cell(a, b, i, j, rows)
  local same = a:byte(i) == b:byte(j) and 0 or 1
  local cost = math.min(rows[i - 1][j] + 1, rows[i][j - 1] + 1, rows[i - 1][j - 1] + same)
  if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
    cost = math.min(cost, rows[i - 2][j - 2] + 1)
  end
  return cost
end

--- How many edits lead from one name to the other (Damerau-Levenshtein, each
--- character edited once at most).
---@param a string
---@param b string
---@return integer
function suggest.distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do
    rows[0][j] = j
  end
  for i = 1, #a do
    rows[i] = { [0] = i }
    for j = 1, #b do
      rows[i][j] = cell(a, b, i, j, rows)
    end
  end
  return rows[#a][#b]
end

--- The name of the list that was probably meant: at most one edit for every
--- three characters, and one at least for names of two or more; upper and lower
--- case do not count.
---@param name string
---@param list string[]
---@return string? nearest nil: none is near; of equals the first
function suggest.nearest(name, list)
  local best, best_cost
  local allowed = #name < 2 and 0 or math.max(1, #name // 3)
  for _, other in ipairs(list) do
    if #name <= LENGTH_MAX and math.abs(#other - #name) <= allowed then
      local cost = suggest.distance(name:lower(), other:lower())
      if cost <= allowed and (not best_cost or cost < best_cost) then
        best, best_cost = other, cost
      end
    end
  end
  return best
end

return suggest

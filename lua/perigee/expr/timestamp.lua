-- timestamp.lua - RFC 3339 text to nanoseconds since 1970, UTC.

local timestamp = {}

local DAY <const> = 86400
-- What 64 bits of nanoseconds can hold, in whole days: 1677-09-22 to 2262-04-11.
local DAYS_MAX <const> = 106751

local month_days <const> = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

-- Days since 1970-01-01, counting years from March.
local function days(year, month, day)
  local y = month <= 2 and year - 1 or year
  local era = y // 400
  local of_era = y - era * 400
  local of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
  return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
end

local function last_day(year, month)
  local leap = year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
  return month == 2 and leap and 29 or month_days[month]
end

local function date(text)
  local year, month, day, rest = text:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  if not year then
    return nil
  end
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  if month < 1 or month > 12 or day < 1 or day > last_day(year, month) then
    return nil
  end
  return days(year, month, day), rest
end

-- Seconds east of Greenwich.
local function offset(zone)
  if zone == "Z" or zone == "z" or zone == "" then
    return 0
  end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  if not sign or tonumber(hours) > 23 or tonumber(minutes) > 59 then
    return nil
  end
  local seconds = tonumber(hours) * 3600 + tonumber(minutes) * 60
  return sign == "-" and -seconds or seconds
end

-- Seconds of the day less the offset, and nanoseconds.
local function clock(rest)
  if rest == "" then
    return 0, 0
  end
  local h, m, s, tail = rest:match "^[Tt ](%d%d):(%d%d):(%d%d)(.*)$"
  local fraction, zone = (tail or ""):match "^%.(%d+)(.*)$"
  local east = offset(zone or tail or "?")
  if not east or tonumber(h) > 23 or tonumber(m) > 59 or tonumber(s) > 60 then
    return nil
  end
  local nanos = ((fraction or "") .. "000000000"):sub(1, 9)
  return tonumber(h) * 3600 + tonumber(m) * 60 + tonumber(s) - east, tonumber(nanos)
end

--- "2025-06-01T00:00:00Z", with an offset, a fraction, or only the date.
---@param text string
---@return integer? nanoseconds nil: not a timestamp, or out of range
function timestamp.parse(text)
  local day, rest = date(text)
  if not day or math.abs(day) >= DAYS_MAX then
    return nil
  end
  local seconds, nanos = clock(rest)
  return seconds and (day * DAY + seconds) * 1000000000 + nanos
end

return timestamp

-- init.lua - `require "perigee"` outside a config script: in specs and modules.
--
-- A config script gets its own table (see config.lua); this one looks for
-- plugins from the working directory, and can run a plan at once.

local front = require "perigee.front"
local plugins = require "perigee.plugins"
local session = require "perigee.session"
local try = require "perigee.try"

local here = session.new {
  plugins = plugins.new { path = os.getenv "PERIGEE_PATH" },
}
local p = front.new(here)
try.add(p, here)

return p

std = "lua54"
max_line_length = 110
files["spec"] = { std = "lua54+busted" }
-- Configs begin with `require "perigee"`, -e code with its names as globals.
exclude_files = { "build*" }
files["lua/meta"] = { ignore = { "241" } } -- tables that only have annotations

/* plugin.c - the plugin "json". */
#include <perigee/plugin.h>

PERI_PLUGIN("json", "0.1.0", "the perigee authors", "MIT",
            "Newline-delimited JSON, read and written.");

/* csv.c - the plugin: a decoder (decode.c, cut.c, names.c) and an encoder
 * (encode.c) of RFC 4180. */
#include <perigee/plugin.h>

PERI_PLUGIN("csv", "0.1.0", "perigee", "MIT",
            "Decoder and encoder of comma-separated values, RFC 4180.");

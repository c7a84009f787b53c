/* bad_type.c - a sink whose parameters have a type that is none. */
#include <perigee/plugin.h>

PERI_TEXT_(odd_params, "params odd_params\nsize: f65 = 1\tHow large.\t\n")
static const uint32_t offsets[] = {0};
static const peri_layout layout = {peri_text_odd_params, 8, 8, 1, 0, offsets};
PERI_TEXT_(odd, "sink odd params odd_params state peri_none\nDoc.")
PERI_ITEM_(odd) = {PERI_K_SINK, 0, 0,       peri_text_odd,      0,
                   0,           0, &layout, &peri_none__layout, 0};

PERI_PLUGIN("bad_type", "1.0.0", "perigee", "MIT", "Knows other types.");

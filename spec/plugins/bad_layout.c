/* bad_layout.c - the struct of its parameters is smaller than its fields. */
#include <perigee/plugin.h>

#define WIDE(P) P(f64, a, 0.5, "A.") P(f64, b, 0.5, "B.")
PERI_PARAMS(wide, WIDE)

static const uint32_t offsets[] = {0, 12};
static const peri_layout layout = {peri_text_wide, 16, 8, 2, 0, offsets};
PERI_TEXT_(narrow, "sink narrow params wide state peri_none\nDoc.")
PERI_ITEM_(narrow) = {PERI_K_SINK, 0, 0,       peri_text_narrow,   0,
                      0,           0, &layout, &peri_none__layout, 0};

PERI_PLUGIN("bad_layout", "1.0.0", "perigee", "MIT", "Does not fit.");

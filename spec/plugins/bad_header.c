/* bad_header.c - built with an abi.h in which somebody put a field into the
 * middle of peri_chunk. */
#define stream stream, inserted
#include <perigee/abi.h>
#undef stream
#include <perigee/plugin.h>

PERI_PLUGIN("bad_header", "1.0.0", "perigee", "MIT", "Other structs.");

/* apart.h - loads libraries where nothing else is near, for a probe.
 *
 * Code that reaches beyond its own segments may find memory of others there in
 * one process and none in the next.  With two gigabytes of nothing on both
 * sides, as far as an instruction reaches, it crashes in the probe. */
#ifndef PG_PLUGIN_APART_H
#define PG_PLUGIN_APART_H
#include <stddef.h>

/* From now on libraries are loaded apart.  Thread: before any other */
void pg_apart_want(void);

/* Right before dlopen() of a library whose segments take so many bytes: when it
 * is wanted, leaves it one place.  Best effort; address space that is taken is
 * not given back. */
void pg_apart_prepare(size_t bytes);

#endif

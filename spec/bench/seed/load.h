/* load.h - what it costs to load a plugin, find its function and call it. */
#ifndef PG_SPEC_SEED_LOAD_H
#define PG_SPEC_SEED_LOAD_H

/* One load, in this process, which was started for nothing else; prints three
 * numbers for load_bench().  KIND is the name of a way to load. */
int load_sample(const char *kind, const char *path);

/* The table: `self` is this program, `libraries` is their directory. */
void load_bench(const char *self, const char *libraries, int rounds);

#endif

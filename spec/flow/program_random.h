/* program_random.h - random programs on random batches against the oracle. */
#ifndef PG_SPEC_PROGRAM_RANDOM_H
#define PG_SPEC_PROGRAM_RANDOM_H
#include "plugin/plugin.h"

void random_programs(const struct pg_plugin *ops, int rounds);

#endif

/* loop.h - one way over columns again and again, for a tool that counts
 * instructions (see goals.lua). */
#ifndef PG_SPEC_SEED_LOOP_H
#define PG_SPEC_SEED_LOOP_H

/* Runs it `times` times over columns of `rows` (1, 16, 256, 4096 or 65536).
 *
 *   own      a loop linked in
 *   plugin   the loaded plugin's own loop over columns
 *   program  the host runs it as the expression min(a, b)
 *   buffers  Lua calls the plugin with buffers
 *   nothing  Lua runs the same loop without a call
 */
int loop_run(const char *kind, int rows, int times);

#endif

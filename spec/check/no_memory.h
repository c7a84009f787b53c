/* no_memory.h - runs code again and again, with less memory than it needs.
 *
 * Every C test is linked so that malloc and its kin pass through here; what the
 * C library itself takes does not.  Thread: one at a time. */
#ifndef PG_SPEC_NO_MEMORY_H
#define PG_SPEC_NO_MEMORY_H
#include <stdbool.h>

/* This many more allocations work, the next one fails, later ones work again;
 * below 0: all of them work. */
void no_memory_after(long count);

/* Whether one has failed since no_memory_after(). */
bool no_memory_failed(void);

/* Blocks that were taken and not given back. */
long no_memory_live(void);

/* Calls `job` with its first allocation failing, then its second, and so on,
 * until none fails.  The job answers whether it succeeded, and cleans up after
 * itself either way; `trim`, when not NULL, empties pools between two calls.
 * Ends the test when a job leaves blocks behind, or fails with all the memory
 * that it wants. */
void no_memory_each(bool (*job)(void), void (*trim)(void));

#endif

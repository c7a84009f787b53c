/* span.h - the memory of a plugin, either mapped for real or made from the file
 * without running it; pointers found in it are checked before they are used. */
#ifndef PG_PLUGIN_SPAN_H
#define PG_PLUGIN_SPAN_H
#include "plugin/elf.h"

struct pg_span {
  const struct pg_elf *elf; /* its segments */
  const char *memory;       /* where address 0 of the file lies */
  uint64_t base;            /* what pointers in it count from */
};

/* `count` things of `size` bytes that `pointer` leads to, or NULL: not in one
 * segment, or not aligned. */
const void *pg_span_at(const struct pg_span *span, uint64_t pointer,
                       uint64_t count, size_t size, size_t align);

/* A text that ends within its segment, or NULL. */
const char *pg_span_text(const struct pg_span *span, uint64_t pointer);

/* Does it lead to code? */
bool pg_span_is_code(const struct pg_span *span, uint64_t pointer);

/* Makes the memory from the file: what the dynamic loader would do, except for
 * symbols of other libraries, which stay 0.  `elf` has passed pg_elf_check().
 *
 * [out]  memory  elf->memory_size bytes; release with free()
 * Fails: PG_NO_MEMORY
 */
enum pg_status pg_span_make(const struct pg_elf *elf, char **memory,
                            struct pg_error *err);

#endif

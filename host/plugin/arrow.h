/* arrow.h - the structs of the Arrow C Data Interface, as its specification
 * defines them, and batches in their form. */
#ifndef PG_PLUGIN_ARROW_H
#define PG_PLUGIN_ARROW_H
#include "data/batch.h"

#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format, *name, *metadata;
  int64_t flags, n_children;
  struct ArrowSchema **children, *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length, null_count, offset, n_buffers, n_children;
  const void **buffers;
  struct ArrowArray **children, *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};
#endif

/* A batch as a struct array, sharing its memory: every array holds a reference
 * until it is released, which any thread may do.  Text columns are "vu" and
 * "vz", json columns have the extension type arrow.json.
 *
 * [out]  schema, array  released by whoever gets them; untouched when false
 * False: no memory.
 */
bool pg_arrow_export(const struct pg_batch *batch, struct ArrowSchema *schema,
                     struct ArrowArray *array);

#endif

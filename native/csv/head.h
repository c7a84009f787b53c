/* head.h - what the first chunk of a stream tells about all of it.
 *
 * The names of the columns, and which of them hold texts.  Nothing else of a
 * stream is remembered, so that any instance can decode any chunk.
 */
#ifndef PERIGEE_CSV_HEAD_H
#define PERIGEE_CSV_HEAD_H
#include "fill.h"
#include "names.h"

/* An empty one is zeroed. */
struct csv_head {
  struct csv_names names;
  bool *texts;    /* owned: of each column: all its fields are texts */
  size_t records; /* of the first chunk, that come before the data */
  bool known;
};

struct csv_head_rules {
  const peri_list_str *names; /* in place of those in the header */
  bool header;
  uint64_t sample; /* bytes in which columns of texts are found */
  bool warn;       /* about names that had to be changed */
};

/* Reads the head of a stream.  `fill`: of its first chunk, which is cut.
 * `known` stays false when there are only empty lines. */
peri_status csv_head_read(peri_cx *cx, struct csv_head *head,
                          const struct csv_head_rules *rules,
                          const struct csv_fill *fill);

void csv_head_fini(peri_cx *cx, struct csv_head *head);
#endif

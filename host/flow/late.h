/* late.h - a decoder and the where behind it, which looks at the rows first.
 *
 * Where a condition drops most rows, making all of their columns is most of the
 * work.  So a decoder with PICK is asked twice for each chunk: for the columns
 * that the condition reads, then for all columns of the rows that it keeps.
 * The where, to which rows come that it has seen, lets them pass. */
#ifndef PG_FLOW_LATE_H
#define PG_FLOW_LATE_H
#include "flow/decode.h"

/* The where behind a decoder that is asked twice; else NULL. */
struct pg_stage *pg_late_where(const struct pg_stage *decode);

/* Decodes a chunk for this where, or the copy of it that is to get the rows;
 * NULL: at once.  See pg_decoder_decode(). */
enum pg_status pg_late_decode(struct pg_decoder *decoder,
                              struct pg_stage *where,
                              const struct pg_piece *piece,
                              struct pg_decoded *decoded, struct pg_error *err);

/* where.c: the rows that the condition keeps, borrowed until the next call.
 * [out] count  below 0: the stage itself has to see these rows, whole */
enum pg_status pg_where_rows(struct pg_stage *where, struct pg_batch *batch,
                             const uint32_t **rows, int64_t *count,
                             struct pg_error *err);
/* where.c: are the rows that come those that it keeps? */
void pg_where_let_pass(struct pg_stage *where, bool pass);

#endif

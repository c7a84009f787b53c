/* decode.h - decoders, native and in Lua: chunks become batches. */
#ifndef PG_FLOW_DECODE_H
#define PG_FLOW_DECODE_H
#include "flow/piece.h"
#include "flow/settle.h"
#include "flow/stage.h"

/* A decoder at work on the bytes of one source. */
struct pg_decoder {             /* the zeroed struct is closed */
  struct pg_stage *stage;       /* borrowed */
  struct pg_instance *instance; /* owned; NULL: in Lua */
  int misses;                   /* chunks whose rows could not be kept, less
                                   those that could */
  int pause;                    /* chunks to decode before the next try */
  struct pg_reject *joined;     /* owned; of late.c */
  struct pg_counts counts;      /* owned; its stage gets them at the end */
};

enum pg_status pg_decoder_open(struct pg_decoder *decoder,
                               struct pg_stage *stage, struct pg_error *err);
void pg_decoder_close(struct pg_decoder *decoder);
enum pg_status pg_decoder_split(struct pg_decoder *decoder,
                                const peri_chunk *chunk, size_t *whole,
                                struct pg_error *err);

/* What a chunk gave. */
struct pg_decoded {
  int64_t rows;            /* well-formed ones, also those dropped */
  struct pg_batch *first;  /* owned; NULL: there was no first step */
  struct pg_batch *batch;  /* owned; NULL: no rows, nor columns */
  struct pg_batch **early; /* owned, and settled: rows before those,
                              with fewer columns */
  int early_count, early_max;
  const struct pg_reject *rejects; /* borrowed from the decoder */
  size_t reject_count;
};
/* After a failure `rejects` are those that were found before. */
enum pg_status pg_decoder_decode(struct pg_decoder *decoder,
                                 const struct pg_piece *piece,
                                 struct pg_decoded *decoded,
                                 struct pg_error *err);

/* Settles the columns of what pg_decoder_decode() gave, for pg_settled_apply();
 * `early` is settled then.
 * Rows that were kept and do not fit what came before are decoded again. */
enum pg_status pg_decoder_settle(struct pg_decoder *decoder,
                                 const struct pg_piece *piece,
                                 struct pg_decoded *decoded,
                                 struct pg_settled *settled,
                                 struct pg_error *err);

/* Decodes a piece here, or hands it to the workers.  [take] what piece holds.
 * Thread: the one that reads.  Answers: PG_DONE when nobody wants more */
enum pg_status pg_decode_piece(struct pg_decoder *decoder,
                               struct pg_piece *piece, struct pg_error *err);

/* Gives the rows, with the columns that they have settled on, to the stages
 * that `from` feeds.  Answers: PG_DONE when nobody wants more */
enum pg_status pg_decoded_emit(struct pg_decoded *decoded,
                               const struct pg_settled *settled,
                               struct pg_stage *from, struct pg_error *err);

/* Releases the batches. */
void pg_decoded_fini(struct pg_decoded *decoded);

/* Ends the stage when `status` is PG_DONE; answers it.  Thread: the one that
 * delivers */
enum pg_status pg_decode_end(struct pg_stage *stage, enum pg_status status,
                             struct pg_error *err);

/* Counts the malformed rows of a piece, and lets it pass.  Thread: the one that
 * delivers.
 * Fails: PG_BAD_INPUT (one came and stops the run), PG_IO, PG_NO_MEMORY */
enum pg_status pg_decode_rejects(struct pg_stage *stage,
                                 const struct pg_piece *piece,
                                 const struct pg_reject *rejects, size_t count,
                                 struct pg_error *err);

/* The columns that came from this stage. */
struct pg_settle *pg_decode_settle(struct pg_stage *stage);
/* May several instances decode side by side? */
bool pg_decode_is_stateless(const struct pg_stage *stage);

/* At the end: columns that never came, what was rejected. Fails: PG_IO */
enum pg_status pg_decode_report(struct pg_flow *flow, struct pg_error *err);

#endif

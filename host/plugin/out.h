/* out.h - struct peri_out: what a plugin makes in one call of a hook.
 *
 * Every service that fills it checks what it is given, notes the first broken
 * promise and goes on; pg_out_take() and pg_out_check() report it after the
 * call, so that no plugin can make the host read what is not there. */
#ifndef PG_PLUGIN_OUT_H
#define PG_PLUGIN_OUT_H
#include "data/build.h"
#include "plugin/instance.h"

/* What the hook may make. */
#define PG_OUT_NAMES 1u   /* columns by name, for SCHEMA */
#define PG_OUT_COLUMNS 2u /* columns with values */
#define PG_OUT_PICKS 4u   /* rows of the input */
#define PG_OUT_REJECTS 8u /* malformed records */

struct peri_out { /* zeroed, then pg_out_init() */
  struct pg_context *context;
  unsigned may;
  struct pg_build build;
  bool made; /* a column was asked for in this call */
  struct pg_block
    *open; /* borrowed from the build's heap: out_heap() fills it */
  size_t open_used;
  char broken[300]; /* the first promise that was broken; "": none */
  bool no_memory;

  struct pg_batch *in; /* borrowed: rows to pick from; NULL: none */
  uint32_t *rows;      /* owned: picked, not yet a batch */
  size_t row_count, row_max;
  struct pg_batch **batches; /* owned, as are those in it */
  size_t batch_count, batch_max;

  size_t chunk_len;          /* a decoder's chunk: bounds of buffer 0 */
  struct pg_reject *rejects; /* owned */
  size_t reject_count, reject_max;
  struct pg_arena texts; /* of rejects */
};

void pg_out_init(struct peri_out *out, struct pg_context *context);
void pg_out_fini(struct peri_out *out);

/* Before a call.  [borrow] in, until the call is over; chunk: see
 * pg_build_begin().  False: no memory */
bool pg_out_begin(struct peri_out *out, unsigned may, struct pg_batch *in,
                  struct pg_block *chunk, const char *base, size_t chunk_len);

/* Notes that the plugin broke a promise. */
void pg_out_break(struct peri_out *out, const char *format, ...)
  PG_PRINTF(2, 3);

/* After a call that went well.  Fails: PG_BAD_INPUT (a broken promise),
 * PG_NO_MEMORY */
enum pg_status pg_out_check(const struct peri_out *out, const char *what,
                            struct pg_error *err);

/* The columns as a batch; NULL without a failure: none were made, or no rows,
 * unless a decoder made columns all the same.
 * Fails: as pg_out_check() */
enum pg_status pg_out_take(struct peri_out *out, const char *what,
                           struct pg_batch **batch, struct pg_error *err);

/* Makes batches of the rows still picked; then out->batches are all that the
 * plugin picked, in order, for the caller to take.  False: no memory */
bool pg_out_end_picks(struct peri_out *out);

/* Drops what the last call made; its rejects stay until the next one. */
void pg_out_drop(struct peri_out *out);

/* The services, see perigee/abi.h. */
int32_t pg_out_column(peri_out *out, const char *name, size_t len,
                      uint32_t type);
void *pg_out_values(peri_out *out, int32_t column, int64_t rows,
                    uint8_t **valid);
void *pg_out_retype(peri_out *out, int32_t column, uint32_t type, int64_t rows,
                    uint8_t **valid);
char *pg_out_heap(peri_out *out, size_t n, int32_t *buffer);
void pg_out_rows(peri_out *out, int64_t rows);
peri_status pg_out_pick(peri_out *out, const uint32_t *rows, int64_t n);
peri_status pg_out_slice(peri_out *out, int64_t from, int64_t n);
void pg_out_reject(peri_out *out, size_t offset, size_t len, const char *why,
                   size_t why_len);

#endif

/* stream.h - one stream (file) of bytes: its name, and where its lines are.
 *
 * Lines are counted only for the sake of malformed rows.  The bytes before the
 * first of those have gone by uncounted, so they are read again from the file;
 * a stream that cannot be read again (a pipe, or what was packed) is counted as
 * it goes by. */
#ifndef PG_FLOW_STREAM_H
#define PG_FLOW_STREAM_H
#include "base/block.h"

#include <perigee/abi.h>
#include <stdbool.h>

struct pg_stream {
  atomic_int refs;
  uint64_t number;
  struct pg_block *head_block; /* owned: of the first chunk; NULL: none yet */
  const char *head;
  size_t head_len;
  /* for who delivers only */
  bool counting;    /* every chunk from here on */
  bool lost;        /* how many lines came before is not known */
  uint64_t counted; /* bytes from the start */
  uint64_t lines;   /* newlines in them */
  char name[];
};

/* `again`: the bytes can be read again from the file `name`.  NULL: no memory.
 */
struct pg_stream *pg_stream_new(peri_str name, uint64_t number, bool again);
struct pg_stream *pg_stream_ref(struct pg_stream *stream);
void pg_stream_unref(struct pg_stream *stream);

/* Keeps the first chunk, which lies in `block`, for those that follow. */
void pg_stream_keep_head(struct pg_stream *stream, struct pg_block *block,
                         const char *bytes, size_t len);

/* A chunk goes by, in order; counts it when lines are counted. */
void pg_stream_pass(struct pg_stream *stream, const peri_chunk *chunk);

/* The number, from 1, of the line that begins at `at` of this chunk, before the
 * chunk passes; 0: not known. */
int64_t pg_stream_line(struct pg_stream *stream, const peri_chunk *chunk,
                       size_t at);

/* How many newlines there are. */
uint64_t pg_stream_count(const char *bytes, size_t n);

#endif

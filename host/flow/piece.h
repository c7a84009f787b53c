/* piece.h - a chunk on its way to a decoder. */
#ifndef PG_FLOW_PIECE_H
#define PG_FLOW_PIECE_H
#include "flow/stream.h"

struct pg_piece { /* the zeroed struct is empty */
  peri_chunk chunk;
  struct pg_block *block;   /* owned: holds the bytes */
  struct pg_stream *stream; /* owned */
};

static inline void pg_piece_fini(struct pg_piece *piece)
{
  pg_block_unref(piece->block);
  pg_stream_unref(piece->stream);
  *piece = (struct pg_piece){0};
}

#endif

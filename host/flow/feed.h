/* feed.h - the bytes of one source, cut into chunks of whole records.
 *
 *   block  |  margin  |--- room of the source ---|
 *             |=======|
 *             partial record, moved there from the block before
 *
 * Reading and cutting are two steps, so that they can be on two threads: what
 * was read is cut in order, while more is read.  A record that is larger than
 * the margin is put together in a block that grows.
 *
 * For a node that is `exact` (graph.h) the first chunk has the records that lie
 * in as many bytes as are read at once, however these come, unless nothing
 * comes for a second.
 *
 * A source may say where in a file the bytes are; they are read in a step
 * between, on any thread. */
#ifndef PG_FLOW_FEED_H
#define PG_FLOW_FEED_H
#include "flow/stage.h"

struct pg_feed;

/* Feeds the decoder `stage`, with an instance of its own: two sources may feed
 * one decoder.  Fails: as the instance does */
enum pg_status pg_feed_new(struct pg_stage *stage, struct pg_feed **feed,
                           struct pg_error *err);
void pg_feed_free(struct pg_feed *feed);

/* What a source gave at once. */
struct pg_read {          /* the zeroed struct is empty */
  struct pg_block *block; /* owned; NULL: no bytes */
  size_t len;             /* of the room in it */
  bool in_file;           /* they are to be read: from `at` on of `fd` */
  int fd;                 /* owned when in_file */
  int error;              /* 0, or what stopped that, of errno */
  uint64_t at;
  char *name;       /* owned; NULL: as before */
  uint32_t flags;   /* PERI_CHUNK_FIRST, PERI_CHUNK_LAST */
  peri_status said; /* how the source answered */
  uint64_t done, total;
};
void pg_read_fini(struct pg_read *read);
/* Reads what is in a file; what stops that comes after what came before it.
 * Thread: any */
void pg_read_fill(struct pg_read *read);

/* Sets the room where a source may write.  Thread: the one that reads */
enum pg_status pg_feed_room(struct pg_feed *feed, peri_poll *poll,
                            struct pg_error *err);
/* Takes the room with what the source wrote.  Thread: the one that reads
 * [out]  read  [give] */
enum pg_status pg_feed_read(struct pg_feed *feed, const peri_poll *poll,
                            peri_status said, struct pg_read *read,
                            struct pg_error *err);

/* Cuts what was read, and passes on the whole records.  Thread: the one that
 * cuts.  Answers: PG_DONE when nobody wants more
 * [take]  read */
enum pg_status pg_feed_cut(struct pg_feed *feed, struct pg_read *read,
                           struct pg_error *err);
/* The name of the stream that is being cut.  Thread: the one that cuts */
const char *pg_feed_stream(const struct pg_feed *feed);

#endif

/* feed.h - the bytes of one source, cut into chunks of whole records.
 *
 *   block  |....decoded....|=== partial record ===|--- room of the source ---|
 *                          start                  end
 *
 * What is behind the last whole record moves to the front of the next block; a
 * record that is larger than a block makes the block grow. */
#ifndef PG_FLOW_FEED_H
#define PG_FLOW_FEED_H
#include "flow/stage.h"

struct pg_feed;

/* Feeds the decoder `stage`, with an instance of its own: two sources may feed
 * one decoder.  Fails: as the instance does */
enum pg_status pg_feed_new(struct pg_stage *stage, struct pg_feed **feed,
                           struct pg_error *err);
void pg_feed_free(struct pg_feed *feed);

/* Sets the room where a source may write. */
enum pg_status pg_feed_room(struct pg_feed *feed, peri_poll *poll,
                            struct pg_error *err);

/* Takes what the source wrote; `said` is how it answered.  Answers: PG_DONE
 * when nobody wants more */
enum pg_status pg_feed_take(struct pg_feed *feed, const peri_poll *poll,
                            peri_status said, struct pg_error *err);

#endif

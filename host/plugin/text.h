/* text.h - a pg_text as encoders see it. */
#ifndef PG_PLUGIN_TEXT_H
#define PG_PLUGIN_TEXT_H
#include "plugin/instance.h"

/* Room behind the text.  [borrow] text, until pg_text_take_bytes(), with one
 * call of a plugin between.  False: no memory. */
bool pg_text_lend(struct pg_text *text, peri_bytes *bytes);

/* The text is as long as was written; or, when the plugin broke a promise, as
 * before.  False: it wrote beyond its room, or moved back. */
bool pg_text_take_bytes(struct pg_text *text, const peri_bytes *bytes);

/* The service `grow`, see perigee/abi.h. */
peri_status pg_text_grow(peri_bytes *bytes, size_t n);

#endif

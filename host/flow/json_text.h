/* json_text.h - single values as JSON text, exactly as the encoder "json" of
 * the plugin of that name writes them: a column that becomes JSON text in the
 * middle of a stream must read as if it had been that from the start. */
#ifndef PG_FLOW_JSON_TEXT_H
#define PG_FLOW_JSON_TEXT_H
#include "data/column.h"
#include "plugin/instance.h"

/* Appends the value of a row that is not null; not for bin.  False: no memory.
 */
bool pg_json_text(struct pg_text *text, const struct pg_column *column,
                  int64_t row);

#endif

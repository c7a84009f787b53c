/* world.h - what the specs of plugins share: a directory that goes away, the
 * plugins of spec/plugins, and instances of what they hold. */
#ifndef PG_SPEC_PLUGIN_WORLD_H
#define PG_SPEC_PLUGIN_WORLD_H
#include "check/check.h"
#include "plugin/instance.h"

/* A fresh directory, also for copies of plugins; removed when the test ends. */
const char *world_directory(void);

/* "directory/name"; static, of the last eight calls. */
const char *world_path(const char *directory, const char *name);

/* A file of spec/plugins, loaded, or the end of the test. */
const struct pg_plugin *world_load(const char *name);

/* Writes a file into world_directory(); its path. */
const char *world_write(const char *name, const void *bytes, size_t size);

/* The whole file; release with free(). */
char *world_read(const char *path, size_t *size);

/* A map of one text, valid until the next eight calls; NULL key: an empty map.
 */
const struct pg_value *world_text(const char *key, const char *text);
const struct pg_value *world_int(const char *key, int64_t number);

const struct pg_plugin_item *world_item(const struct pg_plugin *plugin,
                                        uint32_t kind, const char *name);

/* An instance, or the end of the test. */
struct pg_instance *world_open(const struct pg_plugin *plugin, uint32_t kind,
                               const char *name, const struct pg_value *params);

/* The failure has this status, and a text that holds `part`. */
void world_failed(enum pg_status status, enum pg_status expected,
                  const struct pg_error *err, const char *part);

/* A column of f64, with null where the number is not a number. */
struct pg_batch *world_numbers(const char *name, const double *numbers,
                               int64_t n);
struct pg_batch *world_integers(const char *name, int64_t n); /* 0, 1, ... */

/* A text of the batch: columns and rows; static. */
const char *world_show(const struct pg_batch *batch);

#endif

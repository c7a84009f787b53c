/* params.h - fills the parameter struct of a plugin's stage from a table. */
#ifndef PG_PLUGIN_PARAMS_H
#define PG_PLUGIN_PARAMS_H
#include "plugin/decl.h"

/* Refuses a layout that does not fit its declaration: count, offsets and sizes
 * of the members.  Fails: PG_REFUSED */
enum pg_status pg_params_check_layout(const struct pg_decl *decl,
                                      const peri_layout *layout,
                                      struct pg_error *err);

/* Writes the C struct that `decl` and `layout` describe (layout->bytes bytes at
 * `out`): defaults first, then what `table` (a map, an empty list or nil)
 * gives.  Texts and lists are copied to `arena`; texts end with a NUL.
 *
 * Fails:  PG_BAD_INPUT (unknown name, type, range, choice, missing),
 *         PG_NO_MEMORY; `out` is then unspecified
 * Thread: any
 */
enum pg_status pg_params_fill(const struct pg_decl *decl,
                              const peri_layout *layout,
                              const struct pg_value *table,
                              struct pg_arena *arena, void *out,
                              struct pg_error *err);

#endif

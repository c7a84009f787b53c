/* field.h - the types that declarations name, and how a value of a config
 * becomes the C value of one field. */
#ifndef PG_PLUGIN_FIELD_H
#define PG_PLUGIN_FIELD_H
#include "base/arena.h"
#include "base/status.h"
#include "plugin/value.h"

enum pg_form {
  PG_FORM_ONE,
  PG_FORM_OPT,    /* opt_i64 */
  PG_FORM_LIST,   /* list_str */
  PG_FORM_RECORD, /* a record of the same plugin, by name */
};

#define PG_BASE_PAIR 31 /* base of list_pair: { name = "text" } */

struct pg_decl_type {
  const char *name; /* as written: "opt_i64"; "_Bool" reads "bool" */
  enum pg_form form;
  uint32_t base; /* PERI_T_* or PG_BASE_PAIR */
  uint32_t set;  /* 1u << PERI_T_* of every type that fits: "i64|f64", "any" */
};

/* An argument, a column, a member of a record or a parameter. */
struct pg_decl_field {
  const char *name;
  struct pg_decl_type type;
  /* of parameters only: */
  const char *doc; /* "" when there is none */
  bool required;
  struct pg_value standard;  /* the default; PG_VALUE_NIL: none */
  struct pg_value low, high; /* PG_VALUE_NIL: no bound */
  const char *const *choices;
  size_t choice_count;
};

/* Reads one type name.  False: it is none, or no memory. */
bool pg_decl_type_parse(const char *text, size_t len, struct pg_arena *arena,
                        struct pg_decl_type *type);

/* Bytes and alignment of the C type; 0 for a record. */
size_t pg_decl_type_size(const struct pg_decl_type *type);
size_t pg_decl_type_align(const struct pg_decl_type *type);

/* Writes `value` as the C type of the field to `out`, after the checks of type,
 * range and choices.  Texts and lists are copied to `arena`.  The message names
 * what was expected, not the field.
 *
 * Fails: PG_BAD_INPUT, PG_NO_MEMORY
 */
enum pg_status pg_field_store(const struct pg_decl_field *field,
                              const struct pg_value *value,
                              struct pg_arena *arena, void *out,
                              struct pg_error *err);

#endif

/* decl.h - what a declaration text of a plugin says.
 *
 *   function min(a: i32, b: i32) -> i32\nDoc.
 *   aggregate mean(x: f64) -> f64 state mean_state\nDoc.
 *   aggregate part(x: f64, q: f64 0..1) -> f64 state part_state\nDoc.
 *   class counter(start: i64)\nDoc.
 *   method counter:add(by: i64) -> i64\nDoc.
 *   kernel keep(value: f64) -> () params keep_params state peri_none\nDoc.
 *   decoder json params json_params state json_reader\nDoc.
 *   params keep_params\nlimit: f64 = 0.5\tDoc.\t0..1\n
 *   record point\nx: f64\tDoc.\n
 *   variant shape\nround: circle\tDoc.\ndot: none\tDoc.\n */
#ifndef PG_PLUGIN_DECL_H
#define PG_PLUGIN_DECL_H
#include "plugin/field.h"

struct pg_decl {
  uint32_t kind;     /* PERI_K_*; 0: the plugin itself */
  const char *name;  /* all texts are borrowed from the arena */
  const char *owner; /* of a method: the class; else NULL */
  const char *doc;   /* "" when there is none */
  const char *text;  /* all of it */
  bool variant;      /* PERI_K_TYPE: the fields are cases */
  /* functions, aggregates, methods, classes: the arguments; kernels: the input
   * columns, none: every column; records and params: the members */
  const struct pg_decl_field *fields;
  size_t field_count;
  const struct pg_decl_field *outputs; /* kernels; none: rows of the input */
  size_t output_count;
  struct pg_decl_type returns; /* functions, aggregates, methods */
};

/* Reads one text, which ends with a NUL.
 *
 * [out]  decl  set only on PG_OK; lies in `arena`, texts included
 * Fails: PG_REFUSED (names the declaration, line and column), PG_NO_MEMORY,
 *        PG_UNSUPPORTED (a kind that this host does not know)
 */
enum pg_status pg_decl_parse(const char *text, struct pg_arena *arena,
                             struct pg_decl *decl, struct pg_error *err);

/* "function", ..., for PERI_K_*; "plugin" for 0; NULL: unknown. */
const char *pg_kind_word(uint32_t kind);

/* An order of overloads by their arguments: fewer first, then by PERI_T_*, so
 * that i64 is before f64, and that before str.  0: of the same types. */
int pg_decl_compare_args(const struct pg_decl *a, const struct pg_decl *b);

#endif

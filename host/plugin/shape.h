/* shape.h - how the values of functions lie in memory: type names resolved
 * against the records and variants of their plugin.
 *
 *   i64, str, ...  the C type                 char    uint32_t, a code point
 *   opt_T          {T value; int32_t has, reserved;}
 *   list_T, buf_T  {T *ptr; size_t len;}      T may have a prefix of its own
 *   a record       the struct of its layout
 *   a variant      {int32_t tag, reserved; union u;}
 *   obj_T          T *, the state of an object of the class T: parameters only
 *   new_T          that state, in zeroed memory of the host: results only */
#ifndef PG_PLUGIN_SHAPE_H
#define PG_PLUGIN_SHAPE_H
#include "plugin/plugin.h"

enum pg_shape_form {
  PG_SHAPE_ONE,
  PG_SHAPE_NONE, /* a case of a variant that holds nothing */
  PG_SHAPE_CHAR,
  PG_SHAPE_PAIR, /* within list_pair: a table of strings by name */
  PG_SHAPE_OPT,
  PG_SHAPE_LIST,
  PG_SHAPE_BUF,
  PG_SHAPE_RECORD,
  PG_SHAPE_VARIANT,
  PG_SHAPE_OBJECT,
  PG_SHAPE_NEW,
};

struct pg_shape_field {
  const char *name;
  const struct pg_shape *shape;
  size_t offset;
};

struct pg_shape {
  enum pg_shape_form form;
  uint32_t base; /* ONE: PERI_T_* */
  const char *name;
  size_t size, align;
  size_t has_at;                       /* OPT: offset of `has` */
  const struct pg_shape *item;         /* OPT, LIST, BUF */
  const struct pg_plugin_item *class;  /* OBJECT, NEW */
  const struct pg_shape_field *fields; /* RECORD; VARIANT: by tag */
  size_t field_count;
};

/* Sets `shapes` of the functions, methods, classes, records and variants among
 * `items`, which are sorted as in struct pg_plugin.
 *
 * Fails: PG_REFUSED (an unknown type, a field outside of its struct, a method
 *        without a class, or with a name that the class has already),
 *        PG_NO_MEMORY
 */
enum pg_status pg_shapes_resolve(struct pg_plugin_item *items, size_t count,
                                 struct pg_arena *arena, struct pg_error *err);

#endif

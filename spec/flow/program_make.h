/* program_make.h - programs written down by hand, for tests and the benchmark.
 *
 *   struct make m = {.ops = plugin};
 *   int status = make_column(&m, "status");
 *   make_call(&m, "lt_i64", 2, (int[]){make_i64(&m, 500), status});
 *   struct pg_program *program = make_program(&m);
 *
 * Every function but the last gives the register of what it adds. */
#ifndef PG_SPEC_PROGRAM_MAKE_H
#define PG_SPEC_PROGRAM_MAKE_H
#include "flow/program.h"

#define MAKE_MAX 64

struct make {
  const struct pg_plugin *ops; /* where functions come from */
  struct pg_instruction code[MAKE_MAX];
  int count;
};

/* The plugin in the file; ends the test when it does not load. */
const struct pg_plugin *make_load(const char *path);

int make_column(struct make *m, const char *name);
int make_null(struct make *m, uint32_t type);
int make_bool(struct make *m, bool value);
int make_i64(struct make *m, int64_t value);
int make_f64(struct make *m, double value);
int make_str(struct make *m, const char *text);
int make_const(struct make *m, uint32_t type, peri_slot value);
int make_call(struct make *m, const char *function, int count, const int *args);
int make_equal(struct make *m, const char *function, int a, int b);
int make_logic(struct make *m, enum pg_op op, int a,
               int b); /* NOT, TRUTH: b -1 */

/* The program as text, a line for an instruction, for messages; static. */
const char *make_shown(const struct make *m);

/* Ends the test when it is refused. */
struct pg_program *make_program(const struct make *m);

/* A function of a plugin by name; ends the test when there is none. */
const struct pg_plugin_item *make_native(const struct pg_plugin *plugin,
                                         const char *name);

#endif

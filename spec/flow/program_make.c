/* program_make.c - programs written down by hand. */
#include "program_make.h"

#include "check/check.h"

#include <string.h>

const struct pg_plugin *make_load(const char *path)
{
  const struct pg_plugin *plugin = NULL;
  struct pg_error err = {0};
  CHECK(pg_plugin_load(path, NULL, &plugin, &err) == PG_OK, "%s: %s", path,
        err.text);
  return plugin;
}

static int add(struct make *m, struct pg_instruction in)
{
  CHECK(m->count < MAKE_MAX, "the program is too long");
  m->code[m->count] = in;
  return m->count++;
}

int make_column(struct make *m, const char *name)
{
  return add(m, (struct pg_instruction){.op = PG_OP_COLUMN,
                                        .text = {name, strlen(name)}});
}

int make_null(struct make *m, uint32_t type)
{
  return add(m, (struct pg_instruction){
                  .op = PG_OP_CONST, .type = type, .is_null = true});
}

int make_const(struct make *m, uint32_t type, peri_slot value)
{
  return add(m, (struct pg_instruction){
                  .op = PG_OP_CONST, .type = type, .value = value});
}

int make_bool(struct make *m, bool value)
{
  return make_const(m, PERI_T_BOOL, (peri_slot){.b = value});
}

int make_i64(struct make *m, int64_t value)
{
  return make_const(m, PERI_T_I64, (peri_slot){.i64 = value});
}

int make_f64(struct make *m, double value)
{
  return make_const(m, PERI_T_F64, (peri_slot){.f64 = value});
}

int make_str(struct make *m, const char *text)
{
  return make_const(m, PERI_T_STR, (peri_slot){.str = {text, strlen(text)}});
}

const struct pg_plugin_item *make_native(const struct pg_plugin *plugin,
                                         const char *name)
{
  size_t count;
  const struct pg_plugin_item *native =
    pg_plugin_item(plugin, PERI_K_FUNCTION, name, &count);
  CHECK(native, "no function '%s'", name);
  return native;
}

int make_call(struct make *m, const char *function, int count, const int *args)
{
  struct pg_instruction in = {.op = PG_OP_CALL,
                              .plugin = m->ops,
                              .native = make_native(m->ops, function),
                              .arg_count = count};
  for (int k = 0; k < count; k++) {
    in.args[k] = args[k];
  }
  return add(m, in);
}

int make_equal(struct make *m, const char *function, int a, int b)
{
  return add(m, (struct pg_instruction){.op = PG_OP_EQUAL,
                                        .plugin = m->ops,
                                        .native = make_native(m->ops, function),
                                        .args = {a, b},
                                        .arg_count = 2});
}

int make_logic(struct make *m, enum pg_op op, int a, int b)
{
  return add(m, (struct pg_instruction){
                  .op = op, .args = {a, b}, .arg_count = b < 0 ? 1 : 2});
}

const char *make_shown(const struct make *m)
{
  static const char *const names[] = {"column", "const", "call", "equal", "not",
                                      "truth",  "and",   "or",   "if"};
  static char text[8000];
  size_t len = 0;
  for (int i = 0; i < m->count; i++) {
    const struct pg_instruction *in = &m->code[i];
    const char *name = in->native     ? in->native->decl->name
                       : in->text.ptr ? in->text.ptr
                                      : "";
    len += (size_t)snprintf(text + len, sizeof text - len, "\n  %d = %s %s", i,
                            names[in->op], name);
    for (int k = 0; k < in->arg_count; k++) {
      len +=
        (size_t)snprintf(text + len, sizeof text - len, " %d", in->args[k]);
    }
    if (in->op == PG_OP_CONST) {
      len += (size_t)snprintf(text + len, sizeof text - len, "%s %s %lld",
                              pg_type_name(in->type), in->is_null ? "null" : "",
                              (long long)in->value.i64);
    }
  }
  return text;
}

struct pg_program *make_program(const struct make *m)
{
  struct pg_program *program = NULL;
  struct pg_error err = {0};
  CHECK(pg_program_new(m->code, m->count, &program, &err) == PG_OK, "%s",
        err.text);
  return program;
}

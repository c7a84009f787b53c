/* program.c - making programs: instructions are checked and copied. */
#include "flow/program_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static atomic_uint_fast64_t ids;

static bool is_column_type(const struct pg_decl_type *type)
{
  return type->base > PERI_T_NULL && type->base < PG_TYPE_COUNT;
}

static enum pg_status check_signature(const struct pg_instruction *in, int at,
                                      struct pg_error *err)
{
  const struct pg_decl *decl = in->native->decl;
  if (decl->field_count != (size_t)in->arg_count) {
    return pg_fail(err, PG_BAD_INPUT,
                   "instruction %d: function '%s' takes %zu arguments, not %d",
                   at, decl->name, decl->field_count, in->arg_count);
  }
  for (int k = 0; k < in->arg_count; k++) {
    const struct pg_decl_type *type = &decl->fields[k].type;
    if (type->form != PG_FORM_ONE || !is_column_type(type)) {
      return pg_fail(err, PG_BAD_INPUT,
                     "instruction %d: function '%s' takes a '%s', which no "
                     "column can hold",
                     at, decl->name, type->name);
    }
  }
  if ((decl->returns.form != PG_FORM_ONE &&
       decl->returns.form != PG_FORM_OPT) ||
      !is_column_type(&decl->returns)) {
    return pg_fail(
      err, PG_BAD_INPUT,
      "instruction %d: function '%s' gives a '%s', which no column "
      "can hold",
      at, decl->name, decl->returns.name);
  }
  bool is_bool =
    decl->returns.form == PG_FORM_ONE && decl->returns.base == PERI_T_BOOL;
  if (in->op == PG_OP_EQUAL && !is_bool) {
    return pg_fail(err, PG_BAD_INPUT,
                   "instruction %d: function '%s' gives a '%s', equality is a "
                   "bool",
                   at, decl->name, decl->returns.name);
  }
  return PG_OK;
}

static enum pg_status check_native(const struct pg_instruction *in, int at,
                                   struct pg_error *err)
{
  const struct pg_plugin_item *native = in->native;
  if (!native || !in->plugin || native->decl->kind != PERI_K_FUNCTION) {
    return pg_fail(err, PG_BAD_INPUT, "instruction %d calls no function", at);
  }
  if (!native->item || !(native->item->map || native->item->call)) {
    return pg_fail(err, PG_BAD_INPUT,
                   "instruction %d: function '%s' is described, not loaded", at,
                   native->decl->name);
  }
  if (!(native->flags & PERI_PURE)) {
    return pg_fail(err, PG_BAD_INPUT,
                   "instruction %d: function '%s' is not pure", at,
                   native->decl->name);
  }
  return check_signature(in, at, err);
}

static int args_of(enum pg_op op)
{
  switch (op) {
  case PG_OP_COLUMN:
  case PG_OP_CONST:
    return 0;
  case PG_OP_NOT:
  case PG_OP_TRUTH:
    return 1;
  case PG_OP_EQUAL:
  case PG_OP_AND:
  case PG_OP_OR:
  case PG_OP_IF:
    return 2;
  case PG_OP_CALL:
    break;
  }
  return -1;
}

static enum pg_status check(const struct pg_instruction *in, int i,
                            struct pg_error *err)
{
  int wanted = args_of(in->op);
  if (wanted >= 0 ? in->arg_count != wanted
                  : in->arg_count < 0 || in->arg_count > PG_PROGRAM_ARGS_MAX) {
    return pg_fail(err, PG_BAD_INPUT, "instruction %d has %d arguments", i + 1,
                   in->arg_count);
  }
  for (int k = 0; k < in->arg_count; k++) {
    if (in->args[k] < 0 || in->args[k] >= i) {
      return pg_fail(err, PG_BAD_INPUT,
                     "instruction %d reads register %d, which is not set yet",
                     i + 1, in->args[k] + 1);
    }
  }
  if (in->op == PG_OP_CONST && in->type >= PG_TYPE_COUNT) {
    return pg_fail(err, PG_BAD_INPUT, "instruction %d has no type", i + 1);
  }
  if (in->op == PG_OP_CALL || in->op == PG_OP_EQUAL) {
    return check_native(in, i + 1, err);
  }
  return PG_OK;
}

static bool copy_text(struct pg_program *program, peri_str *text)
{
  text->ptr = pg_arena_copy(&program->arena, text->ptr, text->len);
  return text->ptr != NULL;
}

/* A text that is null may lie nowhere; one argument that no view of a text
 * could be trusted in: what a function of texts is given has to be there. */
static bool is_total(const struct pg_instruction *in)
{
  if ((in->op != PG_OP_CALL && in->op != PG_OP_EQUAL) ||
      !(in->native->flags & PERI_TOTAL)) {
    return false;
  }
  for (int k = 0; k < in->arg_count; k++) {
    if (pg_type_is_text(in->native->decl->fields[k].type.base)) {
      return false;
    }
  }
  return true;
}

static bool copy(struct pg_program *program,
                 const struct pg_instruction *instructions)
{
  for (int i = 0; i < program->count; i++) {
    struct pg_step *step = &program->steps[i];
    step->in = instructions[i];
    step->total = is_total(&step->in);
    if (step->in.op == PG_OP_CONST) {
      step->in.is_null |= step->in.type == PERI_T_NULL;
    }
    bool text = step->in.op == PG_OP_CONST && !step->in.is_null &&
                pg_type_is_text(step->in.type);
    if ((text && !copy_text(program, &step->in.value.str)) ||
        (step->in.op == PG_OP_COLUMN && !copy_text(program, &step->in.text))) {
      return false;
    }
  }
  return pg_program_guard(program);
}

enum pg_status pg_program_new(const struct pg_instruction *instructions,
                              int count, struct pg_program **program,
                              struct pg_error *err)
{
  if (count < 1) {
    return pg_fail(err, PG_BAD_INPUT, "a program needs an instruction");
  }
  for (int i = 0; i < count; i++) {
    enum pg_status status = check(&instructions[i], i, err);
    if (status != PG_OK) {
      return status;
    }
  }
  struct pg_program *made =
    calloc(1, sizeof *made + (size_t)count * sizeof made->steps[0]);
  if (made) {
    atomic_init(&made->refs, 1);
    made->id = atomic_fetch_add(&ids, 1) + 1;
    made->count = count;
  }
  if (!made || !copy(made, instructions)) {
    pg_program_unref(made);
    return pg_fail(err, PG_NO_MEMORY, "no memory for an expression");
  }
  *program = made;
  return PG_OK;
}

struct pg_program *pg_program_ref(struct pg_program *program)
{
  atomic_fetch_add_explicit(&program->refs, 1, memory_order_relaxed);
  return program;
}

void pg_program_unref(struct pg_program *program)
{
  if (!program ||
      atomic_fetch_sub_explicit(&program->refs, 1, memory_order_acq_rel) != 1) {
    return;
  }
  pg_arena_fini(&program->arena);
  free(program);
}

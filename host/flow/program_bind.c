/* program_bind.c - a program and a schema: types, constants, room for results.
 */
#include "flow/program_parts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Codes of a dictionary of one text. */
static const int32_t zeros[PG_CHUNK_ROWS];

/* ------------------------------------------------------------------- types */

static bool fits(uint32_t wanted, uint32_t type)
{
  return type == wanted || type == PERI_T_NULL ||
         (pg_type_is_text(type) && pg_type_is_text(wanted));
}

static enum pg_status type_of_call(const struct pg_instruction *in, int at,
                                   const uint32_t *types, uint32_t *type,
                                   struct pg_error *err)
{
  const struct pg_decl *decl = in->native->decl;
  for (int k = 0; k < in->arg_count; k++) {
    uint32_t found = types[in->args[k]];
    if (!fits(decl->fields[k].type.base, found)) {
      return pg_fail(err, PG_BAD_INPUT,
                     "instruction %d: argument %d of '%s' is a %s, not a %s",
                     at, k + 1, decl->name, decl->fields[k].type.name,
                     pg_type_name(found));
    }
  }
  *type = decl->returns.base;
  return PG_OK;
}

static enum pg_status type_of_both(const struct pg_instruction *in, int at,
                                   const uint32_t *types, uint32_t *type,
                                   struct pg_error *err)
{
  uint32_t a = types[in->args[0]], b = types[in->args[1]];
  if (!fits(a, b) && a != PERI_T_NULL) {
    return pg_fail(err, PG_BAD_INPUT, "instruction %d joins a %s and a %s", at,
                   pg_type_name(a), pg_type_name(b));
  }
  *type = a == PERI_T_NULL ? b : a;
  return PG_OK;
}

static uint32_t column_type(const struct pg_instruction *in,
                            const struct pg_schema *schema)
{
  int index = pg_schema_find(schema, in->text);
  return index < 0 ? PERI_T_NULL : schema->fields[index].type;
}

enum pg_status pg_program_types(const struct pg_program *program,
                                const struct pg_schema *schema, uint32_t *types,
                                struct pg_error *err)
{
  for (int i = 0; i < program->count; i++) {
    const struct pg_instruction *in = &program->steps[i].in;
    enum pg_status status = PG_OK;
    switch (in->op) {
    case PG_OP_COLUMN:
      types[i] = column_type(in, schema);
      break;
    case PG_OP_CONST:
      types[i] = in->type;
      break;
    case PG_OP_CALL:
    case PG_OP_EQUAL:
      status = type_of_call(in, i + 1, types, &types[i], err);
      break;
    case PG_OP_NOT:
    case PG_OP_TRUTH:
      types[i] = PERI_T_BOOL;
      break;
    case PG_OP_AND:
    case PG_OP_OR:
      status = type_of_both(in, i + 1, types, &types[i], err);
      break;
    case PG_OP_IF:
      types[i] = types[in->args[1]];
      break;
    }
    if (status != PG_OK) {
      return status;
    }
  }
  return PG_OK;
}

uint32_t pg_program_type(const struct pg_program *program,
                         const struct pg_schema *schema)
{
  uint32_t *types = malloc((size_t)program->count * sizeof *types);
  uint32_t type = PERI_T_NULL;
  if (types && pg_program_types(program, schema, types, NULL) == PG_OK) {
    type = types[program->count - 1];
  }
  free(types);
  return type;
}

bool pg_program_meets_null(const struct pg_program *program,
                           const struct pg_batch *batch)
{
  for (int i = 0; i < program->count; i++) {
    const struct pg_instruction *in = &program->steps[i].in;
    if (in->op == PG_OP_COLUMN) {
      int index = pg_schema_find(batch->schema, in->text);
      if (index < 0 || batch->columns[index]->nulls > 0) {
        return true;
      }
    }
  }
  return false;
}

/* ------------------------------------------------------------------ frames */

/* Room for bytes of the work memory.  The odd line between two rooms keeps a
 * read from one and a write to the other from looking like the same place to
 * the processor, which compares the low 12 bits of addresses. */
static size_t take_room(struct pg_frame *frame, size_t bytes)
{
  size_t at = frame->work_size;
  frame->work_size += ((bytes + 63) & ~(size_t)63) + 64;
  return at;
}

static bool bind_const(struct pg_frame *frame, struct pg_register *reg,
                       const struct pg_instruction *in)
{
  reg->null = in->is_null;
  if (reg->null) {
    return true;
  }
  if (pg_type_is_text(in->type)) {
    reg->span = in->value.str;
    reg->span.ptr = pg_arena_copy(&frame->arena, reg->span.ptr, reg->span.len);
    reg->text = (peri_col){
      .n = 1, .data = &reg->span, .type = in->type, .layout = PERI_L_SPAN};
    reg->col.layout = PERI_L_DICT;
    reg->col.data = zeros;
    reg->col.aux = &reg->text;
    return reg->span.ptr != NULL;
  }
  size_t width = pg_type_width(in->type);
  char *values = pg_arena_alloc(&frame->arena, width * PG_CHUNK_ROWS);
  for (size_t i = 0; values && i < PG_CHUNK_ROWS; i++) {
    memcpy(values + i * width, &in->value, width);
  }
  reg->col.data = values;
  return values != NULL;
}

static bool bind_call(struct pg_frame *frame, struct pg_scratch *scratch,
                      struct pg_register *reg, const struct pg_instruction *in)
{
  reg->context = pg_scratch_context(scratch, in->plugin);
  if (!reg->context) {
    return false;
  }
  for (int i = 0; i < frame->context_count; i++) {
    if (frame->contexts[i] == reg->context) {
      return true;
    }
  }
  frame->contexts[frame->context_count++] = reg->context;
  return true;
}

static bool bind_step(struct pg_frame *frame, struct pg_scratch *scratch,
                      const struct pg_step *step, struct pg_register *reg)
{
  const struct pg_instruction *in = &step->in;
  bool call = in->op == PG_OP_CALL || in->op == PG_OP_EQUAL;
  reg->column =
    in->op == PG_OP_COLUMN ? pg_schema_find(frame->schema, in->text) : -1;
  if (in->op == PG_OP_CONST) {
    return bind_const(frame, reg, in);
  }
  if (in->op != PG_OP_COLUMN || reg->col.type == PERI_T_BOOL) {
    size_t width = pg_type_width(reg->col.type);
    reg->values_at = take_room(frame, width * PG_CHUNK_ROWS);
  }
  reg->valid_at = take_room(frame, PG_CHUNK_ROWS / 8);
  if (step->guards) {
    reg->rows_at = take_room(frame, PG_CHUNK_ROWS / 8);
  }
  if (call && in->native->decl->returns.form == PG_FORM_OPT) {
    reg->given_at = take_room(frame, PG_CHUNK_ROWS);
  }
  return !call || bind_call(frame, scratch, reg, in);
}

static bool bind(struct pg_frame *frame, struct pg_scratch *scratch,
                 const struct pg_program *program, const uint32_t *types)
{
  size_t count = (size_t)program->count;
  frame->registers =
    pg_arena_alloc(&frame->arena, count * sizeof *frame->registers);
  frame->contexts =
    pg_arena_alloc(&frame->arena, count * sizeof(struct pg_context *));
  if (!frame->registers || !frame->contexts) {
    return false;
  }
  memset(frame->registers, 0, count * sizeof *frame->registers);
  for (size_t i = 0; i < count; i++) {
    struct pg_register *reg = &frame->registers[i];
    reg->col.type = types[i];
    if (program->steps[i].used &&
        !bind_step(frame, scratch, &program->steps[i], reg)) {
      return false;
    }
  }
  return true;
}

enum pg_status pg_frame_new(const struct pg_program *program,
                            struct pg_scratch *scratch,
                            struct pg_schema *schema, struct pg_frame **frame,
                            struct pg_error *err)
{
  enum pg_status status = PG_OK;
  struct pg_frame *made = calloc(1, sizeof *made);
  uint32_t *types = malloc((size_t)program->count * sizeof *types);
  if (made && types) {
    made->program_id = program->id;
    made->schema = pg_schema_ref(schema);
    status = pg_program_types(program, schema, types, err);
  }
  if (status == PG_OK &&
      (!made || !types || !bind(made, scratch, program, types))) {
    status = pg_fail(err, PG_NO_MEMORY, "no memory for an expression");
  }
  if (status == PG_OK) {
    *frame = made;
    made = NULL;
  }
  free(types);
  pg_frame_free(made);
  return status;
}

void pg_frame_free(struct pg_frame *frame)
{
  if (frame) {
    pg_schema_unref(frame->schema);
    pg_arena_fini(&frame->arena);
    free(frame);
  }
}

void pg_frame_place(struct pg_frame *frame, const struct pg_program *program,
                    char *work)
{
  for (int i = 0; i < program->count; i++) {
    struct pg_register *reg = &frame->registers[i];
    reg->values = work + reg->values_at;
    reg->valid = (uint64_t *)(void *)(work + reg->valid_at);
    reg->given = (uint8_t *)work + reg->given_at;
    reg->lets = (uint64_t *)(void *)(work + reg->rows_at);
  }
}

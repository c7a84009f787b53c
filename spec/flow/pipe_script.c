/* pipe_script.c - the script of the specs: what Lua would do, in C. */
#include "data/build.h"
#include "pipe_own.h"

#include <string.h>

/* Calls must not overlap: a run with several threads holds a lock. */
static void enter(struct pipe *p)
{
  CHECK(__atomic_fetch_add(&p->calls, 1, __ATOMIC_SEQ_CST) == 0,
        "two calls of the script at once");
}

static void leave(struct pipe *p)
{
  __atomic_fetch_sub(&p->calls, 1, __ATOMIC_SEQ_CST);
}

/* Enters, and fails when it is this call's turn to. */
static enum pg_status begin(struct pipe *p, int node, struct pg_error *err)
{
  struct pipe_node *more = p->more[node];
  enter(p);
  if (++more->calls != more->fail_at) {
    return PG_OK;
  }
  return pg_fail(err, PG_BAD_INPUT, "%s: %s: the script failed",
                 p->nodes[node].at, p->nodes[node].label);
}

/* --------------------------------------------------------------- expressions
 */

struct expression {
  char function[40], argument[40]; /* function "": the argument alone */
};

static struct expression parse(const char *text)
{
  struct expression e = {0};
  const char *open = strchr(text, '(');
  if (open) {
    memcpy(e.function, text, (size_t)(open - text));
    memcpy(e.argument, open + 1, strlen(open + 1) - 1);
  } else {
    strcpy(e.argument, text);
  }
  return e;
}

static const struct pg_plugin_item *function_of(const char *name)
{
  size_t count;
  const struct pg_plugin_item *item =
    pg_plugin_item(pipe_plugin("flow_parts"), PERI_K_FUNCTION, name, &count);
  CHECK(item, "function %s", name);
  return item;
}

static enum pg_status compile(const char *function, const char *argument,
                              struct pg_program **program, struct pg_error *err)
{
  struct pg_instruction code[2] = {{0}};
  int count = 1;
  char *end;
  long long number = strtoll(argument, &end, 10);
  if (*argument && !*end) {
    code[0] = (struct pg_instruction){
      .op = PG_OP_CONST, .type = PERI_T_I64, .value.i64 = number};
  } else {
    code[0] = (struct pg_instruction){.op = PG_OP_COLUMN,
                                      .text = {argument, strlen(argument)}};
  }
  if (*function) {
    code[count++] = (struct pg_instruction){.op = PG_OP_CALL,
                                            .plugin = pipe_plugin("flow_parts"),
                                            .native = function_of(function),
                                            .arg_count = 1};
  }
  enum pg_status status = pg_program_new(code, count, program, err);
  CHECK(status == PG_OK || status == PG_NO_MEMORY, "%s", err->text);
  return status;
}

static enum pg_status programs(void *self, int node,
                               const struct pg_schema *schema,
                               struct pg_program **list, struct pg_error *err)
{
  struct pipe *p = self;
  struct pipe_node *more = p->more[node];
  enum pg_status status = begin(p, node, err);
  (void)schema;
  int made = 0;
  for (; status == PG_OK && made < more->text_count; made += status == PG_OK) {
    struct expression e = parse(more->texts[made]);
    status = compile(e.function, e.argument, &list[made], err);
  }
  for (int i = 0; status != PG_OK && i < made; i++) {
    pg_program_unref(list[i]);
  }
  leave(p);
  return status;
}

/* ----------------------------------------------------------- aggregates */

static uint32_t join(uint32_t a, uint32_t b)
{
  return a == PERI_T_NULL                     ? b
         : b == PERI_T_NULL || a == b         ? a
         : a == PERI_T_F64 || b == PERI_T_F64 ? PERI_T_F64
                                              : b;
}

static bool takes(const struct pg_plugin_item *item, const char *argument,
                  uint32_t type)
{
  const struct pg_decl *decl = item->decl;
  if (!*argument) {
    return decl->field_count == 0;
  }
  return decl->field_count == 1 &&
         (type == PERI_T_NULL || decl->fields[0].type.set & 1u << type);
}

static enum pg_status aggregate(void *self, int node, int index,
                                const struct pg_schema *schema,
                                struct pg_aggregate_use *use,
                                struct pg_error *err)
{
  struct pipe *p = self;
  struct pipe_node *more = p->more[node];
  enum pg_status status = begin(p, node, err);
  struct expression e = parse(more->texts[index]);
  int column =
    pg_schema_find(schema, (peri_str){e.argument, strlen(e.argument)});
  uint32_t found = column < 0 ? PERI_T_NULL : schema->fields[column].type;
  uint32_t type = join(more->seen[index], found);
  more->seen[index] = type;
  size_t count;
  const struct pg_plugin *plugin = pipe_plugin("aggregates");
  const struct pg_plugin_item *items =
    pg_plugin_item(plugin, PERI_K_AGGREGATE, e.function, &count);
  CHECK(items, "aggregate %s", e.function);
  *use = (struct pg_aggregate_use){.plugin = plugin};
  for (size_t i = 0; i < count && !use->item; i++) {
    use->item = takes(&items[i], e.argument, type) ? &items[i] : NULL;
  }
  CHECK(use->item, "aggregate %s of %s", e.function, pg_type_name(type));
  if (*e.argument && status == PG_OK) {
    bool cast = type == PERI_T_F64 && found == PERI_T_I64;
    status = compile(cast ? "real" : "", e.argument, &use->args[0], err);
    use->arg_count = status == PG_OK;
  }
  leave(p);
  return status;
}

/* ------------------------------------------------------------ rows and batches
 */

static enum pg_status poll(void *self, int node, struct pg_batch **batch,
                           struct pg_error *err)
{
  struct pipe *p = self;
  struct pipe_node *more = p->more[node];
  enum pg_status status = begin(p, node, err);
  *batch = NULL;
  if (status == PG_OK && more->next < more->batch_count) {
    *batch = more->batches[more->next++];
  }
  leave(p);
  return status;
}

static enum pg_status
process(void *self, int node, struct pg_batch *in, struct pg_batch **out,
        void (*reject)(void *to, int64_t row, const char *why), void *to,
        struct pg_error *err)
{
  struct pipe *p = self;
  enum pg_status status = begin(p, node, err);
  if (status == PG_OK && p->more[node]->rows) {
    *out = p->more[node]->rows(pg_batch_ref(in));
  } else if (status == PG_OK) { /* the first row of each batch is rejected */
    reject(to, 0, "not this one");
    *out = pg_batch_slice(in, 1, in->rows - 1);
    status = *out ? PG_OK : pg_fail(err, PG_NO_MEMORY, "no memory");
  }
  leave(p);
  return status;
}

static enum pg_status split(void *self, int node, const peri_chunk *chunk,
                            size_t *whole, struct pg_error *err)
{
  struct pipe *p = self;
  enter(p);
  (void)node;
  (void)err;
  *whole = chunk->len;
  while (!(chunk->flags & PERI_CHUNK_LAST) && *whole > 0 &&
         chunk->bytes[*whole - 1] != '\n') {
    --*whole;
  }
  leave(p);
  return PG_OK;
}

static enum pg_status decode(void *self, int node, const peri_chunk *chunk,
                             struct pg_batch **batch, struct pg_error *err)
{
  struct pipe *p = self;
  enum pg_status status = begin(p, node, err);
  const char *texts[1000], *at = chunk->bytes, *end = at + chunk->len;
  char *copies[1000];
  int n = 0;
  while (at < end && n < 1000 && status == PG_OK) {
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    size_t len = (size_t)((newline ? newline : end) - at);
    copies[n] = strndup(at, len);
    texts[n] = copies[n];
    n++;
    at += len + 1;
  }
  *batch = n > 0 ? pipe_texts("line", texts, n) : NULL;
  for (int i = 0; i < n; i++) {
    free(copies[i]);
  }
  leave(p);
  return status;
}

static enum pg_status encode(void *self, int node, struct pg_batch *batch,
                             struct pg_text *text, struct pg_error *err)
{
  struct pipe *p = self;
  enum pg_status status = begin(p, node, err);
  if (status == PG_OK) {
    status = pipe_note(text, batch)
               ? PG_OK
               : pg_fail(err, PG_NO_MEMORY, "no memory for text");
  }
  leave(p);
  return status;
}

static enum pg_status finish(void *self, int node, struct pg_text *text,
                             struct pg_error *err)
{
  struct pipe *p = self;
  enter(p);
  (void)node;
  bool good = pg_text_append(text, "end\n", 4);
  leave(p);
  return good ? PG_OK : pg_fail(err, PG_NO_MEMORY, "no memory for text");
}

static enum pg_status write_rows(void *self, int node, struct pg_batch *batch,
                                 struct pg_error *err)
{
  struct pipe *p = self;
  enum pg_status status = begin(p, node, err);
  CHECK(batch->rows > 0, "an empty batch");
  if (status == PG_OK) {
    status = pipe_note(&p->more[node]->noted, batch)
               ? PG_OK
               : pg_fail(err, PG_NO_MEMORY, "no memory for notes");
  }
  leave(p);
  return status;
}

static enum pg_status open_node(void *self, int node, struct pg_error *err)
{
  struct pipe *p = self;
  enter(p);
  p->more[node]->opened++;
  (void)err;
  leave(p);
  return PG_OK;
}

static enum pg_status close_node(void *self, int node, struct pg_error *err)
{
  struct pipe *p = self;
  enter(p);
  (void)err;
  p->more[node]->closed++;
  leave(p);
  return PG_OK;
}

const struct pg_script pipe_script = {.programs = programs,
                                      .aggregate = aggregate,
                                      .poll = poll,
                                      .process = process,
                                      .split = split,
                                      .decode = decode,
                                      .encode = encode,
                                      .finish = finish,
                                      .write = write_rows,
                                      .open = open_node,
                                      .close = close_node};

/* pipe.c - builds graphs by hand, and runs them. */
#include "pipe_own.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void *pipe_room(struct pipe *p, size_t n)
{
  void *room = pg_arena_alloc(&p->arena, n + 1);
  CHECK(room, "memory");
  return memset(room, 0, n + 1);
}

char *pipe_copy(struct pipe *p, const char *text)
{
  return strcpy(pipe_room(p, strlen(text)), text);
}

static peri_str str_of(struct pipe *p, const char *text)
{
  return (peri_str){pipe_copy(p, text), strlen(text)};
}

struct pipe *pipe_new(void)
{
  struct pipe *p = calloc(1, sizeof *p);
  CHECK(p, "memory");
  p->script = pipe_script;
  p->script.self = p;
  p->last = -1;
  p->options = (struct pg_run_options){.shown_max = 5, .workers = 1};
  return p;
}

void pipe_free(struct pipe *p)
{
  for (int i = 0; i < p->count; i++) {
    for (int k = p->more[i]->next; k < p->more[i]->batch_count; k++) {
      pg_batch_unref(p->more[i]->batches[k]);
    }
    pg_text_fini(&p->more[i]->noted);
  }
  pg_run_result_fini(&p->result);
  pg_arena_fini(&p->arena);
  free(p);
}

int pipe_add(struct pipe *p, enum pg_node_kind kind, const char *label)
{
  CHECK(p->count < PIPE_NODES_MAX, "too many nodes");
  char at[40];
  snprintf(at, sizeof at, "config.lua:%d", p->count + 1);
  struct pipe_node *more = pipe_room(p, sizeof *more);
  p->more[p->count] = more;
  p->nodes[p->count] = (struct pg_node){.kind = kind,
                                        .label = pipe_copy(p, label),
                                        .at = pipe_copy(p, at),
                                        .outs = more->outs};
  bool source = kind == PG_NODE_SOURCE || kind == PG_NODE_LUA_SOURCE;
  if (p->last >= 0 && !source) {
    pipe_edge(p, p->last, p->count);
  }
  p->last = p->count;
  return p->count++;
}

void pipe_from(struct pipe *p, int node)
{
  p->last = node;
}

/* ----------------------------------------------------------------- plugins */

const struct pg_plugin *pipe_plugin(const char *name)
{
  static const struct pg_plugin *known[16];
  int count = 0;
  for (; known[count]; count++) { /* loading one takes memory */
    if (strcmp(known[count]->name, name) == 0) {
      return known[count];
    }
  }
  bool own = strcmp(name, "flow_parts") == 0;
  char path[500];
  struct pg_error err;
  snprintf(path, sizeof path, "%s/%s.so",
           own ? PERIGEE_SPEC_PLUGINS : PERIGEE_NATIVE_DIR, name);
  CHECK(count < 15, "too many plugins");
  CHECK(pg_plugin_load(path, NULL, &known[count], &err) == PG_OK, "%s",
        err.text);
  return known[count];
}

static struct pg_value literal(struct pipe *p, const char *text)
{
  struct pg_value value;
  if (*text == '[') {
    struct pg_value *one = pipe_room(p, sizeof *one);
    *one =
      (struct pg_value){.kind = PG_VALUE_STR, .u.text = str_of(p, text + 1)};
    return (struct pg_value){.kind = PG_VALUE_LIST, .u.list = {one, 1}};
  }
  if (*text == '\'') { /* as it is, without escapes */
    peri_str inside = str_of(p, text + 1);
    inside.len--;
    return (struct pg_value){.kind = PG_VALUE_STR, .u.text = inside};
  }
  CHECK(pg_value_parse(text, strlen(text), &p->arena, &value), "%s", text);
  return value;
}

static enum pg_node_kind kind_of(uint32_t kind)
{
  switch (kind) {
  case PERI_K_SOURCE:
    return PG_NODE_SOURCE;
  case PERI_K_DECODER:
    return PG_NODE_DECODE;
  case PERI_K_KERNEL:
    return PG_NODE_KERNEL;
  case PERI_K_ENCODER:
    return PG_NODE_ENCODE;
  default:
    return PG_NODE_SINK;
  }
}

static int add_item(struct pipe *p, uint32_t kind, const char *plugin,
                    const char *item, va_list args)
{
  int at = pipe_add(p, kind_of(kind), item);
  struct pg_node *node = &p->nodes[at];
  struct pg_value_entry *entries = pipe_room(p, 16 * sizeof *entries);
  size_t count = 0, found;
  for (const char *key; (key = va_arg(args, const char *));) {
    entries[count++] = (struct pg_value_entry){
      str_of(p, key), literal(p, va_arg(args, const char *))};
  }
  node->plugin = pipe_plugin(plugin);
  node->item = pg_plugin_item(node->plugin, kind, item, &found);
  CHECK(node->item, "%s has no '%s'", plugin, item);
  node->params =
    (struct pg_value){.kind = PG_VALUE_MAP, .u.map = {entries, count}};
  node->all = true;
  return at;
}

int pipe_item(struct pipe *p, uint32_t kind, const char *plugin,
              const char *item, ...)
{
  va_list args;
  va_start(args, item);
  int at = add_item(p, kind, plugin, item, args);
  va_end(args);
  return at;
}

int pipe_part(struct pipe *p, uint32_t kind, const char *item, ...)
{
  va_list args;
  va_start(args, item);
  int at = add_item(p, kind, "flow_parts", item, args);
  va_end(args);
  return at;
}

int pipe_file(struct pipe *p, const char *path)
{
  char list[600];
  snprintf(list, sizeof list, "[%s", path);
  return pipe_item(p, PERI_K_SOURCE, "files", "file", "path", list, NULL);
}

/* ---------------------------------------------------------------- other nodes
 */

static void add_text(struct pipe *p, int at, const char *text)
{
  struct pipe_node *more = p->more[at];
  CHECK(more->text_count < TEXTS_MAX, "too many expressions");
  more->texts[more->text_count++] = pipe_copy(p, text);
}

int pipe_where(struct pipe *p, const char *expression)
{
  int at = pipe_add(p, PG_NODE_WHERE, "where");
  add_text(p, at, expression);
  return at;
}

static peri_str *name_room(struct pipe *p)
{
  return pipe_room(p, TEXTS_MAX * sizeof(peri_str));
}

int pipe_derive(struct pipe *p, const char *name, const char *expression, ...)
{
  int at = pipe_add(p, PG_NODE_DERIVE, "derive");
  peri_str *names = name_room(p);
  va_list args;
  va_start(args, expression);
  do {
    names[p->nodes[at].name_count++] = str_of(p, name);
    add_text(p, at, expression);
    name = va_arg(args, const char *);
    expression = name ? va_arg(args, const char *) : NULL;
  } while (name);
  va_end(args);
  p->nodes[at].names = names;
  return at;
}

int pipe_route(struct pipe *p, const char *expression, ...)
{
  int at = pipe_add(p, PG_NODE_ROUTE, "route");
  va_list args;
  va_start(args, expression);
  for (; expression; expression = va_arg(args, const char *)) {
    add_text(p, at, expression);
  }
  va_end(args);
  return at;
}

int pipe_tee(struct pipe *p)
{
  return pipe_add(p, PG_NODE_TEE, "tee");
}

static int named(struct pipe *p, enum pg_node_kind kind, const char *label,
                 const char *name, va_list args)
{
  int at = pipe_add(p, kind, label);
  peri_str *names = name_room(p);
  for (; name; name = va_arg(args, const char *)) {
    names[p->nodes[at].name_count++] = str_of(p, name);
  }
  p->nodes[at].names = names;
  return at;
}

int pipe_select(struct pipe *p, const char *name, ...)
{
  va_list args;
  va_start(args, name);
  int at = named(p, PG_NODE_SELECT, "select", name, args);
  va_end(args);
  return at;
}

int pipe_drop(struct pipe *p, const char *name, ...)
{
  va_list args;
  va_start(args, name);
  int at = named(p, PG_NODE_DROP, "drop", name, args);
  va_end(args);
  return at;
}

int pipe_rename(struct pipe *p, const char *from, const char *to, ...)
{
  int at = pipe_add(p, PG_NODE_RENAME, "rename");
  peri_str *names = name_room(p), *new = name_room(p);
  struct pg_node *node = &p->nodes[at];
  va_list args;
  va_start(args, to);
  while (from) {
    names[node->name_count++] = str_of(p, from);
    new[node->to_count++] = str_of(p, to);
    from = va_arg(args, const char *);
    to = from ? va_arg(args, const char *) : NULL;
  }
  va_end(args);
  node->names = names;
  node->to = new;
  return at;
}

int pipe_group(struct pipe *p, const char *by, ...)
{
  int at = pipe_add(p, PG_NODE_GROUP, "group");
  peri_str *names = name_room(p), *to = name_room(p);
  struct pg_node *node = &p->nodes[at];
  char *list = pipe_copy(p, by);
  for (char *name = strtok(list, ","); name; name = strtok(NULL, ",")) {
    names[node->name_count++] = str_of(p, name);
  }
  va_list args;
  va_start(args, by);
  for (const char *name; (name = va_arg(args, const char *));) {
    to[node->to_count++] = str_of(p, name);
    add_text(p, at, va_arg(args, const char *));
  }
  va_end(args);
  node->names = names;
  node->to = to;
  return at;
}

int pipe_batches(struct pipe *p, struct pg_batch *const *batches, int count)
{
  int at = pipe_add(p, PG_NODE_LUA_SOURCE, "rows");
  struct pipe_node *more = p->more[at];
  CHECK(count <= TEXTS_MAX, "too many batches");
  memcpy(more->batches, batches, (size_t)count * sizeof *batches);
  more->batch_count = count;
  return at;
}

int pipe_each(struct pipe *p, pipe_rows_fn *function)
{
  int at = pipe_add(p, PG_NODE_EACH, "each");
  p->more[at]->rows = function;
  return at;
}

int pipe_sink(struct pipe *p)
{
  return pipe_add(p, PG_NODE_LUA_SINK, "note");
}

int pipe_lua_decode(struct pipe *p)
{
  return pipe_add(p, PG_NODE_LUA_DECODE, "decode");
}

int pipe_lua_encode(struct pipe *p)
{
  return pipe_add(p, PG_NODE_LUA_ENCODE, "encode");
}

void pipe_fail_at(struct pipe *p, int node, int call)
{
  p->more[node]->fail_at = call;
}

void pipe_need(struct pipe *p, int decode, bool all, const char *name,
               const char *type, ...)
{
  struct pg_node *node = &p->nodes[decode];
  peri_field *fields = pipe_room(p, TEXTS_MAX * sizeof *fields);
  va_list args;
  va_start(args, type);
  while (name) {
    int found = pg_type_find(type, strlen(type));
    CHECK(found >= 0, "type %s", type);
    fields[node->field_count] = (peri_field){str_of(p, name), (uint32_t)found,
                                             (uint32_t)node->field_count};
    node->field_count++;
    name = va_arg(args, const char *);
    type = name ? va_arg(args, const char *) : NULL;
  }
  va_end(args);
  node->fields = fields;
  node->all = all;
}

void pipe_edge(struct pipe *p, int from, int to)
{
  p->more[from]->outs[p->nodes[from].out_count++] = to;
}

/* --------------------------------------------------------------------- runs */

enum pg_status pipe_run(struct pipe *p)
{
  p->graph = (struct pg_graph){p->nodes, p->count, &p->script};
  p->err = (struct pg_error){.status = PG_OK};
  return pg_run(&p->graph, &p->options, &p->result, &p->err);
}

const char *pipe_text(const struct pipe *p, int sink)
{
  struct pg_text *text = &p->more[sink]->noted;
  CHECK(pg_text_append(text, "", 1), "memory");
  text->len--;
  return text->block->bytes;
}

int pipe_opened(const struct pipe *p, int node)
{
  return p->more[node]->opened;
}

int pipe_closed(const struct pipe *p, int node)
{
  return p->more[node]->closed;
}

/* The modes that must not show in a result. */
static const struct {
  int workers, batch_rows;
} modes[] = {{1, 0}, {1, 1}, {1, 7}, {2, 0}, {4, 0}, {3, 1}, {4, 7}};
#define MODES (sizeof modes / sizeof *modes)

static struct pipe *run_mode(pipe_build_fn *build, size_t mode,
                             enum pg_status *status)
{
  struct pipe *p = pipe_new();
  build(p);
  p->options.workers = modes[mode].workers;
  p->options.batch_rows = modes[mode].batch_rows;
  *status = pipe_run(p);
  return p;
}

/* Bytes of the lines that both begin with. */
static size_t same_lines(const char *a, const char *b)
{
  size_t lines = 0;
  for (size_t i = 0; a[i] && a[i] == b[i]; i++) {
    lines = a[i] == '\n' ? i + 1 : lines;
  }
  return lines;
}

void pipe_expect(const char *what, pipe_build_fn *build, const char *expected)
{
  for (size_t mode = 0; mode < MODES; mode++) {
    enum pg_status status;
    struct pipe *p = run_mode(build, mode, &status);
    struct pg_text all = {0};
    CHECK(status == PG_OK, "%s: %s", what, p->err.text);
    for (int i = 0; i < p->count; i++) {
      if (p->nodes[i].kind == PG_NODE_LUA_SINK) {
        const char *text = pipe_text(p, i);
        CHECK(pg_text_append(&all, text, strlen(text)), "memory");
      }
    }
    CHECK(pg_text_append(&all, "", 1), "memory");
    size_t same = same_lines(expected, all.block->bytes);
    CHECK(strcmp(all.block->bytes, expected) == 0,
          "%s, %d workers, batches of %d: expected\n%.500s\nfound\n%.500s",
          what, modes[mode].workers, modes[mode].batch_rows, expected + same,
          all.block->bytes + same);
    pg_text_fini(&all);
    pipe_free(p);
  }
}

void pipe_refuse(const char *what, pipe_build_fn *build, enum pg_status status,
                 const char *part)
{
  for (size_t mode = 0; mode < MODES; mode++) {
    enum pg_status found;
    struct pipe *p = run_mode(build, mode, &found);
    CHECK(found == status && p->err.status == status, "%s: %d, '%s'", what,
          (int)found, p->err.text);
    CHECK(strstr(p->err.text, part), "%s: '%s' lacks '%s'", what, p->err.text,
          part);
    pipe_free(p);
  }
}

/* -------------------------------------------------------------------- files */

static char directory[60];

static void remove_directory(void)
{
  char command[100];
  snprintf(command, sizeof command, "rm -r %s", directory);
  if (system(command) != 0) {
    fprintf(stderr, "cannot remove %s\n", directory);
  }
}

const char *pipe_path(const char *name)
{
  static char paths[8][200];
  static unsigned next;
  if (!directory[0]) {
    strcpy(directory, "/tmp/perigee-flow-XXXXXX");
    CHECK(mkdtemp(directory), "mkdtemp");
    atexit(remove_directory);
  }
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", directory, name);
  return path;
}

const char *pipe_write(const char *name, const char *bytes, size_t size)
{
  const char *path = pipe_path(name);
  FILE *file = fopen(path, "wb");
  CHECK(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0,
        "write %s", path);
  return path;
}

char *pipe_read(const char *name, size_t *size)
{
  const char *path = pipe_path(name);
  FILE *file = fopen(path, "rb");
  struct stat st;
  CHECK(file && fstat(fileno(file), &st) == 0, "read %s", path);
  char *bytes = calloc(1, (size_t)st.st_size + 1);
  CHECK(bytes &&
          fread(bytes, 1, (size_t)st.st_size, file) == (size_t)st.st_size,
        "read %s", path);
  fclose(file);
  *size = (size_t)st.st_size;
  return bytes;
}

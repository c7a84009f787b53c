/* probe_child.c - the process that may crash. */
#include "data/build.h"
#include "plugin/apart.h"
#include "plugin/context.h"
#include "plugin/hook_types.h"
#include "plugin/instance.h"
#include "plugin/probe.h"
#include "plugin/probe_own.h"
#include "plugin/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define ROWS 4
#define ARGS_MAX 16

/* A column of every type, in the order of PERI_T_*, from PERI_T_BOOL on. */
struct trial {
  const struct pg_plugin *plugin;
  struct pg_batch *sample;
};

/* What cannot be said goes unsaid: the parent sees how we end. */
static void tell(char mark, const char *text)
{
  char line[1100];
  int n = snprintf(line, sizeof line, "%c%.1000s\n", mark, text);
  ssize_t done = write(PG_PROBE_FD, line, (size_t)n);
  (void)done;
}

static void tell_item(const struct pg_plugin_item *item)
{
  char words[200];
  snprintf(words, sizeof words, "%s '%.150s'", pg_kind_word(item->decl->kind),
           item->decl->name);
  tell('+', words);
}

/* --------------------------------------------------------------- the sample */

static void fill_number(uint32_t type, void *values, int64_t i)
{
  int64_t whole = i + 1;
  float single = (float)whole;
  double number = (double)whole;
  size_t width = pg_type_width(type);
  const void *from = type == PERI_T_F32   ? (const void *)&single
                     : type == PERI_T_F64 ? (const void *)&number
                                          : (const void *)&whole;
  if (type == PERI_T_BOOL) {
    whole = i & 1;
  }
  memcpy((char *)values + (size_t)i * width, from, width); /* little-endian */
}

static bool fill_column(struct pg_build *build, uint32_t type)
{
  static const char *const texts[ROWS] = {"1", "2", "3", "4"};
  const char *name = pg_type_name(type);
  int column = pg_build_column(build, (peri_str){name, strlen(name)}, type);
  void *values = column < 0 ? NULL : pg_build_values(build, column, ROWS, NULL);
  for (int64_t i = 0; values && i < ROWS; i++) {
    if (!pg_type_is_text(type)) {
      fill_number(type, values, i);
    } else if (!pg_build_text(build, values, i, (peri_str){texts[i], 1})) {
      return false;
    }
  }
  return values;
}

static struct pg_batch *make_sample(void)
{
  struct pg_build build = {0};
  struct pg_batch *batch = NULL;
  bool good = pg_build_begin(&build, NULL, NULL);
  for (uint32_t type = PERI_T_BOOL; good && type <= PERI_T_JSON; type++) {
    good = fill_column(&build, type);
  }
  if (good) {
    build.rows = ROWS;
    batch = pg_build_finish(&build);
  }
  pg_build_fini(&build);
  return batch;
}

/* The column of the sample that such an argument takes; -1: none. */
static int column_for(const struct pg_decl_type *type)
{
  for (uint32_t t = PERI_T_BOOL; t <= PERI_T_JSON; t++) {
    if (type->set & 1u << t) {
      return (int)(t - PERI_T_BOOL);
    }
  }
  return -1;
}

/* ------------------------------------------------- functions and aggregates */

/* The columns of the arguments; false: no column holds one of them. */
static bool view_args(const struct trial *trial,
                      const struct pg_plugin_item *item, struct pg_arena *arena,
                      peri_batch *view)
{
  int indices[ARGS_MAX];
  size_t count = item->decl->field_count;
  if (count > ARGS_MAX) {
    return false;
  }
  for (size_t i = 0; i < count; i++) {
    indices[i] = column_for(&item->decl->fields[i].type);
    if (item->decl->fields[i].type.form != PG_FORM_ONE || indices[i] < 0) {
      return false;
    }
  }
  return pg_batch_view(trial->sample, arena, indices, (int)count, view);
}

static void try_function(const struct trial *trial,
                         const struct pg_plugin_item *item)
{
  _Alignas(16) char out[ROWS * sizeof(peri_str)] = {0}; /* the largest */
  struct pg_arena arena = {0};
  peri_batch view;
  uint8_t valid[ROWS];
  bool columns = item->shapes && (item->flags & PERI_PURE);
  for (size_t i = 0; columns && i <= item->decl->field_count; i++) {
    enum pg_shape_form form = item->shapes[i]->form;
    bool is_result = i == item->decl->field_count;
    columns = form == PG_SHAPE_ONE || (is_result && form == PG_SHAPE_OPT);
  }
  peri_map_fn *map = (peri_map_fn *)item->item->map;
  if (map && columns && view_args(trial, item, &arena, &view)) {
    struct pg_context context;
    tell_item(item);
    pg_context_init(&context, trial->plugin, NULL);
    pg_context_begin(&context);
    memset(valid, 1, sizeof valid);
    map(&context.cx, ROWS, view.cols, out,
        item->decl->returns.form == PG_FORM_OPT ? valid : NULL);
    pg_context_fini(&context);
  }
  pg_arena_fini(&arena);
}

static void run_aggregate(struct pg_context *context,
                          const struct pg_plugin_item *item, char *states,
                          const peri_batch *view)
{
  static const uint32_t groups[ROWS] = {0, 1, 0, 1};
  peri_slot slot = {.u64 = 0};
  bool valid = true;
  size_t size = item->state_bytes;
  if (pg_aggregate_step(context, item, states, groups, ROWS, view->cols,
                        NULL) == PG_OK &&
      pg_aggregate_join(context, item, states, states + size, NULL) == PG_OK) {
    pg_aggregate_final(context, item, states, &slot, &valid, NULL);
  }
  pg_aggregate_drop(context, item, states);
  pg_aggregate_drop(context, item, states + size);
}

static void try_aggregate(const struct trial *trial,
                          const struct pg_plugin_item *item)
{
  struct pg_arena arena = {0};
  peri_batch view;
  size_t align = item->state_align < 16 ? 16 : item->state_align;
  size_t bytes = (2 * (size_t)item->state_bytes + align) & ~(align - 1);
  char *states = aligned_alloc(align, bytes);
  if (states && view_args(trial, item, &arena, &view)) {
    struct pg_context context;
    tell_item(item);
    memset(states, 0, bytes);
    pg_context_init(&context, trial->plugin, NULL);
    run_aggregate(&context, item, states, &view);
    pg_context_fini(&context);
  }
  free(states);
  pg_arena_fini(&arena);
}

/* -------------------------------------------------------- stages and codecs */

static enum pg_status drop(void *to, struct pg_batch *batch,
                           struct pg_error *err)
{
  (void)to;
  (void)err;
  pg_batch_unref(batch);
  return PG_OK;
}

static void run_kernel(const struct trial *trial, struct pg_instance *instance)
{
  int columns[ARGS_MAX] = {0};
  const struct pg_decl *decl = pg_instance_item(instance)->decl;
  for (size_t i = 0; i < decl->field_count && i < ARGS_MAX; i++) {
    columns[i] = column_for(&decl->fields[i].type);
  }
  if (decl->field_count <= ARGS_MAX) {
    pg_instance_process(instance, trial->sample, columns, drop, NULL, NULL);
    pg_instance_flush(instance, drop, NULL, NULL);
  }
}

static void run_decoder(struct pg_instance *instance)
{
  static const char text[] = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y\"}\n";
  struct pg_block *block = pg_block_new(sizeof text);
  struct pg_batch *batch = NULL;
  const struct pg_reject *rejects;
  size_t count, whole;
  if (!block) {
    return;
  }
  memcpy(block->bytes, text, sizeof text);
  peri_chunk chunk = {.size = sizeof chunk,
                      .flags = PERI_CHUNK_FIRST | PERI_CHUNK_LAST,
                      .bytes = block->bytes,
                      .len = sizeof text - 1,
                      .all = 1};
  if (pg_instance_split(instance, &chunk, &whole, NULL) == PG_OK) {
    chunk.head = chunk.bytes;
    chunk.head_len = chunk.len;
    pg_instance_decode(instance, &chunk, block, &batch, &rejects, &count, NULL);
  }
  if (batch && pg_instance_picks(pg_instance_item(instance))) {
    static const uint32_t first[] = {0};
    pg_batch_unref(batch);
    pg_instance_pick(instance, &chunk, block, first, 1, &batch, &rejects,
                     &count, NULL);
  }
  pg_batch_unref(batch);
  pg_block_unref(block);
}

static void run_encoder(const struct trial *trial, struct pg_instance *instance)
{
  struct pg_text text = {0};
  if (pg_instance_encode(instance, trial->sample, &text, NULL) == PG_OK) {
    pg_instance_finish(instance, &text, NULL);
  }
  pg_text_fini(&text);
}

/* What an instance says about its parameters or its data is no fault. */
static void try_stage(const struct trial *trial,
                      const struct pg_plugin_item *item)
{
  struct pg_instance *instance;
  tell_item(item);
  if (pg_instance_new(trial->plugin, item, NULL, NULL, &instance, NULL) !=
      PG_OK) {
    return;
  }
  switch (item->decl->kind) {
  case PERI_K_KERNEL:
    run_kernel(trial, instance);
    break;
  case PERI_K_DECODER:
    run_decoder(instance);
    break;
  default:
    run_encoder(trial, instance);
    break;
  }
  pg_instance_free(instance);
}

static void try_item(const struct trial *trial,
                     const struct pg_plugin_item *item)
{
  switch (item->decl->kind) {
  case PERI_K_FUNCTION:
    try_function(trial, item);
    break;
  case PERI_K_AGGREGATE:
    try_aggregate(trial, item);
    break;
  case PERI_K_KERNEL:
  case PERI_K_DECODER:
  case PERI_K_ENCODER:
    try_stage(trial, item);
    break;
  default:
    break;
  }
}

/* ------------------------------------------------------------------ the life
 */

bool pg_probe_wanted(int argc, char **argv)
{
  return argc == 3 && strcmp(argv[1], PG_PROBE_WORD) == 0;
}

int pg_probe_main(char **argv)
{
  struct pg_error err;
  struct trial trial = {.plugin = NULL};
  const struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none); /* best effort: a crash is expected here */
  pg_apart_want();
  tell('+', "its constructors and init");
  if (pg_plugin_load(argv[2], NULL, &trial.plugin, &err) != PG_OK) {
    tell('!', err.text);
    return 1;
  }
  trial.sample = make_sample();
  if (!trial.sample) {
    tell('!', "no memory to probe it");
    return 1;
  }
  for (size_t i = 0; i < trial.plugin->item_count; i++) {
    try_item(&trial, &trial.plugin->items[i]);
  }
  pg_batch_unref(trial.sample);
  tell('+', "fini and its destructors");
  pg_plugin_finish();
  pg_block_trim();
  tell('=', trial.plugin->sha256);
  return 0;
}

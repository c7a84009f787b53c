/* growth_test.c - plugins and hosts of different minor versions.
 *
 * Built twice: with the host of today (plugins/newer are then newer than it),
 * and with one whose structs have grown (abi/newer.cmake). */
#include "world.h"

#include <string.h>

#define IS_NEWER (PERI_ABI_MINOR == 99)

static bool ask(const struct pg_plugin *plugin, const char *name)
{
  struct pg_context context;
  peri_slot result = {.u64 = 0};
  const struct pg_plugin_item *item = world_item(plugin, PERI_K_FUNCTION, name);
  pg_context_init(&context, plugin, NULL);
  pg_context_begin(&context);
  ((peri_call_fn *)item->item->call)(&context.cx, NULL, &result);
  CHECK(context.cx.failed == PERI_OK, "%s", context.message);
  pg_context_fini(&context);
  return result.b;
}

static void a_newer_plugin_sees_what_this_host_has(void)
{
  const struct pg_plugin *plugin = world_load("grown.so");
  CHECK(plugin->target_minor == 0, "%u", plugin->target_minor);
  CHECK(ask(plugin, "has_answer") == IS_NEWER, "services");
  CHECK(ask(plugin, "has_io_answer") == IS_NEWER, "files");
}

static void a_newer_plugin_gets_the_chunks_of_this_host(void)
{
  struct pg_instance *instance =
    world_open(world_load("grown.so"), PERI_K_DECODER, "sized", NULL);
  struct pg_block *block = pg_block_new(100);
  struct pg_batch *batch;
  const struct pg_reject *rejects;
  struct pg_error err;
  size_t count;
  memset(block->bytes, 'x', 100);
  peri_chunk chunk = {.size = sizeof chunk,
                      .flags = PERI_CHUNK_FIRST | PERI_CHUNK_LAST,
                      .bytes = block->bytes,
                      .len = 1,
                      .all = 1};
  CHECK(pg_instance_decode(instance, &chunk, block, &batch, &rejects, &count,
                           &err) == PG_OK,
        "%s", err.text);
  CHECK(strcmp(world_show(batch), IS_NEWER ? "grown;1" : "grown;0") == 0, "%s",
        world_show(batch));
  pg_batch_unref(batch);
  pg_block_unref(block);
  pg_instance_free(instance);
}

static void what_a_plugin_needs_decides(void)
{
  const struct pg_plugin *plugin;
  struct pg_error err = {0};
  enum pg_status status = pg_plugin_load(
    world_path(PERIGEE_SPEC_PLUGINS, "needs_newer.so"), NULL, &plugin, &err);
  if (IS_NEWER) {
    CHECK(status == PG_OK, "%s", err.text);
    CHECK(plugin->target_minor == 99, "%u", plugin->target_minor);
    CHECK(ask(plugin, "has_answer"), "services");
  } else {
    world_failed(status, PG_REFUSED, &err,
                 "built for version 1.99 of the plugin interface, this host "
                 "has 1.0");
  }
}

/* Hooks and kinds of items that this host does not know: see future.c for those
 * that it can do without, bad_must.c for the others. */
static void what_is_unknown_is_ignored_unless_it_must_not(void)
{
  struct pg_plugin *described;
  struct pg_error err = {0};
  CHECK(world_load("future.so")->ignored == 2, "ignored");
  world_failed(
    pg_plugin_describe(world_path(PERIGEE_SPEC_PLUGINS, "bad_must.so"), NULL,
                       &described, &err),
    PG_UNSUPPORTED, &err, "cannot do without hook 30");
}

int main(void)
{
  world_directory();
  a_newer_plugin_sees_what_this_host_has();
  a_newer_plugin_gets_the_chunks_of_this_host();
  what_a_plugin_needs_decides();
  what_is_unknown_is_ignored_unless_it_must_not();
  return 0;
}

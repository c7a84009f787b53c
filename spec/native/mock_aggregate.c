/* mock_aggregate.c - runs one overload of an aggregate. */
#include "mock_aggregate.h"

#include <stdlib.h>
#include <string.h>

struct mock_aggregate mock_aggregate_find(const peri_plugin *plugin,
                                          const char *signature)
{
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    const char *decl = i->decl + strlen("aggregate ");
    size_t len = strlen(signature);
    if (i->kind == PERI_K_AGGREGATE && strncmp(decl, signature, len) == 0) {
      struct mock_aggregate found = {.item = i};
      found.step = (__typeof__(found.step))mock_hook(plugin, i, PERI_H_STEP);
      found.join = (__typeof__(found.join))mock_hook(plugin, i, PERI_H_JOIN);
      found.final = (__typeof__(found.final))mock_hook(plugin, i, PERI_H_FINAL);
      found.drop = (__typeof__(found.drop))mock_hook(plugin, i, PERI_H_DROP);
      MOCK_CHECK(found.step && found.join && found.final, "%s lacks a hook",
                 signature);
      return found;
    }
  }
  MOCK_CHECK(false, "there is no aggregate %s", signature);
  return (struct mock_aggregate){0};
}

void *mock_aggregate_states(const struct mock_aggregate *aggregate, int count)
{
  void *states = NULL;
  size_t size = aggregate->item->state->bytes * (size_t)count;
  size_t align = aggregate->item->state->align;
  align = align < sizeof(void *) ? sizeof(void *) : align;
  MOCK_CHECK(posix_memalign(&states, align, size ? size : 1) == 0, "no memory");
  memset(states, 0, size);
  return states;
}

void *mock_aggregate_move(const struct mock_aggregate *aggregate, void *states,
                          int count)
{
  void *moved = mock_aggregate_states(aggregate, count);
  memcpy(moved, states, aggregate->item->state->bytes * (size_t)count);
  free(states);
  return moved;
}

void *mock_aggregate_at(const struct mock_aggregate *aggregate, void *states,
                        int index)
{
  return (char *)states + aggregate->item->state->bytes * (size_t)index;
}

static char *value_text(const char *type, const peri_slot *slot)
{
  char *text = NULL;
  size_t size;
  FILE *to = open_memstream(&text, &size);
  if (strncmp(type, "str", 3) == 0) {
    fputc('"', to);
    fwrite(slot->str.ptr, 1, slot->str.len, to);
    fputc('"', to);
  } else if (strncmp(type, "f64", 3) == 0) {
    fprintf(to, "%.17g", slot->f64);
  } else if (strncmp(type, "_Bool", 5) == 0 || strncmp(type, "bool", 4) == 0) {
    fprintf(to, "%s", slot->b ? "true" : "false");
  } else {
    fprintf(to, strncmp(type, "time", 4) == 0 ? "@%lld" : "%lld",
            (long long)slot->i64);
  }
  fclose(to);
  return text;
}

char *mock_aggregate_text(struct mock *mock,
                          const struct mock_aggregate *aggregate,
                          const void *state)
{
  peri_slot slot = {.i64 = 0};
  uint8_t valid = 0xA5;
  char *text = NULL;
  size_t size;
  mock_reset(mock);
  peri_status status = aggregate->final(&mock->cx, state, &slot, &valid);
  if (status != PERI_OK) {
    FILE *to = open_memstream(&text, &size);
    fprintf(to, "failed %d: %s", status, mock->message);
    fclose(to);
    return text;
  }
  MOCK_CHECK(valid <= 1, "FINAL did not say whether there is a result");
  return valid ? value_text(strstr(aggregate->item->decl, " -> ") + 4, &slot)
               : strdup("null");
}

void mock_aggregate_drop(struct mock *mock,
                         const struct mock_aggregate *aggregate, void *states,
                         int count)
{
  for (int i = 0; aggregate->drop && i < count; i++) {
    aggregate->drop(&mock->cx, mock_aggregate_at(aggregate, states, i));
  }
}

/* hooks.c - the hooks of version 1. */
#include "plugin/hooks.h"

#define BIT(x) (1u << (x))
#define STAGES                                                                 \
  (BIT(PERI_K_KERNEL) | BIT(PERI_K_SOURCE) | BIT(PERI_K_SINK) |                \
   BIT(PERI_K_DECODER) | BIT(PERI_K_ENCODER))

static const struct {
  const char *name;
  uint32_t kinds; /* bit 0: the plugin itself */
} hooks[] = {
  [PERI_H_OPEN] = {"open", STAGES},
  [PERI_H_CLOSE] = {"close", STAGES},
  [PERI_H_PROCESS] = {"process", BIT(PERI_K_KERNEL)},
  [PERI_H_FLUSH] = {"flush", STAGES},
  [PERI_H_SPLIT] = {"split", BIT(PERI_K_DECODER)},
  [PERI_H_DECODE] = {"decode", BIT(PERI_K_DECODER)},
  [PERI_H_ENCODE] = {"encode", BIT(PERI_K_ENCODER)},
  [PERI_H_FINISH] = {"finish", BIT(PERI_K_ENCODER)},
  [PERI_H_POLL] = {"poll", BIT(PERI_K_SOURCE)},
  [PERI_H_WRITE] = {"write", BIT(PERI_K_SINK)},
  [PERI_H_PUT] = {"put", BIT(PERI_K_SINK)},
  [PERI_H_STEP] = {"step", BIT(PERI_K_AGGREGATE)},
  [PERI_H_JOIN] = {"join", BIT(PERI_K_AGGREGATE)},
  [PERI_H_FINAL] = {"final", BIT(PERI_K_AGGREGATE)},
  [PERI_H_DROP] = {"drop", BIT(PERI_K_AGGREGATE)},
  [PERI_H_INIT] = {"init", BIT(0)},
  [PERI_H_FINI] = {"fini", BIT(0)},
  [PERI_H_SCHEMA] = {"schema", STAGES},
  [PERI_H_CREATE] = {"create", BIT(PERI_K_CLASS)},
  [PERI_H_DESTROY] = {"destroy", BIT(PERI_K_CLASS)},
  [PERI_H_VIEW] = {"view", BIT(PERI_K_CLASS)},
  [PERI_H_PICK] = {"pick", BIT(PERI_K_DECODER)},
};

#define HOOK_COUNT (sizeof hooks / sizeof *hooks)
_Static_assert(HOOK_COUNT <= PG_HOOK_COUNT, "hooks fit the table of an item");

const char *pg_hook_name(uint32_t hook)
{
  return hook < HOOK_COUNT ? hooks[hook].name : NULL;
}

bool pg_hook_fits(uint32_t hook, uint32_t kind)
{
  return hook < HOOK_COUNT && kind < 32 && (hooks[hook].kinds & BIT(kind));
}

static uint32_t needed(const struct pg_plugin_item *item)
{
  bool bytes = item->flags & PERI_BYTES;
  switch (item->decl->kind) {
  case PERI_K_AGGREGATE:
    return BIT(PERI_H_STEP) | BIT(PERI_H_JOIN) | BIT(PERI_H_FINAL);
  case PERI_K_KERNEL:
    return BIT(PERI_H_PROCESS);
  case PERI_K_SOURCE:
    return BIT(PERI_H_POLL);
  case PERI_K_SINK:
    return bytes ? BIT(PERI_H_PUT) : BIT(PERI_H_WRITE);
  case PERI_K_DECODER:
    return BIT(PERI_H_DECODE); /* without SPLIT a record is a line */
  case PERI_K_ENCODER:
    return BIT(PERI_H_ENCODE);
  case PERI_K_CLASS:
    return BIT(PERI_H_CREATE);
  default:
    return 0;
  }
}

enum pg_status pg_hook_check(const struct pg_plugin_item *item,
                             struct pg_error *err)
{
  uint32_t missing = needed(item) & ~item->hook_set;
  if (missing == 0) {
    return PG_OK;
  }
  const char *hook = pg_hook_name((uint32_t)__builtin_ctz(missing));
  const char *kind = pg_kind_word(item->decl->kind);
  if (item->decl->kind == PERI_K_SINK) {
    bool bytes = item->flags & PERI_BYTES;
    return pg_fail(err, PG_REFUSED,
                   "sink '%s' takes %s and needs the hook '%s', found none",
                   item->decl->name, bytes ? "bytes" : "batches", hook);
  }
  return pg_fail(err, PG_REFUSED, "%s '%s' needs the hook '%s', found none",
                 kind, item->decl->name, hook);
}

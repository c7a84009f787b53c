/* plugin.h - native plugins, as the rest of the host sees them. */
#ifndef PG_PLUGIN_PLUGIN_H
#define PG_PLUGIN_PLUGIN_H
#include "plugin/decl.h"

#define PG_HOOK_COUNT 32

struct pg_shape; /* plugin/shape.h */

/* A function, an aggregate, a kernel, a source, a sink, a codec or a class. */
struct pg_plugin_item {
  const struct pg_decl *decl;
  uint32_t flags; /* PERI_PURE, ... */
  /* stages and codecs; without parameters: an empty declaration.  Classes: the
   * record of the state */
  const struct pg_decl *params;
  const peri_layout *params_layout;  /* our copy, checked */
  uint32_t state_bytes, state_align; /* 0, 1: no state */
  uint32_t hook_set;                 /* 1u << PERI_H_* */
  /* functions, methods: of every argument, then of the result; classes: of
   * every argument, then of the state; records and variants: [0], their own;
   * else NULL */
  const struct pg_shape *const *shapes;
  const peri_item *item;           /* NULL: described, not loaded */
  peri_anyfn hooks[PG_HOOK_COUNT]; /* by PERI_H_*; NULL: none, or described */
};

/* Texts end with a NUL.  Of a loaded plugin everything lives until the process
 * ends, for it is never unmapped. */
struct pg_plugin {
  const char *name, *version, *author, *license, *about;
  const char *path; /* where it came from, resolved */
  char sha256[65];  /* of the file, in hexadecimal */
  uint32_t abi_major, target_minor;
  bool static_tls, unique_symbols; /* see pg_elf */
  struct pg_plugin_item self;      /* hooks of the plugin itself: INIT, FINI */
  const struct pg_plugin_item *items; /* by kind, name, arguments */
  size_t item_count;
  size_t ignored; /* items and hooks of kinds that this host does not know */
};

/* Checks a file and runs none of its code.
 *
 * [in]   directory  must hold `path` after symbolic links, or NULL: any
 * [out]  plugin     release with pg_plugin_free()
 * Fails: PG_REFUSED (says what was expected and found), PG_IO, PG_NO_MEMORY
 * Thread: any
 */
enum pg_status pg_plugin_describe(const char *path, const char *directory,
                                  struct pg_plugin **plugin,
                                  struct pg_error *err);

/* [take] a described plugin, or NULL. */
void pg_plugin_free(struct pg_plugin *plugin);

/* Checks and loads a file, and calls INIT.  The same content gives the same
 * struct (and the path of the first), which stays until the process ends.
 * Parameters and failures are those of pg_plugin_describe().  Thread: any */
enum pg_status pg_plugin_load(const char *path, const char *directory,
                              const struct pg_plugin **plugin,
                              struct pg_error *err);

/* Calls FINI of every plugin, before the process ends: nothing of a plugin is
 * called afterwards.  Thread: main */
void pg_plugin_finish(void);

/* All items of a kind, by name; NULL: none. */
const struct pg_plugin_item *pg_plugin_items(const struct pg_plugin *plugin,
                                             uint32_t kind, size_t *count);

/* The items of that kind and name, several when it is overloaded; NULL: none.
 */
const struct pg_plugin_item *pg_plugin_item(const struct pg_plugin *plugin,
                                            uint32_t kind, const char *name,
                                            size_t *count);

#endif

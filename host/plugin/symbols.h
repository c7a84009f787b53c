/* symbols.h - the symbols of a shared library, their hash tables and versions.
 */
#ifndef PG_PLUGIN_SYMBOLS_H
#define PG_PLUGIN_SYMBOLS_H
#include "plugin/elf.h"

/* Addresses as the dynamic section gives them; 0: there is none. */
struct pg_symbols_tables {
  uint64_t symbols, entry_size;
  uint64_t hash, gnu_hash;
  uint64_t versions; /* one number for every symbol */
  uint64_t needed_versions, needed_version_count;
  uint64_t own_versions, own_version_count;
};

/* Finds and checks the symbols of `elf`, whose strings are known; sets its
 * symbols, plugin_address and unique_symbols.  Fails: PG_REFUSED */
enum pg_status pg_symbols_check(struct pg_elf *elf,
                                const struct pg_symbols_tables *tables,
                                struct pg_error *err);

#endif

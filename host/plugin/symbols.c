/* symbols.c - symbols, the tables that find them by name, and versions.
 *
 * No table says how many symbols there are: the hash tables do, by leading to
 * them. */
#include "plugin/symbols.h"

#include <perigee/abi.h>
#include <string.h>

#define COUNT_MAX ((size_t)1 << 22)

static enum pg_status damaged(const char *what, struct pg_error *err)
{
  return pg_fail(err, PG_REFUSED, "the file is damaged: its %s", what);
}

/* -------------------------------------------------------------- hash tables */

struct hash {
  const uint32_t *buckets, *chains;
  size_t bucket_count, chain_count;
};

static bool read_hash(const struct pg_elf *elf, uint64_t address,
                      struct hash *hash)
{
  const uint32_t *head = pg_elf_at(elf, address, 2, 4, 4);
  if (!head || head[0] == 0 || head[1] > COUNT_MAX) {
    return false;
  }
  hash->bucket_count = head[0];
  hash->chain_count = head[1];
  hash->buckets = pg_elf_at(elf, address + 8, head[0], 4, 4);
  hash->chains =
    pg_elf_at(elf, address + 8 + (uint64_t)head[0] * 4, head[1], 4, 4);
  return hash->buckets && hash->chains;
}

/* A search walks a chain to its end: every chain ends, and within the table. */
static bool check_hash(const struct hash *hash)
{
  /* Every symbol is on one chain, so all walks together are this long. */
  size_t steps = 0;
  for (size_t i = 0; i < hash->bucket_count; i++) {
    uint32_t at = hash->buckets[i];
    while (at != STN_UNDEF) {
      if (at >= hash->chain_count || ++steps > hash->chain_count) {
        return false;
      }
      at = hash->chains[at];
    }
  }
  return true;
}

struct gnu_hash {
  uint32_t bucket_count, first, bloom_count, bloom_shift;
  const uint32_t *buckets;
  uint64_t chains; /* address */
};

static bool read_gnu_hash(const struct pg_elf *elf, uint64_t address,
                          struct gnu_hash *hash)
{
  const uint32_t *head = pg_elf_at(elf, address, 4, 4, 8);
  if (!head) {
    return false;
  }
  *hash = (struct gnu_hash){head[0], head[1], head[2], head[3], NULL, 0};
  if (hash->bucket_count == 0 || hash->bloom_count == 0 ||
      (hash->bloom_count & (hash->bloom_count - 1)) != 0 ||
      hash->bloom_shift >= 32 || hash->first > COUNT_MAX) {
    return false;
  }
  uint64_t buckets = address + 16 + (uint64_t)hash->bloom_count * 8;
  hash->buckets = pg_elf_at(elf, buckets, hash->bucket_count, 4, 4);
  hash->chains = buckets + (uint64_t)hash->bucket_count * 4;
  return hash->buckets && pg_elf_at(elf, address + 16, hash->bloom_count, 8, 8);
}

/* One behind the last symbol that the chains lead to; 0: they do not end. */
static size_t count_gnu_hash(const struct pg_elf *elf,
                             const struct gnu_hash *hash)
{
  uint32_t last = 0;
  for (size_t i = 0; i < hash->bucket_count; i++) {
    uint32_t at = hash->buckets[i];
    if (at != 0 && at < hash->first) {
      return 0;
    }
    last = at > last ? at : last;
  }
  if (last == 0) {
    return hash->first;
  }
  /* Chains lie one behind the other, so the last one ends them all. */
  for (size_t at = last; at < COUNT_MAX; at++) {
    const uint32_t *link =
      pg_elf_at(elf, hash->chains + (uint64_t)(at - hash->first) * 4, 1, 4, 4);
    if (!link) {
      return 0;
    }
    if (*link & 1) {
      return at + 1;
    }
  }
  return 0;
}

static enum pg_status count_symbols(const struct pg_elf *elf,
                                    const struct pg_symbols_tables *tables,
                                    size_t *count, struct pg_error *err)
{
  struct hash hash;
  struct gnu_hash gnu_hash;
  size_t by_gnu_hash = 0;
  *count = 0;
  if (tables->hash != 0) {
    if (!read_hash(elf, tables->hash, &hash) || !check_hash(&hash)) {
      return damaged("table of symbols by name is broken (DT_HASH)", err);
    }
    *count = hash.chain_count;
  }
  if (tables->gnu_hash != 0) {
    if (read_gnu_hash(elf, tables->gnu_hash, &gnu_hash)) {
      by_gnu_hash = count_gnu_hash(elf, &gnu_hash);
    }
    if (by_gnu_hash == 0 || (*count > 0 && by_gnu_hash > *count)) {
      return damaged("table of symbols by name is broken (DT_GNU_HASH)", err);
    }
  }
  *count = *count > 0 ? *count : by_gnu_hash;
  return *count > 0 ? PG_OK : damaged("symbols cannot be found by name", err);
}

/* -------------------------------------------------------------- the symbols */

static bool has_place(const struct pg_elf *elf, const Elf64_Sym *symbol)
{
  if (symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) {
    return true;
  }
  if (ELF64_ST_TYPE(symbol->st_info) == STT_TLS) {
    return symbol->st_value <= elf->tls_size;
  }
  return symbol->st_value <= elf->memory_size;
}

/* The dynamic loader looks for a symbol of others elsewhere, unless its binding
 * or its visibility says that it is the file's own: then it takes the place 0.
 */
static bool is_lost(const Elf64_Sym *symbol)
{
  return symbol->st_shndx == SHN_UNDEF && symbol->st_name != 0 &&
         (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL ||
          ELF64_ST_VISIBILITY(symbol->st_other) != STV_DEFAULT);
}

static enum pg_status check_symbol(struct pg_elf *elf, const Elf64_Sym *symbol,
                                   struct pg_error *err)
{
  if (symbol->st_name >= elf->strings_size || !has_place(elf, symbol)) {
    return damaged("symbols lie outside of its segments", err);
  }
  const char *name = elf->strings + symbol->st_name;
  if (is_lost(symbol)) {
    return pg_fail(err, PG_REFUSED,
                   "the file is damaged: expected '%.100s' to be found "
                   "elsewhere, but it is marked as its own",
                   name);
  }
  bool defined = symbol->st_shndx != SHN_UNDEF;
  bool local = ELF64_ST_BIND(symbol->st_info) == STB_LOCAL;
  if (defined && ELF64_ST_BIND(symbol->st_info) == STB_GNU_UNIQUE) {
    elf->unique_symbols = true;
  }
  if (defined && !local && strcmp(name, "lua_newstate") == 0) {
    return pg_fail(err, PG_REFUSED,
                   "it brings its own copy of Lua ('%s'); a "
                   "plugin has no use for one",
                   name);
  }
  if (!defined || local || strcmp(name, PERI_SYMBOL) != 0) {
    return PG_OK;
  }
  /* It may be larger: sanitizers pad what they watch. */
  if (ELF64_ST_TYPE(symbol->st_info) != STT_OBJECT ||
      symbol->st_size < sizeof(peri_plugin) || symbol->st_value % 8 != 0 ||
      !pg_elf_find_load(elf, symbol->st_value, sizeof(peri_plugin))) {
    return pg_fail(err, PG_REFUSED,
                   "expected '%s' to be an object of %zu bytes, found %llu "
                   "bytes of type %u",
                   name, sizeof(peri_plugin),
                   (unsigned long long)symbol->st_size,
                   ELF64_ST_TYPE(symbol->st_info));
  }
  elf->plugin_address = symbol->st_value;
  return PG_OK;
}

/* ------------------------------------------------------------- the versions */

/* The dynamic loader ends the process when a version is of a library that is
 * not needed. */
static bool is_needed(const struct pg_elf *elf, uint64_t name)
{
  for (size_t i = 0; i < elf->needed_count && name < elf->strings_size; i++) {
    if (strcmp(elf->needed[i], elf->strings + name) == 0) {
      return true;
    }
  }
  return false;
}

/* Walks a list of needed versions (and of their names); the highest number. */
static bool check_needed(const struct pg_elf *elf, uint64_t address,
                         uint64_t count, unsigned *highest)
{
  if (count == 0) {
    return false; /* the dynamic loader would walk it all the same */
  }
  for (uint64_t i = 0; i < count; i++) {
    const Elf64_Verneed *need = pg_elf_at(elf, address, 1, sizeof *need, 4);
    if (!need || need->vn_version != VER_NEED_CURRENT ||
        !is_needed(elf, need->vn_file)) {
      return false;
    }
    uint64_t at = address + need->vn_aux;
    for (unsigned j = 0; j < need->vn_cnt; j++) {
      const Elf64_Vernaux *name = pg_elf_at(elf, at, 1, sizeof *name, 4);
      if (!name || name->vna_name >= elf->strings_size ||
          (j + 1 < need->vn_cnt) != (name->vna_next != 0)) {
        return false;
      }
      unsigned number = name->vna_other & 0x7fff;
      *highest = number > *highest ? number : *highest;
      at += name->vna_next;
    }
    if (need->vn_cnt == 0 || (i + 1 < count) != (need->vn_next != 0)) {
      return false;
    }
    address += need->vn_next;
  }
  return true;
}

static bool check_own(const struct pg_elf *elf, uint64_t address,
                      uint64_t count, unsigned *highest)
{
  if (count == 0) {
    return false;
  }
  for (uint64_t i = 0; i < count; i++) {
    const Elf64_Verdef *own = pg_elf_at(elf, address, 1, sizeof *own, 4);
    if (!own || own->vd_version != VER_DEF_CURRENT ||
        (i + 1 < count) != (own->vd_next != 0)) {
      return false;
    }
    const Elf64_Verdaux *name =
      pg_elf_at(elf, address + own->vd_aux, 1, sizeof *name, 4);
    if (!name || name->vda_name >= elf->strings_size) {
      return false;
    }
    unsigned number = own->vd_ndx & 0x7fff;
    *highest = number > *highest ? number : *highest;
    address += own->vd_next;
  }
  return true;
}

static enum pg_status check_versions(const struct pg_elf *elf,
                                     const struct pg_symbols_tables *tables,
                                     struct pg_error *err)
{
  unsigned highest = 1;
  if ((tables->needed_versions != 0 &&
       !check_needed(elf, tables->needed_versions, tables->needed_version_count,
                     &highest)) ||
      (tables->own_versions != 0 &&
       !check_own(elf, tables->own_versions, tables->own_version_count,
                  &highest))) {
    return damaged("list of versions is broken", err);
  }
  if (tables->versions == 0) {
    return tables->needed_versions == 0
             ? PG_OK
             : damaged("symbols have no versions", err);
  }
  const uint16_t *versions =
    pg_elf_at(elf, tables->versions, elf->symbol_count, 2, 2);
  if (!versions) {
    return damaged("versions of symbols lie outside of its segments", err);
  }
  for (size_t i = 0; i < elf->symbol_count; i++) {
    if ((versions[i] & 0x7fff) > highest) {
      return damaged("symbols have versions that no list names", err);
    }
  }
  return PG_OK;
}

enum pg_status pg_symbols_check(struct pg_elf *elf,
                                const struct pg_symbols_tables *tables,
                                struct pg_error *err)
{
  size_t count;
  enum pg_status status = count_symbols(elf, tables, &count, err);
  if (status != PG_OK) {
    return status;
  }
  elf->symbols = pg_elf_at(elf, tables->symbols, count, sizeof(Elf64_Sym), 8);
  if (tables->symbols == 0 || tables->entry_size != sizeof(Elf64_Sym) ||
      !elf->symbols) {
    return damaged("symbols lie outside of its segments", err);
  }
  elf->symbol_count = count;
  for (size_t i = 0; i < count && status == PG_OK; i++) {
    status = check_symbol(elf, &elf->symbols[i], err);
  }
  if (status == PG_OK) {
    status = check_versions(elf, tables, err);
  }
  if (status == PG_OK && elf->plugin_address == 0) {
    return pg_fail(err, PG_REFUSED,
                   "expected it to export '%s', found no such object "
                   "(PERI_PLUGIN is missing)",
                   PERI_SYMBOL);
  }
  return status;
}

/* dynamic.c - what the dynamic loader reads of a shared library: its tables,
 * names, symbols and the ways to find them. */
#include "plugin/elf.h"

#include "plugin/reloc.h"
#include "plugin/symbols.h"

#include <perigee/abi.h>
#include <string.h>

#ifndef DT_RELRSZ /* newer than some headers */
#define DT_RELRSZ 35
#define DT_RELR 36
#define DT_RELRENT 37
#endif

#define DYNAMIC_MAX 512

/* Values of the tags that matter, by our own numbers. */
enum {
  STRTAB,
  STRSZ,
  SYMTAB,
  SYMENT,
  HASH,
  GNU_HASH,
  RELA,
  RELASZ,
  RELAENT,
  JMPREL,
  PLTRELSZ,
  PLTREL,
  RELR,
  RELRSZ,
  RELRENT,
  VERSYM,
  VERNEED,
  VERNEEDNUM,
  VERDEF,
  VERDEFNUM,
  INIT,
  FINI,
  INIT_ARRAY,
  INIT_ARRAYSZ,
  FINI_ARRAY,
  FINI_ARRAYSZ,
  FLAGS,
  FLAGS_1,
  SONAME,
  RELACOUNT,
  TAG_COUNT
};

static const struct {
  int64_t tag;
  int number;
} known[] = {
  {DT_STRTAB, STRTAB},
  {DT_STRSZ, STRSZ},
  {DT_SYMTAB, SYMTAB},
  {DT_SYMENT, SYMENT},
  {DT_HASH, HASH},
  {DT_GNU_HASH, GNU_HASH},
  {DT_RELA, RELA},
  {DT_RELASZ, RELASZ},
  {DT_RELAENT, RELAENT},
  {DT_JMPREL, JMPREL},
  {DT_PLTRELSZ, PLTRELSZ},
  {DT_PLTREL, PLTREL},
  {DT_RELR, RELR},
  {DT_RELRSZ, RELRSZ},
  {DT_RELRENT, RELRENT},
  {DT_VERSYM, VERSYM},
  {DT_VERNEED, VERNEED},
  {DT_VERNEEDNUM, VERNEEDNUM},
  {DT_VERDEF, VERDEF},
  {DT_VERDEFNUM, VERDEFNUM},
  {DT_INIT, INIT},
  {DT_FINI, FINI},
  {DT_INIT_ARRAY, INIT_ARRAY},
  {DT_INIT_ARRAYSZ, INIT_ARRAYSZ},
  {DT_FINI_ARRAY, FINI_ARRAY},
  {DT_FINI_ARRAYSZ, FINI_ARRAYSZ},
  {DT_FLAGS, FLAGS},
  {DT_FLAGS_1, FLAGS_1},
  {DT_SONAME, SONAME},
  {DT_RELACOUNT, RELACOUNT},
};

static const struct {
  int64_t tag;
  const char *why;
} refused[] = {
  {DT_RPATH, "it says where to look for libraries (RPATH)"},
  {DT_RUNPATH, "it says where to look for libraries (RUNPATH)"},
  {DT_TEXTREL, "its code must be changed to load it (build with -fPIC)"},
  {DT_AUXILIARY, "it stands for another library (DT_AUXILIARY)"},
  {DT_FILTER, "it stands for another library (DT_FILTER)"},
  {DT_AUDIT, "it asks for a library that audits others (DT_AUDIT)"},
  {DT_DEPAUDIT, "it asks for a library that audits others (DT_DEPAUDIT)"},
  {DT_REL, "it has relocations of a form that this machine does not use"},
};

struct table {
  uint64_t value[TAG_COUNT];
  bool has[TAG_COUNT];
  uint64_t needed[PG_ELF_NEEDED_MAX]; /* offsets of names */
  size_t needed_count;
};

/* --------------------------------------------------------- reading the tags */

static const Elf64_Dyn *find_dynamic(const struct pg_elf *elf, size_t *count,
                                     struct pg_error *err)
{
  const Elf64_Phdr *found = NULL;
  for (size_t i = 0; i < elf->header->e_phnum; i++) {
    const Elf64_Phdr *program = &elf->programs[i];
    if (program->p_type != PT_DYNAMIC) {
      continue;
    }
    if (found) {
      pg_fail(err, PG_REFUSED, "expected one dynamic section, found two");
      return NULL;
    }
    found = program;
  }
  if (!found) {
    pg_fail(err, PG_REFUSED, "expected a dynamic section, found none");
    return NULL;
  }
  *count = found->p_filesz / sizeof(Elf64_Dyn);
  const struct pg_elf_load *load =
    pg_elf_find_load(elf, found->p_vaddr, found->p_filesz);
  const void *at = pg_elf_at(elf, found->p_vaddr, *count, sizeof(Elf64_Dyn), 8);
  /* The dynamic loader adjusts it in place, and finds it by its address. */
  if (!at || !(load->flags & PF_W)) {
    pg_fail(err, PG_REFUSED,
            "the file is damaged: its dynamic section lies outside of its "
            "data");
    return NULL;
  }
  return at;
}

static enum pg_status take_tag(const Elf64_Dyn *entry, struct table *table,
                               struct pg_error *err)
{
  for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
    if (refused[i].tag == entry->d_tag) {
      return pg_fail(err, PG_REFUSED, "%s", refused[i].why);
    }
  }
  if (entry->d_tag == DT_NEEDED) {
    if (table->needed_count == PG_ELF_NEEDED_MAX) {
      return pg_fail(err, PG_REFUSED, "it needs more than %d libraries",
                     PG_ELF_NEEDED_MAX);
    }
    table->needed[table->needed_count++] = entry->d_un.d_val;
  }
  for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
    int number = known[i].number;
    if (known[i].tag != entry->d_tag) {
      continue;
    }
    if (table->has[number]) {
      return pg_fail(err, PG_REFUSED,
                     "the file is damaged: dynamic tag %#llx is there twice",
                     (unsigned long long)entry->d_tag);
    }
    table->has[number] = true;
    table->value[number] = entry->d_un.d_val;
  }
  return PG_OK;
}

static enum pg_status read_tags(const struct pg_elf *elf, struct table *table,
                                struct pg_error *err)
{
  size_t count;
  const Elf64_Dyn *entries = find_dynamic(elf, &count, err);
  if (!entries) {
    return PG_REFUSED;
  }
  for (size_t i = 0; i < count && i < DYNAMIC_MAX; i++) {
    if (entries[i].d_tag == DT_NULL) {
      return PG_OK;
    }
    enum pg_status status = take_tag(&entries[i], table, err);
    if (status != PG_OK) {
      return status;
    }
  }
  return pg_fail(err, PG_REFUSED,
                 "the file is damaged: its dynamic section has no end");
}

/* -------------------------------------------------------- what they lead to */

static enum pg_status damaged(const char *what, struct pg_error *err)
{
  return pg_fail(err, PG_REFUSED,
                 "the file is damaged: its %s lie outside of its segments, or "
                 "have the wrong size",
                 what);
}

static enum pg_status find_strings(struct pg_elf *elf,
                                   const struct table *table,
                                   struct pg_error *err)
{
  uint64_t size = table->value[STRSZ];
  const char *strings = table->has[STRTAB] && size > 0
                          ? pg_elf_at(elf, table->value[STRTAB], size, 1, 1)
                          : NULL;
  if (!strings || strings[size - 1] != '\0' ||
      (table->has[SONAME] && table->value[SONAME] >= size)) {
    return damaged("names", err);
  }
  elf->strings = strings;
  elf->strings_size = size;
  for (size_t i = 0; i < table->needed_count; i++) {
    if (table->needed[i] >= size) {
      return damaged("names of libraries", err);
    }
    const char *name = strings + table->needed[i];
    if (*name == '\0' || strchr(name, '/')) {
      return pg_fail(err, PG_REFUSED,
                     "it needs the library '%.100s': expected a name without "
                     "'/'",
                     name);
    }
    elf->needed[elf->needed_count++] = name;
  }
  return PG_OK;
}

/* A place and its size: the dynamic loader reads the one as it finds the other,
 * without a look whether it is there. */
static bool has_both(const struct table *table, int at, int size)
{
  return table->has[at] == table->has[size];
}

static bool find_relas(struct pg_elf *elf, const struct table *table,
                       size_t list, int at, int size)
{
  uint64_t bytes = table->value[size];
  if (!has_both(table, at, size)) {
    return false;
  }
  if (bytes == 0) {
    return true;
  }
  elf->relocation_count[list] = bytes / sizeof(Elf64_Rela);
  elf->relocations[list] = pg_elf_at(
    elf, table->value[at], elf->relocation_count[list], sizeof(Elf64_Rela), 8);
  return bytes % sizeof(Elf64_Rela) == 0 && elf->relocations[list];
}

static enum pg_status find_relocations(struct pg_elf *elf,
                                       const struct table *table,
                                       struct pg_error *err)
{
  uint64_t packed = table->value[RELRSZ];
  if (!has_both(table, RELR, RELRSZ) ||
      (table->has[RELAENT] && table->value[RELAENT] != sizeof(Elf64_Rela)) ||
      (table->has[RELA] && !table->has[RELAENT]) ||
      (table->has[JMPREL] && table->value[PLTREL] != DT_RELA) ||
      !find_relas(elf, table, 0, RELA, RELASZ) ||
      !find_relas(elf, table, 1, JMPREL, PLTRELSZ)) {
    return damaged("relocations", err);
  }
  elf->relative_first = table->value[RELACOUNT];
  if (table->has[RELR] && packed > 0) {
    elf->relative_count = packed / 8;
    elf->relative =
      pg_elf_at(elf, table->value[RELR], elf->relative_count, 8, 8);
    if (!elf->relative || packed % 8 != 0 || table->value[RELRENT] != 8) {
      return damaged("packed relocations", err);
    }
  }
  return PG_OK;
}

static bool is_code(const struct pg_elf *elf, const struct table *table,
                    int number)
{
  const struct pg_elf_load *load =
    pg_elf_find_load(elf, table->value[number], 1);
  return !table->has[number] || (load && (load->flags & PF_X));
}

static bool is_array(const struct pg_elf *elf, const struct table *table,
                     int at, int size)
{
  uint64_t bytes = table->value[size];
  return !table->has[at] || (table->has[size] && bytes % 8 == 0 &&
                             pg_elf_at(elf, table->value[at], bytes, 1, 8));
}

static enum pg_status check_flags(struct pg_elf *elf, const struct table *table,
                                  struct pg_error *err)
{
  uint64_t flags = table->value[FLAGS], more = table->value[FLAGS_1];
  if (flags & DF_TEXTREL) {
    return pg_fail(err, PG_REFUSED,
                   "its code must be changed to load it (build with -fPIC)");
  }
  if (more & DF_1_PIE) {
    return pg_fail(err, PG_REFUSED,
                   "expected a shared library, found a "
                   "program (link with -shared)");
  }
  if (more & (DF_1_INTERPOSE | DF_1_GLOBAL)) {
    return pg_fail(err, PG_REFUSED,
                   "it would replace symbols of others (it is "
                   "linked with -z interpose or -z global)");
  }
  elf->static_tls = flags & DF_STATIC_TLS;
  return PG_OK;
}

enum pg_status pg_elf_check(struct pg_elf *elf, struct pg_error *err)
{
  struct table table = {.needed_count = 0};
  enum pg_status status = read_tags(elf, &table, err);
  if (status == PG_OK) {
    status = check_flags(elf, &table, err);
  }
  if (status == PG_OK) {
    status = find_strings(elf, &table, err);
  }
  if (status == PG_OK) {
    status = find_relocations(elf, &table, err);
  }
  if (status != PG_OK) {
    return status;
  }
  if (!is_code(elf, &table, INIT) || !is_code(elf, &table, FINI) ||
      !is_array(elf, &table, INIT_ARRAY, INIT_ARRAYSZ) ||
      !is_array(elf, &table, FINI_ARRAY, FINI_ARRAYSZ)) {
    return damaged("constructors or destructors", err);
  }
  if (!has_both(&table, VERNEED, VERNEEDNUM) ||
      !has_both(&table, VERDEF, VERDEFNUM)) {
    return damaged("versions of symbols", err);
  }
  struct pg_symbols_tables tables = {
    .symbols = table.has[SYMTAB] ? table.value[SYMTAB] : 0,
    .entry_size = table.value[SYMENT],
    .hash = table.value[HASH],
    .gnu_hash = table.value[GNU_HASH],
    .versions = table.value[VERSYM],
    .needed_versions = table.value[VERNEED],
    .needed_version_count = table.value[VERNEEDNUM],
    .own_versions = table.value[VERDEF],
    .own_version_count = table.value[VERDEFNUM],
  };
  status = pg_symbols_check(elf, &tables, err);
  return status == PG_OK ? pg_reloc_check(elf, err) : status;
}

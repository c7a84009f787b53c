/* reloc.h - relocations of a shared library: the kinds that a plugin may have,
 * each checked to lie where it may write. */
#ifndef PG_PLUGIN_RELOC_H
#define PG_PLUGIN_RELOC_H
#include "plugin/elf.h"

enum pg_reloc_kind {
  PG_RELOC_UNKNOWN,
  PG_RELOC_NONE,
  PG_RELOC_RELATIVE, /* base + addend */
  PG_RELOC_ADDRESS,  /* of a symbol + addend, 8 bytes */
  PG_RELOC_INDIRECT, /* what a function of the file answers */
  PG_RELOC_TLS,      /* of a thread-local symbol, 8 bytes */
  PG_RELOC_TLS_PAIR, /* the same, 16 bytes */
};

/* Of R_X86_64_* or R_AARCH64_*, as this host is. */
enum pg_reloc_kind pg_reloc_kind(uint32_t type);

/* Checks all that elf->relocations and elf->relative list.  Fails: PG_REFUSED
 */
enum pg_status pg_reloc_check(const struct pg_elf *elf, struct pg_error *err);

#endif

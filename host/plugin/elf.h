/* elf.h - what a shared library file says, read as bytes.  Nothing in the file
 * is believed: every place is checked before it is read. */
#ifndef PG_PLUGIN_ELF_H
#define PG_PLUGIN_ELF_H
#include "base/status.h"

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PG_ELF_LOADS_MAX 16
#define PG_ELF_NEEDED_MAX 64

/* Addresses count from the start of the mapping. */
struct pg_elf_load {
  uint64_t address, offset, file_size, memory_size;
  uint32_t flags; /* PF_R, PF_W, PF_X */
};

/* A zeroed struct is empty.  Everything is borrowed from `bytes`. */
struct pg_elf {
  const unsigned char *bytes;
  size_t size;
  const Elf64_Ehdr *header;
  const Elf64_Phdr *programs; /* header->e_phnum of them */
  struct pg_elf_load loads[PG_ELF_LOADS_MAX];
  size_t load_count;
  uint64_t memory_size; /* end of the last segment */
  uint64_t tls_size;

  /* set by pg_elf_check() */
  const Elf64_Sym *symbols;
  size_t symbol_count;
  const char *strings; /* ends with a NUL */
  size_t strings_size;
  const char *needed[PG_ELF_NEEDED_MAX];
  size_t needed_count;
  const Elf64_Rela *relocations[2]; /* of data, of calls */
  size_t relocation_count[2];
  uint64_t relative_first;  /* so many of data, at first, are relative */
  const uint64_t *relative; /* packed ones (DT_RELR) */
  size_t relative_count;
  uint64_t plugin_address; /* of the exported object */
  bool static_tls;         /* cannot be loaded often */
  bool unique_symbols;     /* shares C++ statics with other builds */
};

/* Reads the headers: kind of file, machine, segments.  `bytes` is 8-byte
 * aligned. [borrow] while `elf` is used
 *
 * Fails: PG_REFUSED
 */
enum pg_status pg_elf_open(const void *bytes, size_t size, struct pg_elf *elf,
                           struct pg_error *err);

/* Reads the dynamic section and all that it leads to: no part of the file that
 * the dynamic loader believes may lead it astray.  Fails: PG_REFUSED */
enum pg_status pg_elf_check(struct pg_elf *elf, struct pg_error *err);

/* The segment that holds `size` bytes at `address`, or NULL. */
const struct pg_elf_load *pg_elf_find_load(const struct pg_elf *elf,
                                           uint64_t address, uint64_t size);

/* `count` things of `size` bytes at `address` as the file holds them, or NULL:
 * not in one segment, not in the file, or not aligned. */
const void *pg_elf_at(const struct pg_elf *elf, uint64_t address,
                      uint64_t count, size_t size, size_t align);

#endif

/* span.c - looking into the memory of a plugin, and making it from a file. */
#include "plugin/span.h"

#include "plugin/reloc.h"

#include <stdlib.h>
#include <string.h>

static const struct pg_elf_load *find(const struct pg_span *span,
                                      uint64_t pointer, uint64_t size)
{
  const struct pg_elf_load *load =
    pointer < span->base
      ? NULL
      : pg_elf_find_load(span->elf, pointer - span->base, size);
  return load && (load->flags & PF_R) ? load : NULL;
}

const void *pg_span_at(const struct pg_span *span, uint64_t pointer,
                       uint64_t count, size_t size, size_t align)
{
  uint64_t bytes;
  if (pointer == 0 || pointer % align != 0 ||
      __builtin_mul_overflow(count, (uint64_t)size, &bytes) ||
      !find(span, pointer, bytes)) {
    return NULL;
  }
  return span->memory + (pointer - span->base);
}

const char *pg_span_text(const struct pg_span *span, uint64_t pointer)
{
  const struct pg_elf_load *load = find(span, pointer, 1);
  if (pointer == 0 || !load) {
    return NULL;
  }
  uint64_t inside = pointer - span->base - load->address;
  const char *text = span->memory + (pointer - span->base);
  return memchr(text, '\0', load->memory_size - inside) ? text : NULL;
}

bool pg_span_is_code(const struct pg_span *span, uint64_t pointer)
{
  const struct pg_elf_load *load = find(span, pointer, 1);
  return pointer != 0 && load && (load->flags & PF_X);
}

/* ----------------------------------------------------- memory from the file */

static void put(char *memory, uint64_t address, uint64_t value)
{
  memcpy(memory + address, &value, sizeof value);
}

static void relocate(const struct pg_elf *elf, char *memory,
                     const Elf64_Rela *rela)
{
  uint32_t type = (uint32_t)ELF64_R_TYPE(rela->r_info);
  const Elf64_Sym *symbol = &elf->symbols[ELF64_R_SYM(rela->r_info)];
  switch (pg_reloc_kind(type)) {
  case PG_RELOC_RELATIVE:
    put(memory, rela->r_offset, (uint64_t)rela->r_addend);
    break;
  case PG_RELOC_ADDRESS:
    if (symbol->st_shndx != SHN_UNDEF) {
      put(memory, rela->r_offset, symbol->st_value + (uint64_t)rela->r_addend);
    }
    break;
  default:
    break;
  }
}

enum pg_status pg_span_make(const struct pg_elf *elf, char **memory,
                            struct pg_error *err)
{
  /* Relocations at the very end may write up to 8 bytes. */
  char *room = calloc(elf->memory_size + 8, 1);
  if (!room) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for %llu bytes of a plugin",
                   (unsigned long long)elf->memory_size);
  }
  for (size_t i = 0; i < elf->load_count; i++) {
    const struct pg_elf_load *load = &elf->loads[i];
    memcpy(room + load->address, elf->bytes + load->offset, load->file_size);
  }
  /* What lies at a packed place is right already: it counts from 0. */
  for (size_t list = 0; list < 2; list++) {
    for (size_t i = 0; i < elf->relocation_count[list]; i++) {
      relocate(elf, room, &elf->relocations[list][i]);
    }
  }
  *memory = room;
  return PG_OK;
}

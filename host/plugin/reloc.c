/* reloc.c - kinds and places of relocations. */
#include "plugin/reloc.h"

enum pg_reloc_kind pg_reloc_kind(uint32_t type)
{
  switch (type) {
#if defined __x86_64__
  case R_X86_64_NONE:
    return PG_RELOC_NONE;
  case R_X86_64_RELATIVE:
    return PG_RELOC_RELATIVE;
  case R_X86_64_64:
  case R_X86_64_GLOB_DAT:
  case R_X86_64_JUMP_SLOT:
    return PG_RELOC_ADDRESS;
  case R_X86_64_IRELATIVE:
    return PG_RELOC_INDIRECT;
  case R_X86_64_DTPMOD64:
  case R_X86_64_DTPOFF64:
  case R_X86_64_TPOFF64:
    return PG_RELOC_TLS;
  case R_X86_64_TLSDESC:
    return PG_RELOC_TLS_PAIR;
#elif defined __aarch64__
  case R_AARCH64_NONE:
    return PG_RELOC_NONE;
  case R_AARCH64_RELATIVE:
    return PG_RELOC_RELATIVE;
  case R_AARCH64_ABS64:
  case R_AARCH64_GLOB_DAT:
  case R_AARCH64_JUMP_SLOT:
    return PG_RELOC_ADDRESS;
  case R_AARCH64_IRELATIVE:
    return PG_RELOC_INDIRECT;
  case R_AARCH64_TLS_DTPMOD:
  case R_AARCH64_TLS_DTPREL:
  case R_AARCH64_TLS_TPREL:
    return PG_RELOC_TLS;
  case R_AARCH64_TLSDESC:
    return PG_RELOC_TLS_PAIR;
#endif
  default:
    return PG_RELOC_UNKNOWN;
  }
}

/* What is relocated is written, and initialised by the file unless it is .bss;
 * the linkers put none there, so it lies in the file. */
static bool is_place(const struct pg_elf *elf, uint64_t address, uint64_t size)
{
  const struct pg_elf_load *load = pg_elf_find_load(elf, address, size);
  return load && (load->flags & PF_W);
}

static bool is_code(const struct pg_elf *elf, uint64_t address)
{
  const struct pg_elf_load *load = pg_elf_find_load(elf, address, 1);
  return load && (load->flags & PF_X);
}

static enum pg_status check_one(const struct pg_elf *elf,
                                const Elf64_Rela *rela, size_t number,
                                struct pg_error *err)
{
  uint32_t type = (uint32_t)ELF64_R_TYPE(rela->r_info);
  uint64_t symbol = ELF64_R_SYM(rela->r_info);
  uint64_t addend = (uint64_t)rela->r_addend;
  enum pg_reloc_kind kind = pg_reloc_kind(type);
  if (kind == PG_RELOC_UNKNOWN) {
    return pg_fail(err, PG_REFUSED,
                   "relocation %zu has type %u, which no shared library needs "
                   "(build with -fPIC)",
                   number, type);
  }
  if (symbol >= elf->symbol_count) {
    return pg_fail(err, PG_REFUSED,
                   "the file is damaged: relocation %zu names symbol %llu of "
                   "%zu",
                   number, (unsigned long long)symbol, elf->symbol_count);
  }
  if (kind != PG_RELOC_NONE &&
      !is_place(elf, rela->r_offset, kind == PG_RELOC_TLS_PAIR ? 16 : 8)) {
    return pg_fail(err, PG_REFUSED,
                   "the file is damaged: relocation %zu writes to %#llx, "
                   "outside of its data",
                   number, (unsigned long long)rela->r_offset);
  }
  if ((kind == PG_RELOC_RELATIVE && addend > elf->memory_size) ||
      (kind == PG_RELOC_INDIRECT && !is_code(elf, addend))) {
    return pg_fail(err, PG_REFUSED,
                   "the file is damaged: relocation %zu leads to %#llx, "
                   "outside of its segments",
                   number, (unsigned long long)addend);
  }
  return PG_OK;
}

/* An even word is a place; an odd one marks which of the 63 words that follow
 * the last place are relocated too. */
static enum pg_status check_relative(const struct pg_elf *elf,
                                     struct pg_error *err)
{
  uint64_t next = 0;
  for (size_t i = 0; i < elf->relative_count; i++) {
    uint64_t word = elf->relative[i];
    uint64_t first = word, size = 8;
    if (word & 1) {
      uint64_t bits = word >> 1;
      first = next;
      size = bits ? (uint64_t)(64 - __builtin_clzll(bits)) * 8 : 0;
      next += 63 * 8;
    } else {
      next = word + 8;
    }
    if ((i == 0 && (word & 1)) || first % 8 != 0 ||
        !is_place(elf, first, size)) {
      return pg_fail(err, PG_REFUSED,
                     "the file is damaged: packed relocation %zu writes to "
                     "%#llx, outside of its data",
                     i, (unsigned long long)first);
    }
  }
  return PG_OK;
}

/* The dynamic loader does not look at their kind, but ends the process when it
 * finds another one among them. */
static enum pg_status check_first(const struct pg_elf *elf,
                                  struct pg_error *err)
{
  for (size_t i = 0; i < elf->relocation_count[0] && i < elf->relative_first;
       i++) {
    uint32_t type = (uint32_t)ELF64_R_TYPE(elf->relocations[0][i].r_info);
    if (pg_reloc_kind(type) != PG_RELOC_RELATIVE) {
      return pg_fail(err, PG_REFUSED,
                     "the file is damaged: relocation %zu has type %u, "
                     "expected a relative one among the first %llu",
                     i, type, (unsigned long long)elf->relative_first);
    }
  }
  return PG_OK;
}

enum pg_status pg_reloc_check(const struct pg_elf *elf, struct pg_error *err)
{
  for (size_t list = 0; list < 2; list++) {
    for (size_t i = 0; i < elf->relocation_count[list]; i++) {
      enum pg_status status =
        check_one(elf, &elf->relocations[list][i], i, err);
      if (status != PG_OK) {
        return status;
      }
    }
  }
  enum pg_status status = check_first(elf, err);
  return status == PG_OK ? check_relative(elf, err) : status;
}

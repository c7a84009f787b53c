/* elf.c - the headers of a shared library. */
#include "plugin/elf.h"

#include <string.h>

#define MEMORY_SIZE_MAX ((uint64_t)256 << 20)
#define PROGRAMS_MAX 64
#define PAGE ((uint64_t)4096)

#if defined __x86_64__
#define OWN_MACHINE EM_X86_64
#elif defined __aarch64__
#define OWN_MACHINE EM_AARCH64
#else
#error "the loader knows the relocations of x86-64 and aarch64 only"
#endif

static const struct {
  unsigned machine;
  const char *name;
} machines[] = {
  {EM_386, "i386"},        {EM_ARM, "arm"},
  {EM_X86_64, "x86-64"},   {EM_AARCH64, "aarch64"},
  {EM_PPC64, "ppc64"},     {EM_S390, "s390x"},
  {EM_RISCV, "riscv"},     {EM_MIPS, "mips"},
  {EM_SPARCV9, "sparc64"}, {EM_LOONGARCH, "loongarch"},
};

static const char *machine_name(unsigned machine)
{
  for (size_t i = 0; i < sizeof machines / sizeof *machines; i++) {
    if (machines[i].machine == machine) {
      return machines[i].name;
    }
  }
  return "another machine";
}

/* --------------------------------------------------------------- the header */

static bool begins(const struct pg_elf *elf, const char *text)
{
  size_t len = strlen(text);
  return elf->size >= len && memcmp(elf->bytes, text, len) == 0;
}

static enum pg_status fail_kind_of_file(const struct pg_elf *elf,
                                        struct pg_error *err)
{
  const char *found = "something else";
  if (elf->size == 0) {
    found = "an empty file";
  } else if (begins(elf, "!<arch>") || begins(elf, "!<thin>")) {
    found = "a static library";
  } else if (begins(elf, "#!")) {
    found = "a script";
  } else if (begins(elf, "\xcf\xfa\xed\xfe")) {
    found = "a library for macOS";
  } else if (begins(elf, "MZ")) {
    found = "a library for Windows";
  }
  return pg_fail(err, PG_REFUSED, "expected a shared library (ELF), found %s",
                 found);
}

static enum pg_status check_ident(const struct pg_elf *elf,
                                  struct pg_error *err)
{
  if (!begins(elf, ELFMAG)) {
    return fail_kind_of_file(elf, err);
  }
  if (elf->size < sizeof(Elf64_Ehdr)) {
    return pg_fail(err, PG_REFUSED, "the file is cut off: %zu bytes",
                   elf->size);
  }
  if (elf->bytes[EI_CLASS] != ELFCLASS64) {
    return pg_fail(err, PG_REFUSED, "built for 32 bits, this host has 64");
  }
  if (elf->bytes[EI_DATA] != ELFDATA2LSB) {
    return pg_fail(err, PG_REFUSED,
                   "built for big-endian machines, this host is little-endian");
  }
  if (elf->bytes[EI_VERSION] != EV_CURRENT ||
      (elf->bytes[EI_OSABI] != ELFOSABI_NONE &&
       elf->bytes[EI_OSABI] != ELFOSABI_GNU)) {
    return pg_fail(err, PG_REFUSED,
                   "built for another system: expected ELF version 1 for "
                   "System V or GNU, found version %u for system %u",
                   elf->bytes[EI_VERSION], elf->bytes[EI_OSABI]);
  }
  return PG_OK;
}

static enum pg_status check_header(const struct pg_elf *elf,
                                   struct pg_error *err)
{
  const Elf64_Ehdr *header = elf->header;
  if (header->e_machine != OWN_MACHINE) {
    return pg_fail(err, PG_REFUSED, "built for %s, this host is %s",
                   machine_name(header->e_machine), machine_name(OWN_MACHINE));
  }
  if (header->e_type != ET_DYN) {
    const char *found = header->e_type == ET_REL    ? "an object file"
                        : header->e_type == ET_EXEC ? "a program"
                                                    : "something else";
    return pg_fail(err, PG_REFUSED, "expected a shared library, found %s",
                   found);
  }
  uint64_t table = (uint64_t)header->e_phnum * sizeof(Elf64_Phdr);
  if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
      header->e_phnum > PROGRAMS_MAX || header->e_phoff % 8 != 0 ||
      header->e_phoff > elf->size || elf->size - header->e_phoff < table) {
    return pg_fail(err, PG_REFUSED,
                   "the file is damaged: %u program headers of %u bytes at "
                   "byte %llu of %zu",
                   header->e_phnum, header->e_phentsize,
                   (unsigned long long)header->e_phoff, elf->size);
  }
  return PG_OK;
}

/* ------------------------------------------------------------- the segments */

static bool in_file(const struct pg_elf *elf, const Elf64_Phdr *program)
{
  return program->p_offset <= elf->size &&
         program->p_filesz <= elf->size - program->p_offset;
}

static uint64_t page_up(uint64_t n)
{
  return (n + PAGE - 1) & ~(PAGE - 1);
}

static enum pg_status add_load(struct pg_elf *elf, const Elf64_Phdr *program,
                               struct pg_error *err)
{
  size_t number = elf->load_count;
  uint64_t align = program->p_align;
  if (number == PG_ELF_LOADS_MAX) {
    return pg_fail(err, PG_REFUSED, "expected at most %d segments",
                   PG_ELF_LOADS_MAX);
  }
  if (program->p_filesz > program->p_memsz ||
      program->p_memsz > MEMORY_SIZE_MAX ||
      program->p_vaddr > MEMORY_SIZE_MAX - program->p_memsz) {
    return pg_fail(err, PG_REFUSED,
                   "segment %zu needs %llu bytes of memory at %llu, expected "
                   "at most %llu in all",
                   number, (unsigned long long)program->p_memsz,
                   (unsigned long long)program->p_vaddr,
                   (unsigned long long)MEMORY_SIZE_MAX);
  }
  if (align < PAGE || (align & (align - 1)) != 0 || align > MEMORY_SIZE_MAX ||
      ((program->p_vaddr - program->p_offset) & (align - 1)) != 0) {
    return pg_fail(err, PG_REFUSED, "segment %zu is not aligned to pages",
                   number);
  }
  if ((program->p_vaddr & ~(PAGE - 1)) < page_up(elf->memory_size)) {
    return pg_fail(err, PG_REFUSED,
                   "segment %zu lies over or before the one before it", number);
  }
  if ((program->p_flags & PF_W) && (program->p_flags & PF_X)) {
    return pg_fail(err, PG_REFUSED,
                   "segment %zu is both writable and executable", number);
  }
  elf->loads[elf->load_count++] =
    (struct pg_elf_load){program->p_vaddr, program->p_offset, program->p_filesz,
                         program->p_memsz, program->p_flags};
  elf->memory_size = program->p_vaddr + program->p_memsz;
  return PG_OK;
}

static enum pg_status check_stack(const struct pg_elf *elf,
                                  struct pg_error *err)
{
  for (size_t i = 0; i < elf->header->e_phnum; i++) {
    if (elf->programs[i].p_type == PT_GNU_STACK) {
      return elf->programs[i].p_flags & PF_X
               ? pg_fail(err, PG_REFUSED,
                         "it asks for an executable stack "
                         "(link with -z noexecstack)")
               : PG_OK;
    }
  }
  return pg_fail(err, PG_REFUSED,
                 "it does not say that its stack is not "
                 "executable (link with -z noexecstack)");
}

static enum pg_status check_program(struct pg_elf *elf,
                                    const Elf64_Phdr *program,
                                    struct pg_error *err)
{
  if (program->p_type == PT_INTERP) {
    return pg_fail(err, PG_REFUSED,
                   "expected a shared library, found a "
                   "program (link with -shared)");
  }
  if (program->p_type != PT_GNU_STACK && !in_file(elf, program)) {
    return pg_fail(err, PG_REFUSED,
                   "the file is cut off: a segment ends at byte %llu + %llu "
                   "of %zu",
                   (unsigned long long)program->p_offset,
                   (unsigned long long)program->p_filesz, elf->size);
  }
  if (program->p_type == PT_LOAD && program->p_memsz > 0) {
    return add_load(elf, program, err);
  }
  return PG_OK;
}

static bool is_tls_placed(const struct pg_elf *elf, const Elf64_Phdr *program)
{
  uint64_t align = program->p_align;
  return program->p_filesz <= program->p_memsz &&
         program->p_memsz <= MEMORY_SIZE_MAX && align <= PAGE &&
         (align & (align - 1)) == 0 &&
         (program->p_filesz == 0 ||
          pg_elf_find_load(elf, program->p_vaddr, program->p_filesz));
}

static bool is_relro_placed(const struct pg_elf *elf, const Elf64_Phdr *program)
{
  const struct pg_elf_load *load = pg_elf_find_load(elf, program->p_vaddr, 1);
  return load && (load->flags & PF_W) &&
         program->p_memsz <=
           page_up(load->address + load->memory_size) - program->p_vaddr;
}

/* Thread-local data and the part that is made read-only lie in segments. */
static enum pg_status check_inner(struct pg_elf *elf, const Elf64_Phdr *program,
                                  struct pg_error *err)
{
  bool tls = program->p_type == PT_TLS;
  if (!tls && program->p_type != PT_GNU_RELRO) {
    return PG_OK;
  }
  if (!(tls ? is_tls_placed : is_relro_placed)(elf, program)) {
    return pg_fail(err, PG_REFUSED,
                   "the file is damaged: its %s lie outside of its segments",
                   tls ? "thread-local data" : "read-only relocations");
  }
  elf->tls_size = tls ? program->p_memsz : elf->tls_size;
  return PG_OK;
}

enum pg_status pg_elf_open(const void *bytes, size_t size, struct pg_elf *elf,
                           struct pg_error *err)
{
  *elf = (struct pg_elf){.bytes = bytes, .size = size};
  enum pg_status status = check_ident(elf, err);
  if (status == PG_OK) {
    elf->header = bytes;
    status = check_header(elf, err);
  }
  if (status != PG_OK) {
    return status;
  }
  elf->programs = (const Elf64_Phdr *)(elf->bytes + elf->header->e_phoff);
  for (size_t i = 0; i < elf->header->e_phnum && status == PG_OK; i++) {
    status = check_program(elf, &elf->programs[i], err);
  }
  for (size_t i = 0; i < elf->header->e_phnum && status == PG_OK; i++) {
    status = check_inner(elf, &elf->programs[i], err);
  }
  if (status == PG_OK && elf->load_count == 0) {
    return pg_fail(err, PG_REFUSED, "the file has no segments to load");
  }
  return status == PG_OK ? check_stack(elf, err) : status;
}

const struct pg_elf_load *pg_elf_find_load(const struct pg_elf *elf,
                                           uint64_t address, uint64_t size)
{
  for (size_t i = 0; i < elf->load_count; i++) {
    const struct pg_elf_load *load = &elf->loads[i];
    if (address >= load->address &&
        address - load->address <= load->memory_size &&
        size <= load->memory_size - (address - load->address)) {
      return load;
    }
  }
  return NULL;
}

const void *pg_elf_at(const struct pg_elf *elf, uint64_t address,
                      uint64_t count, size_t size, size_t align)
{
  uint64_t bytes;
  if (__builtin_mul_overflow(count, (uint64_t)size, &bytes)) {
    return NULL;
  }
  const struct pg_elf_load *load = pg_elf_find_load(elf, address, bytes);
  if (!load) {
    return NULL;
  }
  uint64_t inside = address - load->address;
  if (inside > load->file_size || bytes > load->file_size - inside) {
    return NULL;
  }
  const unsigned char *at = elf->bytes + load->offset + inside;
  return (uintptr_t)at % align == 0 ? at : NULL;
}

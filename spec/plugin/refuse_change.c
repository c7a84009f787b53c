/* refuse_change.c - see refuse_change.h. */
#include "refuse_change.h"

#include <elf.h>
#include <perigee/abi.h>
#include <string.h>

/* -------------------------------------------------------- finding the parts */

static Elf64_Ehdr *header(char *bytes)
{
  return (Elf64_Ehdr *)(void *)bytes;
}

static Elf64_Phdr *program(char *bytes, uint32_t type)
{
  Elf64_Phdr *programs = (Elf64_Phdr *)(void *)(bytes + header(bytes)->e_phoff);
  for (int i = 0; i < header(bytes)->e_phnum; i++) {
    if (programs[i].p_type == type) {
      return &programs[i];
    }
  }
  return NULL;
}

static Elf64_Dyn *dynamic(char *bytes, int64_t tag)
{
  Elf64_Phdr *found = program(bytes, PT_DYNAMIC);
  Elf64_Dyn *entry = (Elf64_Dyn *)(void *)(bytes + found->p_offset);
  while (entry->d_tag != tag) {
    if (entry->d_tag == DT_NULL) {
      return NULL;
    }
    entry++;
  }
  return entry;
}

/* Where an address lies in the file; 0: nowhere. */
static size_t file_offset(char *bytes, uint64_t address)
{
  Elf64_Phdr *programs = (Elf64_Phdr *)(void *)(bytes + header(bytes)->e_phoff);
  for (int i = 0; i < header(bytes)->e_phnum; i++) {
    const Elf64_Phdr *p = &programs[i];
    if (p->p_type == PT_LOAD && address >= p->p_vaddr &&
        address - p->p_vaddr < p->p_filesz) {
      return p->p_offset + (address - p->p_vaddr);
    }
  }
  return 0;
}

static peri_note *note(char *bytes, size_t size)
{
  for (size_t i = 0; i + sizeof(peri_note) <= size; i += 4) {
    peri_note *found = (peri_note *)(void *)(bytes + i);
    if (found->namesz == 8 && memcmp(found->owner, "perigee", 8) == 0) {
      return found;
    }
  }
  return NULL;
}

/* -------------------------------------------------------------- the changes */

bool change_class(char *bytes, size_t size)
{
  (void)size;
  bytes[EI_CLASS] = ELFCLASS32;
  return true;
}

bool change_order(char *bytes, size_t size)
{
  (void)size;
  bytes[EI_DATA] = ELFDATA2MSB;
  return true;
}

bool change_machine(char *bytes, size_t size)
{
  (void)size;
  header(bytes)->e_machine = EM_SPARCV9;
  return true;
}

bool change_type(char *bytes, size_t size)
{
  (void)size;
  header(bytes)->e_type = ET_EXEC;
  return true;
}

bool change_stack(char *bytes, size_t size)
{
  (void)size;
  Elf64_Phdr *stack = program(bytes, PT_GNU_STACK);
  if (stack) {
    stack->p_flags |= PF_X;
  }
  return stack;
}

bool change_no_stack(char *bytes, size_t size)
{
  (void)size;
  Elf64_Phdr *stack = program(bytes, PT_GNU_STACK);
  if (stack) {
    stack->p_type = PT_NULL;
  }
  return stack;
}

bool change_segment(char *bytes, size_t size)
{
  (void)size;
  Elf64_Phdr *load = program(bytes, PT_LOAD);
  if (load) {
    load->p_flags = PF_R | PF_W | PF_X;
  }
  return load;
}

/* The name of a library in place of the entry that counts relative ones: both
 * are numbers that nobody minds. */
static bool set_tag(char *bytes, int64_t tag)
{
  Elf64_Dyn *entry = dynamic(bytes, DT_RELACOUNT);
  if (entry) {
    entry->d_tag = tag;
    entry->d_un.d_val = 1;
  }
  return entry;
}

bool change_runpath(char *bytes, size_t size)
{
  (void)size;
  return set_tag(bytes, DT_RUNPATH);
}

bool change_rpath(char *bytes, size_t size)
{
  (void)size;
  return set_tag(bytes, DT_RPATH);
}

bool change_needed(char *bytes, size_t size)
{
  (void)size;
  Elf64_Dyn *entry = dynamic(bytes, DT_NEEDED);
  Elf64_Dyn *strings = dynamic(bytes, DT_STRTAB);
  if (entry && strings) {
    bytes[file_offset(bytes, strings->d_un.d_ptr) + entry->d_un.d_val + 2] =
      '/';
  }
  return entry && strings;
}

bool change_pointer_size(char *bytes, size_t size)
{
  note(bytes, size)->ptr_size = 4;
  return true;
}

bool change_byte_order(char *bytes, size_t size)
{
  note(bytes, size)->big_endian ^= 1;
  return true;
}

bool change_cpu(char *bytes, size_t size)
{
  note(bytes, size)->cpu = 1u << 31;
  return true;
}

bool change_field_count(char *bytes, size_t size)
{
  note(bytes, size)->n_fields = 5;
  return true;
}

bool change_note_size(char *bytes, size_t size)
{
  note(bytes, size)->descsz = 0xfffffff0;
  return true;
}

bool change_note_name(char *bytes, size_t size)
{
  note(bytes, size)->name[0] = 'x';
  return true;
}

bool change_note_text(char *bytes, size_t size)
{
  memset(note(bytes, size)->name, 'x', sizeof note(bytes, size)->name);
  return true;
}

/* The kind of the first relocation that is said to be relative. */
bool change_first_relative(char *bytes, size_t size)
{
  (void)size;
  size_t at = file_offset(bytes, dynamic(bytes, DT_RELA)->d_un.d_ptr);
  Elf64_Rela *first = (Elf64_Rela *)(void *)(bytes + at);
  first->r_info = 0;
  return at > 0;
}

/* A number that nobody minds in place of one that must be there. */
static bool lose_tag(char *bytes, int64_t tag)
{
  Elf64_Dyn *entry = dynamic(bytes, tag);
  if (entry) {
    entry->d_tag = DT_LOOS;
  }
  return entry;
}

bool change_array_size(char *bytes, size_t size)
{
  (void)size;
  return lose_tag(bytes, DT_INIT_ARRAYSZ);
}

bool change_call_size(char *bytes, size_t size)
{
  (void)size;
  return lose_tag(bytes, DT_RELASZ);
}

bool change_version_count(char *bytes, size_t size)
{
  (void)size;
  return lose_tag(bytes, DT_VERNEEDNUM);
}

/* Versions of a library that is not needed. */
bool change_version_file(char *bytes, size_t size)
{
  (void)size;
  size_t at = file_offset(bytes, dynamic(bytes, DT_VERNEED)->d_un.d_ptr);
  ((Elf64_Verneed *)(void *)(bytes + at))->vn_file += 1;
  return at > 0;
}

bool change_visibility(char *bytes, size_t size)
{
  (void)size;
  size_t at = file_offset(bytes, dynamic(bytes, DT_SYMTAB)->d_un.d_ptr);
  Elf64_Sym *symbols = (Elf64_Sym *)(void *)(bytes + at);
  for (int i = 1; i < 20; i++) {
    if (symbols[i].st_shndx == SHN_UNDEF && symbols[i].st_name != 0) {
      symbols[i].st_other = STV_HIDDEN;
      return true;
    }
  }
  return false;
}

bool change_relro(char *bytes, size_t size)
{
  (void)size;
  Elf64_Phdr *kept = program(bytes, PT_GNU_RELRO);
  if (kept) {
    kept->p_memsz += 1 << 20;
  }
  return kept;
}

/* ---------------------------------------------------------------- the parts */

size_t change_loaded_end(const char *bytes)
{
  const Elf64_Ehdr *head = (const void *)bytes;
  const Elf64_Phdr *programs = (const void *)(bytes + head->e_phoff);
  size_t end = 0;
  for (int i = 0; i < head->e_phnum; i++) {
    size_t last = programs[i].p_offset + programs[i].p_filesz;
    end = programs[i].p_type == PT_LOAD && last > end ? last : end;
  }
  return end;
}

size_t change_ends(const char *bytes, size_t size, size_t ends[CHANGE_ENDS_MAX])
{
  const Elf64_Ehdr *head = (const void *)bytes;
  const Elf64_Phdr *programs = (const void *)(bytes + head->e_phoff);
  size_t count = 0;
  ends[count++] = EI_NIDENT;
  ends[count++] = sizeof *head;
  for (int i = 0; i < head->e_phnum && count + 3 < CHANGE_ENDS_MAX; i++) {
    ends[count++] = head->e_phoff + (size_t)(i + 1) * sizeof *programs;
    ends[count++] = programs[i].p_offset;
    ends[count++] = programs[i].p_offset + programs[i].p_filesz;
  }
  ends[count++] = size;
  return count;
}

static size_t add_range(struct change_range *ranges, size_t count,
                        size_t offset, size_t n, size_t size)
{
  if (count < CHANGE_RANGES_MAX && offset > 0 && offset < size) {
    n = n < size - offset ? n : size - offset;
    ranges[count++] = (struct change_range){offset, n};
  }
  return count;
}

size_t change_ranges(const char *bytes, size_t size,
                     struct change_range ranges[CHANGE_RANGES_MAX])
{
  static const struct {
    int64_t at, bytes;
  } tables[] = {
    {DT_RELA, DT_RELASZ}, {DT_JMPREL, DT_PLTRELSZ}, {DT_STRTAB, DT_STRSZ},
    {DT_SYMTAB, 0},       {DT_GNU_HASH, 0},         {DT_HASH, 0},
    {DT_VERSYM, 0},       {DT_VERNEED, 0},          {DT_INIT_ARRAY, 0},
  };
  char *own = malloc(size); /* the finders take bytes that may be changed */
  memcpy(own, bytes, size);
  size_t count = 0, programs = header(own)->e_phoff;
  ranges[count++] = (struct change_range){
    4, programs + header(own)->e_phnum * sizeof(Elf64_Phdr) - 4};
  const Elf64_Phdr *section = program(own, PT_DYNAMIC);
  count = add_range(ranges, count, section->p_offset, section->p_filesz, size);
  count = add_range(ranges, count, (size_t)((char *)note(own, size) - own),
                    sizeof(peri_note), size);
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    const Elf64_Dyn *at = dynamic(own, tables[i].at);
    const Elf64_Dyn *n = tables[i].bytes ? dynamic(own, tables[i].bytes) : NULL;
    if (at) {
      count = add_range(ranges, count, file_offset(own, at->d_un.d_ptr),
                        n ? n->d_un.d_val : 400, size);
    }
  }
  /* What the relocations lead to: the exported object and the items. */
  const Elf64_Phdr *kept = program(own, PT_GNU_RELRO);
  if (kept) {
    count = add_range(ranges, count, file_offset(own, kept->p_vaddr),
                      kept->p_filesz, size);
  }
  free(own);
  return count;
}

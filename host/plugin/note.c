/* note.c - finding the note, and comparing it with this host. */
#include "plugin/note.h"

#include <string.h>

#define FIELD_NAME(T, m) #T "." #m,
static const char *const field_names[] = {PERI_LAYOUT(FIELD_NAME)};
static const uint16_t own_fields[][2] = {PERI_LAYOUT(PERI_LAYOUT_PAIR)};
#define FIELD_COUNT (sizeof own_fields / sizeof *own_fields)
_Static_assert(FIELD_COUNT <= PERI_N_FIELDS, "the note has room for them");

/* --------------------------------------------------------------- finding it */

static size_t padded(size_t n, size_t align)
{
  return (n + align - 1) & ~(align - 1);
}

/* Notes of one segment: each a head of three words, a name and a body, padded
 * to the alignment of the segment. */
static const unsigned char *find_in(const unsigned char *at, size_t size,
                                    size_t align, size_t *found_size)
{
  Elf64_Nhdr head;
  while (size >= sizeof head) {
    memcpy(&head, at, sizeof head);
    size_t body = padded(sizeof head + (size_t)head.n_namesz, align);
    if (body > size || head.n_descsz > size - body) {
      return NULL;
    }
    if (head.n_namesz == 8 && head.n_type == PERI_NOTE_TYPE &&
        memcmp(at + sizeof head, "perigee", 8) == 0) {
      *found_size = body + head.n_descsz;
      return at;
    }
    size_t whole = padded(body + head.n_descsz, align);
    if (whole >= size) {
      return NULL;
    }
    at += whole;
    size -= whole;
  }
  return NULL;
}

static const unsigned char *find_note(const struct pg_elf *elf, size_t *size)
{
  const unsigned char *found = NULL;
  for (size_t i = 0; i < elf->header->e_phnum && !found; i++) {
    const Elf64_Phdr *program = &elf->programs[i];
    if (program->p_type == PT_NOTE) {
      found = find_in(elf->bytes + program->p_offset, program->p_filesz,
                      program->p_align == 8 ? 8 : 4, size);
    }
  }
  return found;
}

/* ------------------------------------------------------------- comparing it */

static enum pg_status check_version(const peri_note *note, struct pg_error *err)
{
  if (note->abi_major == PERI_ABI_MAJOR &&
      note->target_minor <= PERI_ABI_MINOR) {
    return PG_OK;
  }
  return pg_fail(err, PG_REFUSED,
                 "built for version %u.%u of the plugin interface, this host "
                 "has %d.%d",
                 note->abi_major, note->target_minor, PERI_ABI_MAJOR,
                 PERI_ABI_MINOR);
}

static enum pg_status check_machine(const peri_note *note, struct pg_error *err)
{
  const struct {
    const char *what;
    size_t found, expected;
  } sizes[] = {
    {"pointers have", note->ptr_size, sizeof(void *)},
    {"'long' has", note->size_long, sizeof(long)},
    {"'wchar_t' has", note->size_wchar, sizeof(__WCHAR_TYPE__)},
  };
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (sizes[i].found != sizes[i].expected) {
      return pg_fail(err, PG_REFUSED,
                     "built where %s %zu bytes, this host has %zu",
                     sizes[i].what, sizes[i].found, sizes[i].expected);
    }
  }
  bool big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
  if (note->big_endian != big_endian) {
    return pg_fail(err, PG_REFUSED, "built for the other byte order");
  }
  return PG_OK;
}

static enum pg_status check_fields(const peri_note *note, struct pg_error *err)
{
  if (note->n_fields != FIELD_COUNT) {
    return pg_fail(err, PG_REFUSED,
                   "its note lists %u fields of shared structs, this host "
                   "knows %zu: it was built with an edited perigee/abi.h",
                   note->n_fields, FIELD_COUNT);
  }
  for (size_t i = 0; i < FIELD_COUNT; i++) {
    const uint16_t *found = note->fields[i], *expected = own_fields[i];
    if (found[0] != expected[0] || found[1] != expected[1]) {
      return pg_fail(err, PG_REFUSED,
                     "built with '%s' of %u bytes at offset %u, this host has "
                     "%u bytes at %u: perigee/abi.h was edited, or structs "
                     "are packed",
                     field_names[i], found[1], found[0], expected[1],
                     expected[0]);
    }
  }
  return PG_OK;
}

uint32_t pg_note_own_cpu(void)
{
  uint32_t cpu = 0;
#if defined __x86_64__
  __builtin_cpu_init();
  cpu |= __builtin_cpu_supports("avx2") ? PERI_CPU_AVX2 : 0;
  cpu |= __builtin_cpu_supports("avx512f") ? PERI_CPU_AVX512 : 0;
#endif
  return cpu;
}

static enum pg_status check_cpu(const peri_note *note, struct pg_error *err)
{
  uint32_t missing = note->cpu & ~pg_note_own_cpu();
  if (missing == 0) {
    return PG_OK;
  }
  const char *what = missing & PERI_CPU_AVX2     ? "AVX2"
                     : missing & PERI_CPU_AVX512 ? "AVX-512"
                                                 : "unknown";
  return pg_fail(err, PG_REFUSED,
                 "built for processors with %s instructions, which this one "
                 "lacks (cpu bits %#x)",
                 what, missing);
}

static enum pg_status check_texts(const peri_note *note, struct pg_error *err)
{
  return memchr(note->name, '\0', sizeof note->name) &&
             memchr(note->version, '\0', sizeof note->version)
           ? PG_OK
           : pg_fail(err, PG_REFUSED,
                     "its name has more than %zu bytes or its version more "
                     "than %zu",
                     sizeof note->name - 1, sizeof note->version - 1);
}

enum pg_status pg_note_check(const struct pg_elf *elf, peri_note *note,
                             struct pg_error *err)
{
  size_t size = 0;
  const unsigned char *at = find_note(elf, &size);
  if (!at) {
    return pg_fail(err, PG_REFUSED,
                   "expected a note of perigee, found none: it is no plugin, "
                   "or PERI_PLUGIN is missing");
  }
  if (size != sizeof *note) {
    return pg_fail(err, PG_REFUSED, "expected a note of %zu bytes, found %zu",
                   sizeof *note, size);
  }
  peri_note copy;
  memcpy(&copy, at, sizeof copy);
  enum pg_status (*const checks[])(const peri_note *, struct pg_error *) = {
    check_version, check_machine, check_fields, check_cpu, check_texts};
  for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
    enum pg_status status = checks[i](&copy, err);
    if (status != PG_OK) {
      return status;
    }
  }
  *note = copy;
  return PG_OK;
}

/* known.c - a record for each file and program, in the cache directory. */
#include "plugin/known.h"

#include "base/io.h"
#include "plugin/cache.h"
#include "plugin/note.h"
#include "plugin/self.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SETTLED_SECONDS 2 /* some file systems count in these */
#define BUILD_ID_BYTES 32

struct stamp {
  int64_t device, inode, size, changed[2], status_changed[2];
};

/* As it lies in the file; zeroed before it is filled, so padding is the same.
 */
struct record {
  uint64_t sum; /* of what follows: a damaged record is none */
  unsigned char program[BUILD_ID_BYTES];
  struct stamp source, copy;
  char sha256[72];
  uint64_t cpu, memory_size, plugin_address, static_tls, unique_symbols;
  uint64_t load_count;
  struct pg_elf_load loads[PG_ELF_LOADS_MAX];
};

static struct stamp stamp_of(const struct stat *st)
{
  return (struct stamp){(int64_t)st->st_dev,
                        (int64_t)st->st_ino,
                        (int64_t)st->st_size,
                        {st->st_mtim.tv_sec, st->st_mtim.tv_nsec},
                        {st->st_ctim.tv_sec, st->st_ctim.tv_nsec}};
}

static bool same(const struct stamp *a, const struct stamp *b)
{
  return memcmp(a, b, sizeof *a) == 0;
}

/* FNV-1a over words: against accidents, not malice; the directory is ours. */
static uint64_t sum_of(const void *bytes, size_t size)
{
  const char *at = bytes;
  uint64_t sum = 0xcbf29ce484222325, word;
  for (size_t i = 0; i < size; i += sizeof word) {
    memcpy(&word, at + i, sizeof word);
    sum = (sum ^ word) * 0x100000001b3;
    sum ^= sum >> 32;
  }
  return sum;
}

static uint64_t sum_of_record(const struct record *record)
{
  return sum_of((const char *)record + sizeof record->sum,
                sizeof *record - sizeof record->sum);
}

/* ------------------------------------------------------------- this program */

static const unsigned char *find_build_id(const unsigned char *at, size_t left,
                                          size_t *size)
{
  Elf64_Nhdr head;
  while (left >= sizeof head) {
    memcpy(&head, at, sizeof head);
    size_t name = (head.n_namesz + 3u) & ~3u, body = (head.n_descsz + 3u) & ~3u;
    size_t whole = sizeof head + name + body;
    if (head.n_type == NT_GNU_BUILD_ID && whole <= left && head.n_namesz == 4 &&
        memcmp(at + sizeof head, "GNU", 4) == 0) {
      *size = head.n_descsz;
      return at + sizeof head + name;
    }
    at += whole;
    left -= whole < left ? whole : left;
  }
  return NULL;
}

/* What the linker says of all that it has put together.  Without it, or when
 * it is longer, nothing is remembered. */
static bool take_build_id(unsigned char id[BUILD_ID_BYTES])
{
  const unsigned char *notes;
  size_t i = 0, left, size = 0;
  memset(id, 0, BUILD_ID_BYTES);
  while ((notes = pg_self_segment(PT_NOTE, &i, &left))) {
    const unsigned char *found = find_build_id(notes, left, &size);
    if (found && size > 0 && size <= BUILD_ID_BYTES) {
      memcpy(id, found, size);
      return true;
    }
  }
  return false;
}

/* -------------------------------------------------------------- the records */

/* "/", 16 hex digits, and ".known". */
static bool add_name(char path[PATH_MAX], size_t len, uint64_t sum)
{
  char digits[18] = "/";
  for (int i = 16; i > 0; i--, sum >>= 4) {
    digits[i] = "0123456789abcdef"[sum & 15];
  }
  return pg_cache_add(path, &len, digits) && pg_cache_add(path, &len, ".known");
}

/* Each program has records of its own: two that take turns keep theirs. */
static bool find_path(const unsigned char program[BUILD_ID_BYTES],
                      const struct stamp *source, const char *checked,
                      char path[PATH_MAX], size_t *directory_len)
{
  int64_t key[] = {(int64_t)sum_of(program, BUILD_ID_BYTES), source->device,
                   source->inode};
  if (!pg_cache_find(checked, path)) {
    return false;
  }
  *directory_len = strlen(path);
  return add_name(path, *directory_len, sum_of(key, sizeof key));
}

static bool read_record(const char *path, struct record *record)
{
  int fd = pg_io_get()->open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0);
  if (fd < 0) {
    return false;
  }
  int64_t got = pg_io_get()->read(fd, record, sizeof *record);
  pg_io_get()->close(fd); /* only read from: nothing can be lost */
  return got == (int64_t)sizeof *record &&
         record->sum == sum_of_record(record) &&
         record->load_count <= PG_ELF_LOADS_MAX && record->sha256[64] == '\0';
}

/* In place of the record's name, that of the copy. */
static bool is_copy_there(const struct record *record, char *path, size_t len)
{
  struct stat st;
  if (!pg_cache_add(path, &len, "/") ||
      !pg_cache_add(path, &len, record->sha256) ||
      !pg_cache_add(path, &len, ".so") || lstat(path, &st) < 0 ||
      !pg_copy_is_fresh(&st)) {
    return false;
  }
  struct stamp copy = stamp_of(&st);
  return same(&record->copy, &copy);
}

bool pg_known_find(const char *path, const struct stat *file,
                   struct pg_known *known)
{
  struct record record;
  struct stamp source = stamp_of(file);
  unsigned char program[BUILD_ID_BYTES];
  char *place = known->copy.path;
  size_t len;
  if (!take_build_id(program) ||
      !find_path(program, &source, path, place, &len) ||
      !read_record(place, &record) || record.cpu != pg_note_own_cpu() ||
      memcmp(record.program, program, sizeof program) != 0 ||
      !same(&record.source, &source) || !is_copy_there(&record, place, len)) {
    return false;
  }
  known->copy.temporary = false;
  known->elf = (struct pg_elf){.load_count = record.load_count,
                               .memory_size = record.memory_size,
                               .plugin_address = record.plugin_address,
                               .static_tls = record.static_tls,
                               .unique_symbols = record.unique_symbols};
  memcpy(known->elf.loads, record.loads, sizeof record.loads);
  memcpy(known->sha256, record.sha256, sizeof known->sha256);
  return true;
}

void pg_known_note(const struct stat *file, const char *sha256,
                   const struct pg_elf *elf, const struct pg_copy *copy)
{
  struct record record;
  struct stat st;
  char path[PATH_MAX];
  size_t len;
  memset(&record, 0, sizeof record);
  record.source = stamp_of(file);
  if (copy->temporary || !take_build_id(record.program) ||
      time(NULL) - file->st_ctime <= SETTLED_SECONDS ||
      lstat(copy->path, &st) < 0 ||
      !find_path(record.program, &record.source, NULL, path, &len)) {
    return;
  }
  record.copy = stamp_of(&st);
  snprintf(record.sha256, sizeof record.sha256, "%s", sha256);
  record.cpu = pg_note_own_cpu();
  record.memory_size = elf->memory_size;
  record.plugin_address = elf->plugin_address;
  record.static_tls = elf->static_tls;
  record.unique_symbols = elf->unique_symbols;
  record.load_count = elf->load_count;
  for (size_t i = 0; i < elf->load_count; i++) {
    const struct pg_elf_load *load = &elf->loads[i];
    record.loads[i].address = load->address;
    record.loads[i].offset = load->offset;
    record.loads[i].file_size = load->file_size;
    record.loads[i].memory_size = load->memory_size;
    record.loads[i].flags = load->flags;
  }
  record.sum = sum_of_record(&record);
  (void)pg_cache_write(path, &record, sizeof record,
                       NULL); /* or another time */
}

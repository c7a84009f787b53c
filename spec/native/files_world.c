/* files_world.c - what the tests of files share. */
#include "files_world.h"

const peri_plugin *files_plugin;
struct files_fault files_fault;

static bool fails(char call)
{
  if (files_fault.call != call || files_fault.times == 0 ||
      files_fault.at-- > 0) {
    return false;
  }
  files_fault.at = 0;
  files_fault.times--;
  return true;
}

static int32_t faulty_open(peri_cx *cx, const char *path, int32_t flags,
                           int32_t mode)
{
  int32_t fd = fails('o') ? -files_fault.error
                          : mock_system_io.open(cx, path, flags, mode);
  files_fault.open_now += fd >= 0;
  return fd;
}

static int64_t faulty_read(peri_cx *cx, int32_t fd, void *to, size_t n)
{
  if (n > 0 && fails('r')) {
    return -files_fault.error;
  }
  return mock_system_io.read(cx, fd, to,
                             n < files_fault.most ? n : files_fault.most);
}

static int64_t faulty_write(peri_cx *cx, int32_t fd, const void *from, size_t n)
{
  return fails('w')
           ? -files_fault.error
           : mock_system_io.write(cx, fd, from,
                                  n < files_fault.most ? n : files_fault.most);
}

static int32_t faulty_close(peri_cx *cx, int32_t fd)
{
  files_fault.open_now--;
  int32_t result = mock_system_io.close(cx, fd);
  return fails('c') ? -files_fault.error : result;
}

static int64_t faulty_length(peri_cx *cx, int32_t fd)
{
  return mock_system_io.length(cx, fd);
}

const peri_io files_faulty = {.size = sizeof files_faulty,
                              .open = faulty_open,
                              .read = faulty_read,
                              .write = faulty_write,
                              .close = faulty_close,
                              .length = faulty_length};

void files_no_faults(void)
{
  MOCK_CHECK(files_fault.open_now == 0, "%d files are left open",
             files_fault.open_now);
  files_fault.call = 0;
  files_fault.at = files_fault.times = files_fault.error = 0;
  files_fault.most = SIZE_MAX;
}

void files_set_fault(char call, int at, int times, int error)
{
  files_no_faults();
  files_fault.call = call;
  files_fault.at = at;
  files_fault.times = times;
  files_fault.error = error;
}

/* --------------------------------------------------------------- small tools
 */

peri_str files_str(const char *text)
{
  return (peri_str){text, strlen(text)};
}

void files_save(const char *name, const struct packed *bytes)
{
  FILE *file = fopen(name, "wb");
  MOCK_CHECK(file, "cannot write '%s'", name);
  fwrite(bytes->at, 1, bytes->len, file);
  fclose(file);
}

void files_save_text(const char *name, const char *text)
{
  struct packed bytes = {(char *)(uintptr_t)text, strlen(text)};
  files_save(name, &bytes);
}

char *files_load(const char *name)
{
  static char bytes[1 << 16];
  FILE *file = fopen(name, "rb");
  MOCK_CHECK(file, "cannot read '%s'", name);
  bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
  fclose(file);
  return bytes;
}

static void see(struct seen *seen, const char *bytes, size_t len)
{
  if (seen->len + len + 1 > seen->room) {
    seen->room = (seen->len + len + 1) * 2;
    seen->text = realloc(seen->text, seen->room);
  }
  memcpy(seen->text + seen->len, bytes, len);
  seen->len += len;
  seen->text[seen->len] = '\0';
}

static void see_poll(struct seen *seen, const peri_poll *poll)
{
  if (poll->flags & PERI_CHUNK_FIRST) {
    see(seen, "[", 1);
    see(seen, poll->name.ptr, poll->name.len);
    see(seen, "]", 1);
  }
  see(seen, poll->room, poll->len);
  if (poll->flags & PERI_CHUNK_LAST) {
    see(seen, "|", 1);
  }
  MOCK_CHECK(poll->done >= seen->done, "progress goes back");
  seen->done = poll->done;
  seen->total = poll->total;
}

struct seen files_read_all(struct mock *mock, size_t room_len)
{
  struct seen seen = {0};
  char *room = malloc(room_len);
  peri_poll poll;
  see(&seen, "", 0);
  for (;;) {
    seen.end = mock_poll(mock, room, room_len, &poll);
    if (seen.end == PERI_AGAIN) {
      MOCK_CHECK(poll.len == 0, "AGAIN with bytes");
      seen.agains++;
    } else if (seen.end == PERI_OK) {
      see_poll(&seen, &poll);
    } else {
      break;
    }
  }
  free(room);
  return seen;
}

void files_expect_of(const char *const *paths, size_t count,
                     const char *expected, const char *message)
{
  static const size_t rooms[] = {1, 7, 64, 4096, 4097, 1 << 16};
  peri_str list[8];
  for (size_t i = 0; i < count; i++) {
    list[i] = files_str(paths[i]);
  }
  struct source_params params = {list, count};
  for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
    struct mock mock;
    mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
                 &files_faulty);
    struct seen seen = files_read_all(&mock, rooms[i]);
    MOCK_SAME_OF(seen.text, expected, paths[0]);
    if (message) {
      MOCK_SAME(mock.message, message);
    } else {
      MOCK_CHECK(seen.end == PERI_END, "%s: %d, %s", paths[0], seen.end,
                 mock.message);
      MOCK_CHECK(seen.done == seen.total || seen.total == 0,
                 "progress ends at %llu of %llu", (unsigned long long)seen.done,
                 (unsigned long long)seen.total);
    }
    free(seen.text);
    mock_fini(&mock);
  }
}

void files_expect(const char *path, const char *expected)
{
  files_expect_of(&path, 1, expected, NULL);
}

void files_refuse(const peri_str *paths, size_t count, peri_status expected,
                  const char *message)
{
  struct source_params params = {paths, count};
  struct mock mock;
  peri_status status = mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file",
                                    &params, -1, &files_faulty);
  MOCK_CHECK(status == expected, "OPEN gave %d", status);
  MOCK_SAME(mock.message, message);
  mock_fini(&mock);
}

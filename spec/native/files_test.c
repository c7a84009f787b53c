/* files_test.c - the source and the sinks of files: files_test PLUGIN.so */
#include "files_pack.h"
#include "mock_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The plugin's parameters, as its declarations lay them out. */
struct source_params {
  const peri_str *paths;
  size_t count;
};
struct sink_params {
  peri_str path;
  bool append;
};

static const peri_plugin *plugin;

/* --------------------------------------------------------- files with faults
 * Each call of `fault.call` from number `at` on gives `error`, `times` times.
 * Short reads and writes move `most` bytes at a time. */

static struct {
  char call; /* 'o'pen, 'r'ead, 'w'rite, 'c'lose, or 0 */
  int at, times, error;
  size_t most;
  int open_now; /* descriptors that are */
} fault;

static bool fails(char call)
{
  if (fault.call != call || fault.times == 0 || fault.at-- > 0) {
    return false;
  }
  fault.at = 0;
  fault.times--;
  return true;
}

static int32_t faulty_open(peri_cx *cx, const char *path, int32_t flags,
                           int32_t mode)
{
  int32_t fd =
    fails('o') ? -fault.error : mock_system_io.open(cx, path, flags, mode);
  fault.open_now += fd >= 0;
  return fd;
}

static int64_t faulty_read(peri_cx *cx, int32_t fd, void *to, size_t n)
{
  if (n > 0 && fails('r')) {
    return -fault.error;
  }
  return mock_system_io.read(cx, fd, to, n < fault.most ? n : fault.most);
}

static int64_t faulty_write(peri_cx *cx, int32_t fd, const void *from, size_t n)
{
  return fails('w') ? -fault.error
                    : mock_system_io.write(cx, fd, from,
                                           n < fault.most ? n : fault.most);
}

static int32_t faulty_close(peri_cx *cx, int32_t fd)
{
  fault.open_now--;
  int32_t result = mock_system_io.close(cx, fd);
  return fails('c') ? -fault.error : result;
}

static int64_t faulty_length(peri_cx *cx, int32_t fd)
{
  return mock_system_io.length(cx, fd);
}

static const peri_io faulty = {.size = sizeof faulty,
                               .open = faulty_open,
                               .read = faulty_read,
                               .write = faulty_write,
                               .close = faulty_close,
                               .length = faulty_length};

static void no_faults(void)
{
  MOCK_CHECK(fault.open_now == 0, "%d files are left open", fault.open_now);
  fault.call = 0;
  fault.at = fault.times = fault.error = 0;
  fault.most = SIZE_MAX;
}

static void set_fault(char call, int at, int times, int error)
{
  no_faults();
  fault.call = call;
  fault.at = at;
  fault.times = times;
  fault.error = error;
}

/* --------------------------------------------------------------- small tools
 */

static char folder[64] = "/tmp/perigee-files-XXXXXX";

static peri_str str(const char *text)
{
  return (peri_str){text, strlen(text)};
}

static void save(const char *name, const struct packed *bytes)
{
  FILE *file = fopen(name, "wb");
  MOCK_CHECK(file, "cannot write '%s'", name);
  fwrite(bytes->at, 1, bytes->len, file);
  fclose(file);
}

static void save_text(const char *name, const char *text)
{
  struct packed bytes = {(char *)(uintptr_t)text, strlen(text)};
  save(name, &bytes);
}

static char *load(const char *name)
{
  static char bytes[1 << 16];
  FILE *file = fopen(name, "rb");
  MOCK_CHECK(file, "cannot read '%s'", name);
  bytes[fread(bytes, 1, sizeof bytes - 1, file)] = '\0';
  fclose(file);
  return bytes;
}

struct seen {
  char *text; /* "[name]bytes|" for each stream; '|' is its end */
  size_t len, room;
  int agains;
  peri_status end;
  uint64_t done, total;
};

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

static struct seen read_all(struct mock *mock, size_t room_len)
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

/* Reads files in rooms of several sizes. */
static void expect_of(const char *const *paths, size_t count,
                      const char *expected, const char *message)
{
  static const size_t rooms[] = {1, 7, 64, 4096, 4097, 1 << 16};
  peri_str list[8];
  for (size_t i = 0; i < count; i++) {
    list[i] = str(paths[i]);
  }
  struct source_params params = {list, count};
  for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) {
    struct mock mock;
    mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
    struct seen seen = read_all(&mock, rooms[i]);
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

static void expect(const char *path, const char *expected)
{
  expect_of(&path, 1, expected, NULL);
}

static void refuse(const peri_str *paths, size_t count, peri_status expected,
                   const char *message)
{
  struct source_params params = {paths, count};
  struct mock mock;
  peri_status status =
    mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
  MOCK_CHECK(status == expected, "OPEN gave %d", status);
  MOCK_SAME(mock.message, message);
  mock_fini(&mock);
}

/* ------------------------------------------------------------------- reading
 */

static void reads_files_one_after_the_other(void)
{
  no_faults();
  save_text("a.txt", "one\ntwo\n");
  save_text("b.txt", "no newline at the end");
  save_text("empty.txt", "");
  expect("a.txt", "[a.txt]one\ntwo\n|");
  expect("empty.txt", "[empty.txt]|");
  const char *all[] = {"b.txt", "empty.txt", "a.txt", "b.txt"};
  expect_of(all, 4,
            "[b.txt]no newline at the end|[empty.txt]|[a.txt]one\ntwo\n|"
            "[b.txt]no newline at the end|",
            NULL);
}

static void reads_large_files_whole(void)
{
  size_t len = 300000;
  char *text = malloc(len + 20);
  char *expected = malloc(len + 20);
  for (size_t i = 0; i < len; i++) {
    text[i] = (char)('a' + i * i % 23);
  }
  text[len] = '\0';
  save_text("large.txt", text);
  snprintf(expected, len + 20, "[large.txt]%s|", text);
  expect("large.txt", expected);
  fault.most = 1001;
  expect("large.txt", expected);
  no_faults();
  free(text);
  free(expected);
}

static void expands_patterns(void)
{
  mkdir("logs", 0777);
  mkdir("logs/3.d", 0777);
  save_text("logs/2.log", "two");
  save_text("logs/1.log", "one");
  save_text("logs/[x].log", "itself");
  save_text("logs/x.log", "not this");
  expect("logs/[0-9]*", "[logs/1.log]one|[logs/2.log]two|");
  expect("logs/?.log", "[logs/1.log]one|[logs/2.log]two|[logs/x.log]not this|");
  expect("logs/[x].log", "[logs/[x].log]itself|");
  peri_str none = str("logs/*.gz");
  refuse(&none, 1, PERI_EIO, "cannot open 'logs/*.gz': no file matches");
  peri_str folders = str("logs/*.d");
  refuse(&folders, 1, PERI_EIO, "cannot open 'logs/*.d': no file matches");
}

/* Gives `from` as the standard input while `path` is read. */
static void with_stdin(int from, const char *expected)
{
  int saved = dup(STDIN_FILENO);
  dup2(from, STDIN_FILENO);
  close(from);
  peri_str path = str("-");
  struct source_params params = {&path, 1};
  struct mock mock;
  mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
  struct seen seen = read_all(&mock, 100);
  MOCK_SAME(seen.text, expected);
  MOCK_CHECK(seen.end == PERI_END, "stdin ends with %d", seen.end);
  free(seen.text);
  mock_fini(&mock);
  MOCK_CHECK(fcntl(STDIN_FILENO, F_GETFD) >= 0, "stdin was closed");
  dup2(saved, STDIN_FILENO);
  close(saved);
}

static int pipe_with(const struct packed *bytes)
{
  int ends[2];
  MOCK_CHECK(pipe(ends) == 0 &&
               write(ends[1], bytes->at, bytes->len) == (ssize_t)bytes->len,
             "no pipe");
  close(ends[1]);
  return ends[0];
}

static void reads_the_standard_input(void)
{
  struct packed plain = {"from a pipe\n", 12}, none = {"", 0};
  with_stdin(pipe_with(&plain), "[-]from a pipe\n|");
  with_stdin(pipe_with(&none), "[-]|");
  with_stdin(open("a.txt", O_RDONLY), "[-]one\ntwo\n|");
  struct packed packed = pack_gzip("packed in a pipe\n", 17, 5);
  with_stdin(pipe_with(&packed), "[-]packed in a pipe\n|");
  free(packed.at);
  peri_str twice[] = {str("-"), str("a.txt"), str("-")};
  refuse(twice, 3, PERI_EINVAL, "parameter 'path': '-' is there twice");
}

static void gives_what_a_slow_pipe_has(void)
{
  int ends[2], saved = dup(STDIN_FILENO);
  MOCK_CHECK(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0,
             "no pipe");
  dup2(ends[0], STDIN_FILENO);
  peri_str path = str("-");
  struct source_params params = {&path, 1};
  struct mock mock;
  char room[100];
  peri_poll poll;
  mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
  peri_status status = mock_poll(&mock, room, sizeof room, &poll);
  MOCK_CHECK(status == PERI_AGAIN && poll.wait_ns > 0, "no AGAIN: %d", status);
  for (int i = 0; i < 3; i++) {
    MOCK_CHECK(write(ends[1], "ab\n", 3) == 3, "no write");
    fault.call = 'r';
    fault.at = fault.times = 1;
    status = mock_poll(&mock, room, sizeof room, &poll);
    MOCK_CHECK(fault.times == 1, "a second read, which would wait");
    MOCK_CHECK(status == PERI_OK && poll.len == 3, "a line waits: %d", status);
    MOCK_CHECK(poll.flags == (i == 0 ? PERI_CHUNK_FIRST : 0), "flags %u",
               poll.flags);
    MOCK_CHECK(poll.total == 0, "a pipe has a length");
  }
  close(ends[1]);
  fault.times = 0;
  status = mock_poll(&mock, room, sizeof room, &poll);
  MOCK_CHECK(status == PERI_OK && poll.flags == PERI_CHUNK_LAST, "no end");
  MOCK_CHECK(mock_poll(&mock, room, sizeof room, &poll) == PERI_END, "no END");
  mock_fini(&mock);
  dup2(saved, STDIN_FILENO);
  close(saved);
  close(ends[0]);
}

/* What is packed in a few bytes does not wait for more of them. */
static void unpacks_all_that_a_slow_pipe_has(void)
{
  int ends[2], saved = dup(STDIN_FILENO);
  struct packed packed = pack_zstd('x', 200000);
  MOCK_CHECK(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 &&
               write(ends[1], packed.at, packed.len) == (ssize_t)packed.len,
             "no pipe");
  dup2(ends[0], STDIN_FILENO);
  peri_str path = str("-");
  struct source_params params = {&path, 1};
  struct mock mock;
  char room[777];
  peri_poll poll;
  size_t seen = 0;
  mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
  while (mock_poll(&mock, room, sizeof room, &poll) == PERI_OK) {
    seen += poll.len;
  }
  MOCK_CHECK(seen == 200000, "only %zu bytes", seen);
  mock_fini(&mock);
  dup2(saved, STDIN_FILENO);
  close(saved);
  close(ends[0]);
  close(ends[1]);
  free(packed.at);
}

static void refuses_what_it_cannot_read(void)
{
  no_faults();
  peri_str missing[] = {str("a.txt"), str("nowhere.txt")};
  refuse(missing, 2, PERI_EIO,
         "cannot open 'nowhere.txt': No such file or directory");
  peri_str directory = str("logs");
  refuse(&directory, 1, PERI_EIO, "cannot read 'logs': Is a directory");
  peri_str empty = str(""), zero = {"a\0b", 3};
  refuse(&empty, 1, PERI_EINVAL, "parameter 'path' is empty");
  refuse(&zero, 1, PERI_EINVAL, "parameter 'path' holds a byte 0");
  refuse(NULL, 0, PERI_EINVAL, "parameter 'path' names no file");
  set_fault('o', 0, 1, EACCES);
  refuse(missing, 1, PERI_EIO, "cannot open 'a.txt': Permission denied");
  no_faults();
}

static void tells_of_a_file_that_went_away(void)
{
  save_text("gone.txt", "soon");
  peri_str paths[] = {str("a.txt"), str("gone.txt")};
  struct source_params params = {paths, 2};
  struct mock mock;
  mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
  unlink("gone.txt");
  struct seen seen = read_all(&mock, 100);
  MOCK_SAME(seen.text, "[a.txt]one\ntwo\n|");
  MOCK_CHECK(seen.end == PERI_EIO, "ends with %d", seen.end);
  MOCK_SAME(mock.message, "cannot open 'gone.txt': No such file or directory");
  free(seen.text);
  mock_fini(&mock);
}

/* One fault, at every place where it may come. */
static void survives_faults_of_reading(void)
{
  struct packed packed = pack_gzip("one\ntwo\n", 8, 3);
  save("a.gz", &packed);
  free(packed.at);
  const char *paths[] = {"a.txt", "a.gz"};
  for (int file = 0; file < 2; file++) {
    peri_str path = str(paths[file]);
    struct source_params params = {&path, 1};
    for (int error = 0; error < 3; error++) {
      for (int at = 0; at < 40; at++) {
        struct mock mock;
        set_fault('r', at, 1, (const int[]){EINTR, EAGAIN, EIO}[error]);
        fault.most = 3;
        mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1,
                     &faulty);
        struct seen seen = read_all(&mock, 5);
        bool happened = fault.times == 0;
        if (error < 2 || !happened) {
          MOCK_CHECK(seen.end == PERI_END && strstr(seen.text, "]one\ntwo\n|"),
                     "%s: '%s' after a fault", paths[file], seen.text);
        } else {
          MOCK_CHECK(seen.end == PERI_EIO, "EIO gave %d", seen.end);
          MOCK_CHECK(strstr(mock.message, "': Input/output error"), "%s",
                     mock.message);
        }
        free(seen.text);
        mock_fini(&mock);
        no_faults();
      }
    }
  }
}

/* ------------------------------------------------------------------ unpacking
 */

static void unpacks_by_content(void)
{
  char *expected = malloc(2000);
  struct packed gzip = pack_sample_gzip(), zstd = pack_sample_zstd();
  save("sample.log", &gzip);
  snprintf(expected, 2000, "[sample.log]%s|", pack_sample_text());
  expect("sample.log", expected);
  save("sample.log", &zstd);
  expect("sample.log", expected);
  free(expected);
  save_text("short.gz", "\x1f");
  expect("short.gz", "[short.gz]\x1f|");
  save_text("not.gz", "\x1f\x8bXX");
  expect("not.gz", "[not.gz]\x1f\x8bXX|");
  save_text("not.zst", "P*M.");
  expect("not.zst", "[not.zst]P*M.|");
}

static void unpacks_several_members(void)
{
  struct packed one = pack_gzip("one\n", 4, 2), two = pack_gzip("two\n", 4, 9);
  struct packed none = pack_gzip("", 0, 9), zeros = {calloc(1, 700), 700};
  struct packed all = pack_join(4, &one, &none, &two, &one);
  save("all.gz", &all);
  expect("all.gz", "[all.gz]one\ntwo\none\n|");
  struct packed padded = pack_join(4, &one, &zeros, &two, &zeros);
  save("padded.gz", &padded);
  expect("padded.gz", "[padded.gz]one\ntwo\n|");
  struct packed words = {"words", 5}, garbage = pack_join(2, &one, &words);
  save("garbage.gz", &garbage);
  expect_of((const char *[]){"garbage.gz"}, 1, "[garbage.gz]one\n",
            "cannot unpack 'garbage.gz': the gzip data is bad before byte 37: "
            "incorrect header check");
  struct packed skip = {memcpy(malloc(12), "\x5A*M\x18\x04\0\0\0skip", 12), 12};
  struct packed frame = pack_zstd('x', 300000), text = pack_sample_zstd();
  struct packed frames = pack_join(3, &skip, &frame, &text);
  save("frames.zst", &frames);
  char *expected = malloc(302000);
  int at = sprintf(expected, "[frames.zst]");
  memset(expected + at, 'x', 300000);
  sprintf(expected + at + 300000, "%s|", pack_sample_text());
  expect("frames.zst", expected);
  char *owned[] = {expected,  one.at,     two.at,  none.at,  zeros.at, all.at,
                   padded.at, garbage.at, skip.at, frame.at, frames.at};
  for (size_t i = 0; i < sizeof owned / sizeof *owned; i++) {
    free(owned[i]);
  }
}

/* Whatever is cut off, what comes before it is given first. */
static void tells_of_truncated_files(void)
{
  struct packed samples[] = {pack_sample_gzip(), pack_sample_zstd()};
  for (int i = 0; i < 2; i++) {
    for (size_t len = 4; len < samples[i].len; len++) {
      struct packed cut = {samples[i].at, len};
      save("cut", &cut);
      peri_str path = str("cut");
      struct source_params params = {&path, 1};
      struct mock mock;
      mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
      struct seen seen = read_all(&mock, 50);
      char expected[200];
      snprintf(expected, sizeof expected,
               "cannot unpack 'cut': the %s data is bad before byte %zu: it "
               "ends too early",
               i ? "zstd" : "gzip", len);
      MOCK_SAME(mock.message, expected);
      MOCK_CHECK(seen.end == PERI_EDATA, "ends with %d", seen.end);
      MOCK_CHECK(seen.len == 0 || strncmp(pack_sample_text(), seen.text + 5,
                                          seen.len - 5) == 0,
                 "other bytes than were packed");
      if (len >= samples[i].len - 8 && i == 0) {
        MOCK_CHECK(seen.len == strlen(pack_sample_text()) + 5,
                   "%zu bytes came before the error", seen.len);
      }
      free(seen.text);
      mock_fini(&mock);
    }
  }
}

static void survives_damaged_files(void)
{
  struct packed samples[] = {pack_sample_gzip(), pack_sample_zstd()};
  int refused = 0;
  for (int i = 0; i < 2; i++) {
    for (size_t at = 4; at < samples[i].len; at++) {
      struct packed bad = pack_join(1, &samples[i]);
      bad.at[at] ^= 0x41;
      save("bad", &bad);
      free(bad.at);
      peri_str path = str("bad");
      struct source_params params = {&path, 1};
      struct mock mock;
      mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, -1, &faulty);
      struct seen seen = read_all(&mock, 50);
      refused += seen.end == PERI_EDATA;
      MOCK_CHECK(seen.end == PERI_EDATA || seen.end == PERI_END, "ends with %d",
                 seen.end);
      free(seen.text);
      mock_fini(&mock);
    }
  }
  MOCK_CHECK(refused > 180, "only %d damaged files were refused", refused);
}

static void fails_politely_without_memory(void)
{
  const char *paths[] = {"a.txt", "sample.log", "all.gz", "logs/[0-9]*"};
  for (int i = 0; i < 4; i++) {
    peri_str path = str(paths[i]);
    struct source_params params = {&path, 1};
    for (int64_t n = 0;; n++) {
      struct mock mock;
      peri_status status =
        mock_init_io(&mock, plugin, PERI_K_SOURCE, "file", &params, n, &faulty);
      if (status == PERI_OK) {
        struct seen seen = read_all(&mock, 100);
        status = seen.end;
        free(seen.text);
      }
      MOCK_CHECK(status == PERI_END || status == PERI_ENOMEM, "gave %d",
                 status);
      if (status == PERI_ENOMEM) {
        MOCK_SAME(mock.message, "no memory for files");
      }
      mock_fini(&mock);
      no_faults();
      if (status == PERI_END) {
        MOCK_CHECK(n >= 2, "only %lld allocations", (long long)n);
        break;
      }
    }
  }
}

/* ------------------------------------------------------------------- writing
 */

static peri_status write_file(const struct sink_params *params,
                              const char *text, char **message)
{
  struct mock mock;
  peri_status status =
    mock_init_io(&mock, plugin, PERI_K_SINK, "file", params, -1, &faulty);
  if (status == PERI_OK) {
    status = mock_put(&mock, text, strlen(text));
    status = status == PERI_OK ? mock_put(&mock, "", 0) : status;
    status = status == PERI_OK ? mock_process(&mock, NULL) : status;
  }
  if (message) {
    *message = mock.message ? strdup(mock.message) : NULL;
  }
  mock_fini(&mock);
  return status;
}

static void expect_failure(const struct sink_params *params,
                           peri_status expected, const char *message)
{
  char *found;
  peri_status status = write_file(params, "some text", &found);
  MOCK_CHECK(status == expected, "gave %d", status);
  if (message) {
    MOCK_SAME(found, message);
  }
  free(found);
}

static void writes_files(void)
{
  struct sink_params anew = {str("out.txt"), false};
  struct sink_params more = {str("out.txt"), true};
  MOCK_CHECK(write_file(&anew, "first\n", NULL) == PERI_OK, "no write");
  MOCK_SAME(load("out.txt"), "first\n");
  MOCK_CHECK(write_file(&more, "second\n", NULL) == PERI_OK, "no append");
  MOCK_SAME(load("out.txt"), "first\nsecond\n");
  MOCK_CHECK(write_file(&anew, "third\n", NULL) == PERI_OK, "no write");
  MOCK_SAME(load("out.txt"), "third\n");
  for (int error = 0; error < 2; error++) {
    set_fault('w', 2, 3, error ? EINTR : EAGAIN);
    fault.most = 2;
    MOCK_CHECK(write_file(&anew, "in many pieces\n", NULL) == PERI_OK,
               "a fault was not lived through");
    MOCK_SAME(load("out.txt"), "in many pieces\n");
  }
  no_faults();
}

static void tells_why_it_cannot_write(void)
{
  struct sink_params params = {str("logs"), false};
  expect_failure(&params, PERI_EIO, "cannot open 'logs': Is a directory");
  params.path = str("no/such/folder");
  expect_failure(&params, PERI_EIO,
                 "cannot open 'no/such/folder': No such file or directory");
  params.path = str("-");
  expect_failure(&params, PERI_EINVAL,
                 "parameter 'path': '-' is no file; stdout() writes to the "
                 "standard output");
  params.path = str("");
  expect_failure(&params, PERI_EINVAL, "parameter 'path' is empty");
  params.path = str("out.txt");
  set_fault('w', 1, 1, ENOSPC);
  fault.most = 4;
  expect_failure(&params, PERI_EIO,
                 "cannot write to 'out.txt': No space left on device");
  MOCK_SAME(load("out.txt"), "some");
  set_fault('c', 0, 1, EIO);
  expect_failure(&params, PERI_EIO,
                 "cannot close 'out.txt': Input/output error");
  set_fault('w', 0, 1, EPIPE);
  expect_failure(&params, PERI_EPIPE, NULL);
  no_faults();
}

static void writes_to_the_standard_output(void)
{
  fflush(stdout);
  int saved = dup(STDOUT_FILENO), ends[2];
  MOCK_CHECK(pipe(ends) == 0, "no pipe");
  dup2(ends[1], STDOUT_FILENO);
  close(ends[1]);
  struct mock mock;
  char got[20] = "";
  mock_init_io(&mock, plugin, PERI_K_SINK, "stdout", NULL, -1, &faulty);
  peri_status status = mock_put(&mock, "to a pipe\n", 10);
  ssize_t len = read(ends[0], got, sizeof got);
  close(ends[0]);
  set_fault('w', 0, 1, EPIPE); /* the signal of a real one would end the test */
  peri_status gone = mock_put(&mock, "nobody\n", 7);
  set_fault('w', 0, -1, EAGAIN);
  int32_t stop = 1;
  mock.cx.stop = &stop;
  peri_status stopped = mock_put(&mock, "never\n", 6);
  no_faults();
  MOCK_CHECK(mock_process(&mock, NULL) == PERI_OK, "no end");
  mock_fini(&mock);
  dup2(saved, STDOUT_FILENO);
  close(saved);
  MOCK_CHECK(status == PERI_OK && len == 10, "%d, %zd bytes", status, len);
  MOCK_SAME(got, "to a pipe\n");
  MOCK_CHECK(gone == PERI_EPIPE, "a reader that has gone gives %d", gone);
  MOCK_CHECK(stopped == PERI_ECANCEL, "a stopped write gives %d", stopped);
}

static void says_when_there_is_no_access(void)
{
  struct mock mock;
  peri_str path = str("a.txt");
  struct source_params params = {&path, 1};
  static const int kinds[] = {PERI_K_SOURCE, PERI_K_SINK, PERI_K_SINK};
  static const char *const names[] = {"file", "file", "stdout"};
  struct sink_params sink = {path, true};
  for (int i = 0; i < 3; i++) {
    peri_status status =
      mock_init_io(&mock, plugin, kinds[i], names[i],
                   i == 0 ? (void *)&params : (void *)&sink, -1, NULL);
    MOCK_CHECK(status == PERI_EINVAL, "gave %d", status);
    MOCK_SAME(mock.message, "this host gives no access to files");
    mock_fini(&mock);
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: files_test PLUGIN.so");
  plugin = mock_load(argv[1]);
  MOCK_CHECK(mkdtemp(folder) && chdir(folder) == 0, "no folder for the test");
  reads_files_one_after_the_other();
  reads_large_files_whole();
  expands_patterns();
  reads_the_standard_input();
  gives_what_a_slow_pipe_has();
  unpacks_all_that_a_slow_pipe_has();
  refuses_what_it_cannot_read();
  tells_of_a_file_that_went_away();
  survives_faults_of_reading();
  unpacks_by_content();
  unpacks_several_members();
  tells_of_truncated_files();
  survives_damaged_files();
  fails_politely_without_memory();
  writes_files();
  tells_why_it_cannot_write();
  writes_to_the_standard_output();
  says_when_there_is_no_access();
  char command[100];
  snprintf(command, sizeof command, "rm -r %s", folder);
  MOCK_CHECK(system(command) == 0, "the folder stays");
  printf("files: %ld checks passed\n", mock_checks);
  return 0;
}

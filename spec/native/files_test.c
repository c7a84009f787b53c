/* files_test.c - the source and the sinks of files: files_test PLUGIN.so */
#define _GNU_SOURCE /* F_GETPIPE_SZ */
#include "files_world.h"

#include <sys/stat.h>

static char folder[64] = "/tmp/perigee-files-XXXXXX";

static void reads_files_one_after_the_other(void)
{
  files_no_faults();
  files_save_text("a.txt", "one\ntwo\n");
  files_save_text("b.txt", "no newline at the end");
  files_save_text("empty.txt", "");
  files_expect("a.txt", "[a.txt]one\ntwo\n|");
  files_expect("empty.txt", "[empty.txt]|");
  const char *all[] = {"b.txt", "empty.txt", "a.txt", "b.txt"};
  files_expect_of(all, 4,
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
  files_save_text("large.txt", text);
  snprintf(expected, len + 20, "[large.txt]%s|", text);
  files_expect("large.txt", expected);
  files_fault.most = 1001;
  files_expect("large.txt", expected);
  files_no_faults();
  free(text);
  free(expected);
}

static void expands_patterns(void)
{
  mkdir("logs", 0777);
  mkdir("logs/3.d", 0777);
  files_save_text("logs/2.log", "two");
  files_save_text("logs/1.log", "one");
  files_save_text("logs/[x].log", "itself");
  files_save_text("logs/x.log", "not this");
  files_expect("logs/[0-9]*", "[logs/1.log]one|[logs/2.log]two|");
  files_expect("logs/?.log",
               "[logs/1.log]one|[logs/2.log]two|[logs/x.log]not this|");
  files_expect("logs/[x].log", "[logs/[x].log]itself|");
  peri_str none = files_str("logs/*.gz");
  files_refuse(&none, 1, PERI_EIO, "cannot open 'logs/*.gz': no file matches");
  peri_str folders = files_str("logs/*.d");
  files_refuse(&folders, 1, PERI_EIO,
               "cannot open 'logs/*.d': no file matches");
}

/* Gives `from` as the standard input while `path` is read. */
static void with_stdin(int from, const char *expected)
{
  int saved = dup(STDIN_FILENO);
  dup2(from, STDIN_FILENO);
  close(from);
  peri_str path = files_str("-");
  struct source_params params = {&path, 1};
  struct mock mock;
  mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
               &files_faulty);
  struct seen seen = files_read_all(&mock, 100);
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
  peri_str twice[] = {files_str("-"), files_str("a.txt"), files_str("-")};
  files_refuse(twice, 3, PERI_EINVAL, "parameter 'path': '-' is there twice");
}

static void gives_what_a_slow_pipe_has(void)
{
  int ends[2], saved = dup(STDIN_FILENO);
  MOCK_CHECK(pipe(ends) == 0 && fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0,
             "no pipe");
  dup2(ends[0], STDIN_FILENO);
  peri_str path = files_str("-");
  struct source_params params = {&path, 1};
  struct mock mock;
  char room[100];
  peri_poll poll;
  mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
               &files_faulty);
  peri_status status = mock_poll(&mock, room, sizeof room, &poll);
  MOCK_CHECK(status == PERI_AGAIN && poll.wait_ns > 0, "no AGAIN: %d", status);
  int size = fcntl(ends[0], F_GETPIPE_SZ);
  MOCK_CHECK(size >= 512 << 10, "a fast writer waits for a pipe of %d", size);
  for (int i = 0; i < 3; i++) {
    MOCK_CHECK(write(ends[1], "ab\n", 3) == 3, "no write");
    files_fault.call = 'r';
    files_fault.at = files_fault.times = 1;
    status = mock_poll(&mock, room, sizeof room, &poll);
    MOCK_CHECK(files_fault.times == 1, "a second read, which would wait");
    MOCK_CHECK(status == PERI_OK && poll.len == 3, "a line waits: %d", status);
    MOCK_CHECK(poll.flags == (i == 0 ? PERI_CHUNK_FIRST : 0), "flags %u",
               poll.flags);
    MOCK_CHECK(poll.total == 0, "a pipe has a length");
  }
  close(ends[1]);
  files_fault.times = 0;
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
  peri_str path = files_str("-");
  struct source_params params = {&path, 1};
  struct mock mock;
  char room[777];
  peri_poll poll;
  size_t seen = 0;
  mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
               &files_faulty);
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

/* A host that can reads the bytes that come as they are. */
static void leaves_plain_bytes_to_the_host(void)
{
  static char text[60000], seen[80000], room[8192];
  for (size_t i = 0; i < sizeof text; i++) {
    text[i] = (char)('a' + i * 7 / 11 % 26);
  }
  struct packed plain = {text, sizeof text};
  struct packed gzip = pack_gzip(text, sizeof text, sizeof text);
  files_no_faults();
  for (int packed = 0; packed < 2; packed++) {
    files_save("left.txt", packed ? &gzip : &plain);
    peri_str path = files_str("left.txt");
    struct source_params params = {&path, 1};
    struct mock mock;
    peri_poll poll;
    size_t len = 0;
    int left = 0;
    mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
                 &files_faulty);
    while (mock_poll_file(&mock, room, sizeof room, &poll) == PERI_OK) {
      if (poll.in_file) {
        MOCK_CHECK(!poll.flags && poll.len == sizeof room, "flags, or short");
        MOCK_CHECK(pread(poll.fd, room, poll.len, (off_t)poll.at) ==
                     (ssize_t)poll.len,
                   "not there");
        left++;
      }
      memcpy(seen + len, room, poll.len);
      len += poll.len;
      MOCK_CHECK(packed || poll.done == len, "%zu of %zu", (size_t)poll.done,
                 len);
    }
    MOCK_CHECK(len == sizeof text && memcmp(seen, text, len) == 0,
               "other bytes");
    MOCK_CHECK(left == (packed ? 0 : 6), "%d left", left);
    mock_fini(&mock);
  }
  free(gzip.at);
}

static void refuses_what_it_cannot_read(void)
{
  files_no_faults();
  peri_str missing[] = {files_str("a.txt"), files_str("nowhere.txt")};
  files_refuse(missing, 2, PERI_EIO,
               "cannot open 'nowhere.txt': No such file or directory");
  peri_str directory = files_str("logs");
  files_refuse(&directory, 1, PERI_EIO, "cannot read 'logs': Is a directory");
  peri_str empty = files_str(""), zero = {"a\0b", 3};
  files_refuse(&empty, 1, PERI_EINVAL, "parameter 'path' is empty");
  files_refuse(&zero, 1, PERI_EINVAL, "parameter 'path' holds a byte 0");
  files_refuse(NULL, 0, PERI_EINVAL, "parameter 'path' names no file");
  files_set_fault('o', 0, 1, EACCES);
  files_refuse(missing, 1, PERI_EIO, "cannot open 'a.txt': Permission denied");
  files_no_faults();
}

static void tells_of_a_file_that_went_away(void)
{
  files_save_text("gone.txt", "soon");
  peri_str paths[] = {files_str("a.txt"), files_str("gone.txt")};
  struct source_params params = {paths, 2};
  struct mock mock;
  mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
               &files_faulty);
  unlink("gone.txt");
  struct seen seen = files_read_all(&mock, 100);
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
  files_save("a.gz", &packed);
  free(packed.at);
  const char *paths[] = {"a.txt", "a.gz"};
  for (int file = 0; file < 2; file++) {
    peri_str path = files_str(paths[file]);
    struct source_params params = {&path, 1};
    for (int error = 0; error < 3; error++) {
      for (int at = 0; at < 40; at++) {
        struct mock mock;
        files_set_fault('r', at, 1, (const int[]){EINTR, EAGAIN, EIO}[error]);
        files_fault.most = 3;
        mock_init_io(&mock, files_plugin, PERI_K_SOURCE, "file", &params, -1,
                     &files_faulty);
        struct seen seen = files_read_all(&mock, 5);
        bool happened = files_fault.times == 0;
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
        files_no_faults();
      }
    }
  }
}

static void says_when_there_is_no_access(void)
{
  struct mock mock;
  peri_str path = files_str("a.txt");
  struct source_params params = {&path, 1};
  static const int kinds[] = {PERI_K_SOURCE, PERI_K_SINK, PERI_K_SINK};
  static const char *const names[] = {"file", "file", "stdout"};
  struct sink_params sink = {path, true};
  for (int i = 0; i < 3; i++) {
    peri_status status =
      mock_init_io(&mock, files_plugin, kinds[i], names[i],
                   i == 0 ? (void *)&params : (void *)&sink, -1, NULL);
    MOCK_CHECK(status == PERI_EINVAL, "gave %d", status);
    MOCK_SAME(mock.message, "this host gives no access to files");
    mock_fini(&mock);
  }
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: files_test PLUGIN.so");
  files_plugin = mock_load(argv[1]);
  MOCK_CHECK(mkdtemp(folder) && chdir(folder) == 0, "no folder for the test");
  reads_files_one_after_the_other();
  reads_large_files_whole();
  expands_patterns();
  reads_the_standard_input();
  gives_what_a_slow_pipe_has();
  unpacks_all_that_a_slow_pipe_has();
  leaves_plain_bytes_to_the_host();
  refuses_what_it_cannot_read();
  tells_of_a_file_that_went_away();
  survives_faults_of_reading();
  files_unpack_tests();
  files_sinks_tests();
  says_when_there_is_no_access();
  char command[100];
  snprintf(command, sizeof command, "rm -r %s", folder);
  MOCK_CHECK(system(command) == 0, "the folder stays");
  printf("files: %ld checks passed\n", mock_checks);
  return 0;
}

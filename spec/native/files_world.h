/* files_world.h - what the tests of files share: files in which calls fail, and
 * reading them whole. */
#ifndef PERIGEE_FILES_WORLD_TEST_H
#define PERIGEE_FILES_WORLD_TEST_H
#include "files_pack.h"
#include "mock_host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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

extern const peri_plugin *files_plugin;

/* Each call of `call` from number `at` on gives `error`, `times` times.  Short
 * reads and writes move `most` bytes at a time. */
struct files_fault {
  char call; /* 'o'pen, 'r'ead, 'w'rite, 'c'lose, or 0 */
  int at, times, error;
  size_t most;
  int open_now; /* descriptors that are */
};
extern struct files_fault files_fault;
extern const peri_io files_faulty;

/* Both check first that all files were closed. */
void files_no_faults(void);
void files_set_fault(char call, int at, int times, int error);

peri_str files_str(const char *text);
void files_save(const char *name, const struct packed *bytes);
void files_save_text(const char *name, const char *text);
/* The text in a file.  [borrow] until the next call */
char *files_load(const char *name);

struct seen {
  char *text; /* "[name]bytes|" for each stream; '|' is its end */
  size_t len, room;
  int agains;
  peri_status end;
  uint64_t done, total;
};

/* All that a source gives, in rooms of that size; free its text. */
struct seen files_read_all(struct mock *mock, size_t room_len);
/* Reads files in rooms of several sizes.  `message`: how it fails at the end,
 * or NULL. */
void files_expect_of(const char *const *paths, size_t count,
                     const char *expected, const char *message);
void files_expect(const char *path, const char *expected);
/* OPEN fails. */
void files_refuse(const peri_str *paths, size_t count, peri_status expected,
                  const char *message);

/* The tests of the other files. */
void files_unpack_tests(void);
void files_sinks_tests(void);
#endif

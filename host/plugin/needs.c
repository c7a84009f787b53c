/* needs.c - what ldd does: the loader of glibc, told to trace, names what it
 * would load.  (Its option --list ends at the first library that is missing.)
 */
#define _GNU_SOURCE /* pipe2() */
#include "plugin/needs.h"

#include "plugin/self.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *find_loader(void)
{
  size_t i = 0, size;
  return (const char *)pg_self_segment(PT_INTERP, &i, &size);
}

/* Of our environment, what says where libraries are. */
static char *library_path(void)
{
  for (char **entry = environ; *entry; entry++) {
    if (strncmp(*entry, "LD_LIBRARY_PATH=", 16) == 0) {
      return *entry;
    }
  }
  return NULL;
}

/* 0, or an errno value. */
static int start(const char *loader, const char *path, int output, pid_t *child)
{
  char trace[] = "LD_TRACE_LOADED_OBJECTS=1"; /* it looks, and runs nothing */
  char *const argv[] = {(char *)loader, (char *)path, NULL};
  char *const environment[] = {trace, library_path(), NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  int failed = posix_spawn(child, loader, &actions, NULL, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  return failed;
}

/* "\tlibq.so.6 => not found" */
static void read_lines(FILE *lines, char names[PG_NEEDS_BYTES])
{
  static const char mark[] = " => not found";
  char line[4096];
  size_t len = 0;
  names[0] = '\0';
  while (fgets(line, sizeof line, lines)) {
    char *end = strstr(line, mark);
    size_t size = end ? (size_t)(end - line) : 0; /* without the tab */
    if (line[0] == '\t' && size > 1 && len + size < PG_NEEDS_BYTES) {
      memcpy(names + len, line + 1, size - 1);
      len += size;
      names[len - 1] = '\n';
      names[len] = '\0';
    }
  }
}

enum pg_status pg_needs_missing(const char *path, char names[PG_NEEDS_BYTES],
                                struct pg_error *err)
{
  int ends[2];
  pid_t child;
  const char *loader = find_loader();
  /* Elsewhere, or with other rights, it might not listen, and run the file. */
#if !defined __GLIBC__
  loader = NULL;
#endif
  if (!loader || getauxval(AT_SECURE)) {
    return pg_fail(err, PG_UNSUPPORTED, "the dynamic loader cannot be asked");
  }
  if (pipe2(ends, O_CLOEXEC) < 0) {
    return pg_fail(err, PG_IO, "cannot make a pipe: %s", strerror(errno));
  }
  int failed = start(loader, path, ends[1], &child);
  close(ends[1]);
  FILE *lines = failed ? NULL : fdopen(ends[0], "r");
  if (lines) {
    read_lines(lines, names);
    fclose(lines);
  } else {
    close(ends[0]);
  }
  if (failed) {
    return pg_fail(err, PG_IO, "cannot run '%s': %s", loader, strerror(failed));
  }
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
  }
  return lines ? PG_OK : pg_fail(err, PG_NO_MEMORY, "no memory for a pipe");
}

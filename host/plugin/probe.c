/* probe.c - the process that waits: what the child says, how it ends. */
#define _GNU_SOURCE /* pipe2(), environ, sigdescr_np() */
#include "plugin/probe.h"

#include "base/clock.h"
#include "plugin/copy.h"
#include "plugin/file.h"
#include "plugin/inspect.h"
#include "plugin/probe_own.h"
#include "plugin/sha256.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAUSE_NS 1000000

struct child {
  pid_t pid;
  int fd;
  int limit_ms;
  uint64_t end_ns;
  char line[1200]; /* of what it says, not yet whole */
  size_t len;
  char step[256];     /* what it called last */
  char refused[1100]; /* why it refused the plugin; "": it did not */
  char sha256[65];    /* of what went well; "": not yet */
};

/* --------------------------------------------------------------- starting it
 */

static int add_files(posix_spawn_file_actions_t *files, int fd)
{
  int bad = posix_spawn_file_actions_adddup2(files, fd, PG_PROBE_FD);
  for (int i = 0; i < 3 && bad == 0; i++) {
    bad = posix_spawn_file_actions_addopen(files, i, "/dev/null", O_RDWR, 0);
  }
  return bad;
}

/* A group of its own, so that what it starts ends with it; no signal blocked
 * or ignored. */
static int set_attributes(posix_spawnattr_t *attributes)
{
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  int bad = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
                                                   POSIX_SPAWN_SETSIGMASK |
                                                   POSIX_SPAWN_SETSIGDEF);
  bad = bad ? bad : posix_spawnattr_setsigmask(attributes, &none);
  return bad ? bad : posix_spawnattr_setsigdefault(attributes, &all);
}

static int spawn(struct child *child, const char *program, const char *path,
                 int fd)
{
  extern char **environ;
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  char *argv[] = {(char *)program, (char *)PG_PROBE_WORD, (char *)path, NULL};
  int bad = posix_spawn_file_actions_init(&files);
  if (bad) {
    return bad;
  }
  bad = posix_spawnattr_init(&attributes);
  if (bad == 0) {
    bad = add_files(&files, fd);
    bad = bad ? bad : set_attributes(&attributes);
    bad = bad ? bad
              : posix_spawn(&child->pid, program, &files, &attributes, argv,
                            environ);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawn_file_actions_destroy(&files);
  return bad;
}

static enum pg_status start(struct child *child, const char *program,
                            const char *path, struct pg_error *err)
{
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) {
    return pg_fail(err, PG_IO, "cannot make a pipe for its probe: %s",
                   strerror(errno));
  }
  int bad = spawn(child, program, path, ends[1]);
  close(ends[1]);
  if (bad) {
    close(ends[0]);
    return pg_fail(err, PG_IO, "cannot start '%s' for its probe: %s", program,
                   strerror(bad));
  }
  child->fd = ends[0];
  child->end_ns = pg_clock_ns() + (uint64_t)child->limit_ms * 1000000;
  return PG_OK;
}

/* ------------------------------------------------------------ listening to it
 */

static void take_line(struct child *child)
{
  const char *text = child->line + 1;
  switch (child->line[0]) {
  case '+':
    snprintf(child->step, sizeof child->step, "%.200s", text);
    break;
  case '!':
    snprintf(child->refused, sizeof child->refused, "%.1000s", text);
    break;
  case '=':
    snprintf(child->sha256, sizeof child->sha256, "%.64s", text);
    break;
  default: /* the plugin writes there too */
    break;
  }
}

static void take_bytes(struct child *child, const char *bytes, size_t n)
{
  for (size_t i = 0; i < n; i++) {
    if (bytes[i] == '\n') {
      child->line[child->len] = '\0';
      take_line(child);
      child->len = 0;
    } else if (child->len < sizeof child->line - 1) {
      child->line[child->len++] = bytes[i];
    }
  }
}

static int left_ms(const struct child *child)
{
  uint64_t now = pg_clock_ns();
  return now < child->end_ns ? (int)((child->end_ns - now) / 1000000) + 1 : 0;
}

/* Until it closes its end, which it does when it ends, or the time is over. */
static void listen_to(struct child *child)
{
  char bytes[1024];
  int ms;
  while ((ms = left_ms(child)) > 0) {
    struct pollfd wait = {.fd = child->fd, .events = POLLIN};
    if (poll(&wait, 1, ms) <= 0) {
      continue; /* a signal, or the time */
    }
    ssize_t n = read(child->fd, bytes, sizeof bytes);
    if (n > 0) {
      take_bytes(child, bytes, (size_t)n);
    } else if (n == 0 || errno != EINTR) {
      return;
    }
  }
}

/* ---------------------------------------------------------------- how it ends
 */

/* True when it has ended; it stays a zombie, so that its number is its own.
 * Also true when nobody knows. */
static bool has_ended(const struct child *child)
{
  siginfo_t info = {.si_pid = 0};
  if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0) {
    return errno != EINTR;
  }
  return info.si_pid != 0;
}

/* False: it had to be killed.  [out] status  of waitpid(); -1: nobody knows */
static bool wait_for(const struct child *child, int *status)
{
  bool ended;
  while (!(ended = has_ended(child)) && left_ms(child) > 0) {
    pg_clock_sleep_ns(PAUSE_NS);
  }
  kill(-child->pid, SIGKILL); /* and what it started, if anything */
  pid_t got;
  while ((got = waitpid(child->pid, status, 0)) < 0 && errno == EINTR) {
  }
  *status = got < 0 ? -1 : *status;
  return ended;
}

static enum pg_status judge(const struct child *child, bool ended, int status,
                            struct pg_error *err)
{
  if (!ended) {
    return pg_fail(err, PG_REFUSED, "its probe did not end within %g s, in %s",
                   child->limit_ms / 1000.0, child->step);
  }
  if (status == -1) {
    return pg_fail(err, PG_IO, "cannot see how its probe ended: %s",
                   strerror(ECHILD));
  }
  if (WIFSIGNALED(status)) {
    const char *words = sigdescr_np(WTERMSIG(status));
    return pg_fail(err, PG_REFUSED, "its probe crashed in %s: signal %d (%s)",
                   child->step, WTERMSIG(status), words ? words : "unknown");
  }
  if (child->refused[0] != '\0') {
    return pg_fail(err, PG_REFUSED, "%.900s", child->refused);
  }
  if (WEXITSTATUS(status) != 0 || child->sha256[0] == '\0') {
    return pg_fail(err, PG_REFUSED, "its probe ended with exit code %d in %s",
                   WEXITSTATUS(status), child->step);
  }
  return PG_OK;
}

/* The child's own message begins with the file, as ours will. */
static void drop_blame(struct child *child, const char *path)
{
  char blame[1000];
  int n = snprintf(blame, sizeof blame, "plugin '%.300s': ", path);
  if (strncmp(child->refused, blame, (size_t)n) == 0) {
    memmove(child->refused, child->refused + n, strlen(child->refused + n) + 1);
  }
}

static enum pg_status run(const char *program, const struct pg_file *file,
                          const char *sha256, int limit_ms,
                          struct pg_error *err)
{
  struct child child = {.limit_ms = limit_ms, .step = "its start"};
  int how = -1;
  enum pg_status status = start(&child, program, file->path, err);
  if (status != PG_OK) {
    return status;
  }
  listen_to(&child);
  bool ended = wait_for(&child, &how);
  close(child.fd);
  drop_blame(&child, file->path);
  status = judge(&child, ended, how, err);
  if (status == PG_OK && strcmp(child.sha256, sha256) != 0) {
    return pg_fail(err, PG_REFUSED, "it has changed while it was probed");
  }
  return status;
}

enum pg_status pg_probe(const char *program, const char *path,
                        const char *directory, int limit_ms,
                        struct pg_error *err)
{
  struct pg_file file = {0};
  char sha256[65];
  enum pg_status status = pg_file_read(path, directory, &file, err);
  if (status == PG_OK) {
    pg_sha256(file.bytes, file.size, sha256);
    if (!pg_copy_is_probed(sha256)) {
      status = run(program, &file, sha256, limit_ms, err);
      if (status == PG_OK) {
        pg_copy_set_probed(sha256);
      }
    }
  }
  pg_file_fini(&file);
  return pg_inspect_blame(path, status, err);
}

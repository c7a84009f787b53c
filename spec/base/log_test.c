/* log_test.c - lines on stderr, levels, a progress line, and error texts. */
#define _GNU_SOURCE /* ptsname_r */
#include "base/log.h"

#include "check/check.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What `job` writes to stderr. */
static const char *captured(void (*job)(void))
{
  static char text[8192];
  char path[] = "/tmp/perigee_log_test_XXXXXX";
  int fd = mkstemp(path);
  int saved = dup(2);
  CHECK(fd >= 0 && saved >= 0, "cannot capture");
  unlink(path);
  fflush(stderr);
  dup2(fd, 2);
  job();
  fflush(stderr);
  dup2(saved, 2);
  ssize_t n = pread(fd, text, sizeof text - 1, 0);
  text[n < 0 ? 0 : n] = '\0';
  close(fd);
  close(saved);
  return text;
}

static void say_four(void)
{
  pg_log(PG_LOG_DEBUG, "one %d", 1);
  pg_log(PG_LOG_INFO, "two");
  pg_log(PG_LOG_WARN, "three");
  pg_log(PG_LOG_ERROR, "four");
}

static void say_long(void)
{
  char text[5000];
  memset(text, 'x', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  pg_log(PG_LOG_ERROR, "%s", text);
}

static void show_progress(void)
{
  pg_log_progress("half");
  pg_log_progress("most");
  pg_log(PG_LOG_ERROR, "no");
  pg_log_progress("all");
  pg_log_progress(NULL);
  pg_log_progress(NULL);
}

static void keeps_to_its_level(void)
{
  pg_log_set_level(PG_LOG_WARN);
  CHECK(pg_log_get_level() == PG_LOG_WARN, "another level");
  const char *text = captured(say_four);
  CHECK(!strcmp(text, "perigee: warning: three\nperigee: error: four\n"), "%s",
        text);
  pg_log_set_level(PG_LOG_DEBUG);
  text = captured(say_four);
  CHECK(!strncmp(text, "perigee: debug: one 1\nperigee: info: two\n", 40), "%s",
        text);
}

static void cuts_long_lines(void)
{
  const char *text = captured(say_long);
  size_t len = strlen(text);
  CHECK(len > 1000 && len < 2100 && text[len - 1] == '\n', "%zu bytes", len);
}

static void give_way(void)
{
  char path[64];
  int screen = posix_openpt(O_RDWR | O_NOCTTY);
  CHECK(screen >= 0 && grantpt(screen) == 0 && unlockpt(screen) == 0 &&
          ptsname_r(screen, path, sizeof path) == 0,
        "no terminal");
  int terminal = open(path, O_RDWR | O_NOCTTY);
  int file = open("/dev/null", O_WRONLY);
  CHECK(terminal >= 0 && file >= 0, "cannot open");
  pg_log_progress("all");
  pg_log_make_way(file);
  pg_log_line("b\0c", 3);
  pg_log_make_way(terminal);
  pg_log_progress("half");
  pg_log_make_way(file);
  fputs("|", stderr);
  pg_log_make_way(terminal);
  pg_log_make_way(terminal);
  close(file);
  close(terminal);
  close(screen);
}

static void makes_way_on_a_terminal(void)
{
  const char *text = captured(give_way);
  static const char expected[] = "all\r\033[Kb\0c\nhalf|\r\033[K";
  CHECK(!memcmp(text, expected, sizeof expected), "%s", text);
}

static void erases_progress(void)
{
  const char *text = captured(show_progress);
  CHECK(!strcmp(text, "half\r\033[Kmost\r\033[Kperigee: error: no\n"
                      "all\r\033[K"),
        "%s", text);
}

static void writes_errors(void)
{
  struct pg_error err;
  CHECK(pg_fail(&err, PG_IO, "cannot open '%s'", "x") == PG_IO, "status");
  CHECK(err.status == PG_IO && !strcmp(err.text, "cannot open 'x'"), "%s",
        err.text);
  CHECK(pg_fail(NULL, PG_BAD_INPUT, "no one listens") == PG_BAD_INPUT,
        "status");
  char text[4000];
  memset(text, 'y', sizeof text - 1);
  text[sizeof text - 1] = '\0';
  pg_fail(&err, PG_IO, "%s", text);
  CHECK(strlen(err.text) == sizeof err.text - 1, "%zu bytes", strlen(err.text));
}

int main(void)
{
  keeps_to_its_level();
  cuts_long_lines();
  erases_progress();
  makes_way_on_a_terminal();
  writes_errors();
  return 0;
}

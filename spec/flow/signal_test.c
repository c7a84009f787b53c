/* signal_test.c - SIGINT and SIGTERM while a pipeline runs, each in a process
 * of its own. */
#include "check/check.h"
#include "pipe.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OTHER_EXIT 77

static int ready[2]; /* the child writes a byte when it is under way */

static void tell_ready(void)
{
  static bool told;
  if (!told) {
    told = true;
    CHECK(write(ready[1], "x", 1) == 1, "pipe");
  }
}

static struct pg_batch *tell_and_pass(struct pg_batch *batch)
{
  tell_ready();
  return batch;
}

static struct pg_batch *tell_and_hang(struct pg_batch *batch)
{
  tell_ready();
  for (;;) {
    pause();
  }
  return batch;
}

static void endless_rows(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", "count", "-1", NULL);
  pipe_each(p, tell_and_pass);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
}

/* Whole lines and the start of one, then nothing for ever. */
static void waiting(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'{\"x\":1}\n{\"x\":2}\n{\"x'",
            "size", "17", "endless", "true", NULL);
  int decode = pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  p->nodes[decode].stop_on_reject = true;
  pipe_each(p, tell_and_pass);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
}

/* The same, but the source waits in a system call. */
static void blocked(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "pieces", "text", "'{\"x\":1}\n{\"x'", "hangs",
            "true", NULL);
  pipe_item(p, PERI_K_DECODER, "json", "json", NULL);
  pipe_each(p, tell_and_pass);
  pipe_group(p, "", "n", "count()", NULL);
  pipe_sink(p);
}

static void hanging(struct pipe *p)
{
  pipe_part(p, PERI_K_SOURCE, "numbers", NULL);
  pipe_each(p, tell_and_hang);
  pipe_sink(p);
}

/* 0: drained; 1: drained and interrupted. */
static int run(pipe_build_fn *build, int workers)
{
  struct pipe *p = pipe_new();
  build(p);
  p->options.workers = workers;
  CHECK(pipe_run(p) == PG_OK, "%s", p->err.text);
  int sink = p->count - 1;
  CHECK(strncmp(pipe_text(p, sink), "n=", 2) == 0, "%s", pipe_text(p, sink));
  CHECK(strcmp(pipe_text(p, sink), "n=0\n") != 0, "no rows went through");
  int status = p->result.interrupted;
  pipe_free(p);
  struct sigaction after;
  sigaction(SIGTERM, NULL, &after);
  CHECK(after.sa_handler == SIG_DFL, "the handler stays");
  return status;
}

static void nap(long ms)
{
  struct timespec span = {0, ms * 1000000};
  nanosleep(&span, NULL);
}

/* How the process ends that gets these signals, the second 50 ms later. */
static int end_of(pipe_build_fn *build, int workers, int first, int second)
{
  char byte;
  int status;
  CHECK(pipe(ready) == 0, "pipe");
  pid_t child = fork();
  if (child == 0) {
    _exit(run(build, workers));
  }
  CHECK(read(ready[0], &byte, 1) == 1, "the child died");
  nap(20);
  kill(child, first);
  if (second) {
    nap(50);
    kill(child, second);
  }
  CHECK(waitpid(child, &status, 0) == child, "wait");
  close(ready[0]);
  close(ready[1]);
  return WIFEXITED(status) ? WEXITSTATUS(status) : OTHER_EXIT;
}

int main(void)
{
  static const int workers[] = {1, 3};
  for (int i = 0; i < 2; i++) {
    CHECK(end_of(endless_rows, workers[i], SIGINT, 0) == 1, "SIGINT");
    CHECK(end_of(endless_rows, workers[i], SIGTERM, 0) == 0, "SIGTERM");
    CHECK(end_of(waiting, workers[i], SIGINT, 0) == 1, "while waiting");
    CHECK(end_of(waiting, workers[i], SIGTERM, 0) == 0, "while waiting");
    CHECK(end_of(blocked, workers[i], SIGINT, 0) == 1, "while blocked");
    CHECK(end_of(hanging, workers[i], SIGINT, SIGINT) == 130, "the second");
    CHECK(end_of(hanging, workers[i], SIGTERM, SIGINT) == 130, "the second");
  }
  /* As a shell starts what runs in the background. */
  signal(SIGINT, SIG_IGN);
  CHECK(end_of(waiting, 1, SIGINT, SIGTERM) == 0, "SIGINT was ignored before");
  return 0;
}

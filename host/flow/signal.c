/* signal.c - what the signals of the terminal do to a run.
 *
 * A signal that arrives just before a source begins to wait in read() would be
 * missed, so the first one starts a timer that interrupts such waits until the
 * run has ended. */
#include "flow/signal.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/time.h>
#include <unistd.h>

#define TICK_US 50000
#define EXIT_INTERRUPTED 130

/* atomic */
static int32_t stop, came, interrupted;

static const int handled[] = {SIGINT, SIGTERM, SIGALRM, SIGPIPE};
#define HANDLED (sizeof handled / sizeof *handled)
static struct sigaction before[HANDLED];

static void set_timer(long us)
{
  struct timeval tick = {0, us};
  struct itimerval timer = {tick, tick};
  setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_stop(int number)
{
  int saved = errno;
  if (__atomic_fetch_add(&came, 1, __ATOMIC_RELAXED) > 0) {
    _exit(EXIT_INTERRUPTED);
  }
  if (number == SIGINT) {
    __atomic_store_n(&interrupted, 1, __ATOMIC_RELAXED);
  }
  pg_signal_give_up();
  set_timer(TICK_US);
  errno = saved;
}

static void on_tick(int number)
{
  (void)number;
}

void pg_signal_begin(void)
{
  __atomic_store_n(&stop, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&came, 0, __ATOMIC_RELAXED);
  __atomic_store_n(&interrupted, 0, __ATOMIC_RELAXED);
  void (*const handlers[HANDLED])(int) = {on_stop, on_stop, on_tick, SIG_IGN};
  for (size_t i = 0; i < HANDLED; i++) {
    struct sigaction action = {.sa_handler = handlers[i]};
    sigemptyset(&action.sa_mask);
    sigaction(handled[i], &action, &before[i]);
    /* A shell starts what runs in the background with SIGINT ignored. */
    if (handlers[i] == on_stop && before[i].sa_handler == SIG_IGN) {
      sigaction(handled[i], &before[i], NULL);
    }
  }
}

void pg_signal_end(void)
{
  set_timer(0);
  for (size_t i = 0; i < HANDLED; i++) {
    sigaction(handled[i], &before[i], NULL);
  }
}

const int32_t *pg_signal_stop(void)
{
  return &stop;
}

void pg_signal_give_up(void)
{
  __atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
}

bool pg_signal_interrupted(void)
{
  return __atomic_load_n(&interrupted, __ATOMIC_RELAXED) != 0;
}

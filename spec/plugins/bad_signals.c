/* bad_signals.c - blocks a signal in the thread that loads it. */
#include <perigee/plugin.h>

#include <signal.h>

static __attribute__((constructor)) void block(void)
{
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

PERI_PLUGIN("bad_signals", "1.0.0", "perigee", "MIT", "Blocks a signal.");

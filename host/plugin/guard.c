/* guard.c - float mode, signal mask and locale of the thread that loads.
 *
 * The commonest culprit is -ffast-math at link time: its start-up code makes
 * denormals zero for the whole thread, which changes other people's results. */
#include "plugin/guard.h"

#include <locale.h>
#include <string.h>

#if defined __x86_64__
#define MXCSR_FLAGS 0x3fu /* what happened, not how to compute */

static uint64_t read_float_mode(void)
{
  uint16_t control;
  __asm__ volatile("fnstcw %0" : "=m"(control));
  uint32_t mxcsr = __builtin_ia32_stmxcsr() & ~MXCSR_FLAGS;
  return (uint64_t)control << 32 | mxcsr;
}

static void write_float_mode(uint64_t mode)
{
  uint16_t control = (uint16_t)(mode >> 32);
  __asm__ volatile("fldcw %0" : : "m"(control));
  __builtin_ia32_ldmxcsr((uint32_t)mode);
}
#elif defined __aarch64__
static uint64_t read_float_mode(void)
{
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}

static void write_float_mode(uint64_t mode)
{
  __asm__ volatile("msr fpcr, %0" : : "r"(mode));
}
#endif

static void read_locale(char out[200])
{
  const char *name = setlocale(LC_ALL, NULL);
  name = name ? name : "C";
  size_t len = strnlen(name, 199);
  memcpy(out, name, len);
  out[len] = '\0';
}

void pg_guard_take(struct pg_guard *guard)
{
  guard->float_mode = read_float_mode();
  pthread_sigmask(SIG_SETMASK, NULL, &guard->signals);
  read_locale(guard->locale);
}

static int different_signal(const sigset_t *a, const sigset_t *b)
{
  for (int i = 1; i < NSIG; i++) {
    if (sigismember(a, i) != sigismember(b, i)) {
      return i;
    }
  }
  return 0;
}

enum pg_status pg_guard_check(const struct pg_guard *guard,
                              struct pg_error *err)
{
  struct pg_guard now;
  enum pg_status status = PG_OK;
  pg_guard_take(&now);
  int number = different_signal(&now.signals, &guard->signals);
  if (number != 0) {
    pthread_sigmask(SIG_SETMASK, &guard->signals, NULL);
    status = pg_fail(err, PG_REFUSED,
                     "loading it changed which signals are blocked (signal %d)",
                     number);
  }
  if (strcmp(now.locale, guard->locale) != 0) {
    setlocale(LC_ALL, guard->locale);
    status = pg_fail(err, PG_REFUSED,
                     "loading it changed the locale from '%.80s' to '%.80s'",
                     guard->locale, now.locale);
  }
  if (now.float_mode != guard->float_mode) {
    write_float_mode(guard->float_mode);
    status = pg_fail(err, PG_REFUSED,
                     "loading it changed how numbers are computed: expected "
                     "float mode %#llx, found %#llx (linked with -ffast-math?)",
                     (unsigned long long)guard->float_mode,
                     (unsigned long long)now.float_mode);
  }
  return status;
}

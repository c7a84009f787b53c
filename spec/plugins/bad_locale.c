/* bad_locale.c - changes the locale of the whole process. */
#include <perigee/plugin.h>

#include <locale.h>

static __attribute__((constructor)) void change(void)
{
  setlocale(LC_ALL, "C.UTF-8");
}

PERI_PLUGIN("bad_locale", "1.0.0", "perigee", "MIT", "Changes the locale.");

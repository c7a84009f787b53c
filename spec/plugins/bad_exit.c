/* bad_exit.c - ends the process as if all were well. */
#include <perigee/plugin.h>

#include <stdlib.h>

PERI_PLUGIN("bad_exit", "1.0.0", "perigee", "MIT", "Exits.");

PERI_INIT
{
  exit(0);
}

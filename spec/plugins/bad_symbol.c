/* bad_symbol.c - needs two functions that nobody has, and could do without a
 * third. */
#include <perigee/plugin.h>

int perigee_spec_nobody_has_this(int);
int perigee_spec_nor_this(int);
int perigee_spec_who_cares(int) __attribute__((weak));
PERI_FN(i32, ask, "Asks.", (i32, a))
{
  int b = perigee_spec_who_cares ? perigee_spec_who_cares(a) : 0;
  return perigee_spec_nobody_has_this(a) + perigee_spec_nor_this(b);
}

PERI_PLUGIN("bad_symbol", "1.0.0", "perigee", "MIT", "Lacks two functions.");

/* types_many.c - more functions than there are trampolines in the host: 400, each of
 * which gives its number. */
#include <perigee/plugin.h>

#define F(n)                                                                   \
  PERI_FN(i64, f##n, "Its number and what it gets.", (i64, a))                 \
  {                                                                            \
    return 1##n * 1000 + a;                                                    \
  }
#define TEN(n)                                                                 \
  F(n##0) F(n##1) F(n##2) F(n##3) F(n##4) F(n##5) F(n##6) F(n##7) F(n##8) F(n##9)
#define HUNDRED(n)                                                             \
  TEN(n##0) TEN(n##1) TEN(n##2) TEN(n##3) TEN(n##4)                            \
  TEN(n##5) TEN(n##6) TEN(n##7) TEN(n##8) TEN(n##9)
HUNDRED(0) HUNDRED(1) HUNDRED(2) HUNDRED(3)

PERI_PLUGIN("types_many", "1.0.0", "Ann", "MIT", "Many functions.");

/* number.h - numbers of Lua, for the files of this plugin. */
#ifndef OPS_NUMBER_H
#define OPS_NUMBER_H
#include "number_text.h"

#include <math.h>
#include <perigee/plugin.h>

#define I64_END 0x1p63 /* the first float beyond int64 */

static inline peri_opt_i64 some_i64(int64_t value)
{
  return (peri_opt_i64){.value = value, .has = 1};
}

static inline peri_opt_f64 some_f64(double value)
{
  return (peri_opt_f64){.value = value, .has = 1};
}

static inline peri_opt_str some_str(peri_str value)
{
  return (peri_opt_str){.value = value, .has = 1};
}

/* No value; every option struct zeroed is that. */
#define NONE(T_) ((peri_opt_##T_){.has = 0})

/* Whether the float is an integer of 64 bits, and which. */
static inline bool exact_i64(double f, int64_t *whole)
{
  if (!(f >= -I64_END && f < I64_END) || floor(f) != f) {
    return false;
  }
  *whole = (int64_t)f;
  return true;
}

/* What Lua's tostring() gives; `out` has NUMBER_ROOM bytes.  Returns the
 * length. */
size_t print_f64(char *out, double value);

/* A number as Lua reads one from text: spaces around, decimal or hexadecimal,
 * no "inf" or "nan".  `whole`: an integer, in *i; else a float, in *f. */
struct number {
  double f;
  int64_t i;
  bool whole;
};
bool read_number(peri_str text, struct number *number);

/* Room in the arena; NULL: no memory, and the call failed. */
char *arena_text(peri_cx *cx, size_t len);
#endif

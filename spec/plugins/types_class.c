/* types_class.c - classes: a record, a struct of its own with fields and a
 * view, one that Lua cannot look into, and one whose making fails. */
#include <perigee/plugin.h>

static int64_t live; /* objects made and not yet destroyed, of all classes */

PERI_FN_CX(i64, live_objects, "Objects made and not yet destroyed.")
{
  return live;
}

#define COUNTER(F)                                                             \
  F(i64, n, "How many so far.") F(opt_f64, last, "The last step.")
PERI_RECORD(counter, COUNTER)
PERI_CLASS(counter, "Counts.", (i64, start))
{
  if (start < 0) {
    return peri_fail(cx, PERI_EINVAL, "cannot start below zero");
  }
  self->n = start;
  live++;
  return PERI_OK;
}
PERI_DESTROY(counter)
{
  self->n = -1;
  live--;
}
PERI_METHOD(i64, counter, add, "Adds; the sum.", (i64, by))
{
  self->last = (peri_opt_f64){.value = (double)by, .has = 1};
  return self->n += by;
}
PERI_METHOD(i64, counter, get, "The sum.")
{
  return self->n;
}
PERI_METHOD(i64, counter, fail, "Fails.", (str, why))
{
  char *text = peri_alloc(cx, why.len + 1);
  if (text) {
    memcpy(text, why.ptr, why.len);
    text[why.len] = '\0';
    peri_fail(cx, PERI_EINVAL, text);
  }
  return 0;
}

/* Numbers that grow: memory of its own, elements that Lua reads and writes. */
typedef struct tape {
  double *at;
  int64_t len, room;
  peri_str label;
} tape;
#define TAPE(F) F(i64, len, "How many numbers.") F(str, label, "What they are.")
PERI_FIELDS(tape, TAPE)
PERI_CLASS(tape, "Numbers that grow.", (str, label), (opt_i64, room))
{
  self->room = room.has ? room.value : 4;
  self->at = cx->sv->realloc(cx, NULL, (size_t)self->room * sizeof(double));
  char *copy = cx->sv->realloc(cx, NULL, label.len + 1);
  if (!self->at || !copy) { /* not made, so not destroyed */
    cx->sv->realloc(cx, self->at, 0);
    cx->sv->realloc(cx, copy, 0);
    return PERI_ENOMEM;
  }
  memcpy(copy, label.ptr, label.len);
  self->label = (peri_str){copy, label.len};
  live++;
  return PERI_OK;
}
PERI_DESTROY(tape)
{
  cx->sv->realloc(cx, self->at, 0);
  cx->sv->realloc(cx, (char *)self->label.ptr, 0);
  live--;
}
PERI_METHOD(i64, tape, push, "Adds numbers; how many there are.",
            (list_f64, numbers))
{
  int64_t need = self->len + (int64_t)numbers.len;
  if (need > self->room) {
    double *more =
      cx->sv->realloc(cx, self->at, (size_t)need * 2 * sizeof *more);
    if (!more) {
      peri_fail(cx, PERI_ENOMEM, "no room");
      return 0;
    }
    self->at = more;
    self->room = need * 2;
  }
  for (size_t i = 0; i < numbers.len; i++) {
    self->at[self->len++] = numbers.ptr[i];
  }
  return self->len;
}
PERI_METHOD(list_f64, tape, all, "All of them.")
{
  return (peri_list_f64){self->at, (size_t)self->len};
}
PERI_LIST(list_f64)
PERI_METHOD(list_list_f64, tape, pairs, "Two and two, where they lie.")
{
  size_t count = (size_t)self->len / 2;
  peri_list_f64 *all = peri_alloc(cx, count * sizeof *all + 1);
  for (size_t i = 0; all && i < count; i++) {
    all[i] = (peri_list_f64){self->at + 2 * i, 2};
  }
  return (peri_list_list_f64){all, all ? count : 0};
}
PERI_METHOD(str, tape, name, "The label.")
{
  return self->label;
}
PERI_VIEW(tape)
{
  *view = (peri_array){self->at, (size_t)self->len, PERI_T_F64, 1};
  return PERI_OK;
}

typedef struct sealed {
  _Alignas(64) uint8_t bits[8];
} sealed;
PERI_STATE(sealed);
PERI_CLASS(sealed, "Bits, to be read only, at an aligned place.")
{
  if ((uintptr_t)self % 64 != 0) {
    return peri_fail(cx, PERI_EBUG, "not aligned");
  }
  self->bits[1] = 1;
  live++;
  return PERI_OK;
}
PERI_DESTROY(sealed)
{
  live--;
}
PERI_VIEW(sealed)
{
  *view = (peri_array){self->bits, 8, PERI_T_BOOL, 0};
  return PERI_OK;
}

/* A view of a type that Lua has no numbers for, and one that fails. */
#define ODD(F) F(i32, what, "0: a type of no number; 1: fails; 2...: no place.")
PERI_RECORD(odd, ODD)
PERI_CLASS(odd, "A class that does not keep its promises.", (i32, what))
{
  self->what = what;
  return PERI_OK;
}
PERI_VIEW(odd)
{
  const peri_array views[] = {
    {self, 1, PERI_T_STR, 0},
    {self, 1, PERI_T_I32, 0},
    {NULL, 3, PERI_T_I32, 0},
    {(char *)self + 1, 1, PERI_T_I32, 0},
    {self, SIZE_MAX / 4, PERI_T_I32, 0},
    {(void *)(UINTPTR_MAX - 7), 2, PERI_T_I64, 0},
    {NULL, 0, PERI_T_F64, 0},
  };
  *view = views[self->what];
  return self->what == 1 ? peri_fail(cx, PERI_EIO, "no view today") : PERI_OK;
}

PERI_PLUGIN("types_class", "1.0.0", "Ann", "MIT", "Objects.");

/* cast.c - every value passes through the widest number there is: casts are
 * rare, for decoders give what is asked for. */
#include "flow/cast.h"

#include "data/bits.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct number {
  bool whole;
  __int128 integer; /* whole */
  double real;      /* not whole */
};

bool pg_cast_is_number(uint32_t type)
{
  return type >= PERI_T_I8 && type <= PERI_T_F64;
}

static struct number load(uint32_t type, const void *at)
{
  struct number n = {.whole = true};
  switch (type) {
  case PERI_T_I8:
    n.integer = *(const int8_t *)at;
    break;
  case PERI_T_U8:
    n.integer = *(const uint8_t *)at;
    break;
  case PERI_T_I16:
    n.integer = *(const int16_t *)at;
    break;
  case PERI_T_U16:
    n.integer = *(const uint16_t *)at;
    break;
  case PERI_T_I32:
    n.integer = *(const int32_t *)at;
    break;
  case PERI_T_U32:
    n.integer = *(const uint32_t *)at;
    break;
  case PERI_T_I64:
    n.integer = *(const int64_t *)at;
    break;
  case PERI_T_U64:
    n.integer = *(const uint64_t *)at;
    break;
  case PERI_T_F32:
    n = (struct number){.real = (double)*(const float *)at};
    break;
  default:
    n = (struct number){.real = *(const double *)at};
  }
  return n;
}

#define INTEGER(TYPE_, T_, LOW_, HIGH_)                                        \
  case TYPE_:                                                                  \
    if (n.integer < (LOW_) || n.integer > (HIGH_)) {                           \
      return false;                                                            \
    }                                                                          \
    *(T_ *)to = (T_)n.integer;                                                 \
    return true;

static bool store_integer(uint32_t type, struct number n, void *to)
{
  switch (type) {
    INTEGER(PERI_T_I8, int8_t, INT8_MIN, INT8_MAX)
    INTEGER(PERI_T_U8, uint8_t, 0, UINT8_MAX)
    INTEGER(PERI_T_I16, int16_t, INT16_MIN, INT16_MAX)
    INTEGER(PERI_T_U16, uint16_t, 0, UINT16_MAX)
    INTEGER(PERI_T_I32, int32_t, INT32_MIN, INT32_MAX)
    INTEGER(PERI_T_U32, uint32_t, 0, UINT32_MAX)
    INTEGER(PERI_T_I64, int64_t, INT64_MIN, INT64_MAX)
    INTEGER(PERI_T_U64, uint64_t, 0, UINT64_MAX)
  default:
    return false;
  }
}

/* False: the type cannot hold exactly this. */
static bool store(uint32_t type, struct number n, void *to)
{
  if (type == PERI_T_F64) {
    double real = n.whole ? (double)n.integer : n.real;
    *(double *)to = real;
    return !n.whole || (__int128)real == n.integer;
  }
  if (type == PERI_T_F32) {
    float real = n.whole ? (float)n.integer : (float)n.real;
    *(float *)to = real;
    return n.whole ? (__int128)real == n.integer
                   : (double)real == n.real || isnan(n.real);
  }
  if (!n.whole) {
    /* The bounds keep the conversion defined; store_integer() has the real
     * ones. */
    if (!(fabs(n.real) < 0x1p65) || n.real != floor(n.real)) {
      return false;
    }
    n.integer = (__int128)n.real;
  }
  return store_integer(type, n, to);
}

struct pg_column *pg_cast_column(const struct pg_column *column, uint32_t type,
                                 int64_t *row)
{
  size_t from = pg_type_width(column->type), to = pg_type_width(type);
  struct pg_column *cast = pg_column_new(type, column->length);
  *row = -1;
  if (!cast) {
    return NULL;
  }
  cast->data = pg_block_new(to * (size_t)column->length + 1);
  if (column->nulls > 0) {
    cast->nulls = column->nulls;
    cast->valid = pg_block_new((size_t)(column->length + 7) / 8);
  }
  if (!cast->data || (column->nulls > 0 && !cast->valid)) {
    pg_column_unref(cast);
    return NULL;
  }
  if (cast->valid) {
    pg_bits_copy(cast->valid->bytes, column->valid->bytes, column->offset,
                 column->length);
  }
  const char *in = column->length ? pg_column_value(column, 0) : NULL;
  char *out = cast->data->bytes;
  memset(out, 0, to * (size_t)column->length);
  for (int64_t i = 0; i < column->length; i++) {
    if (pg_column_is_valid(column, i) &&
        !store(type, load(column->type, in + from * (size_t)i),
               out + to * (size_t)i)) {
      *row = i;
      pg_column_unref(cast);
      return NULL;
    }
  }
  return cast;
}

void pg_cast_show(const struct pg_column *column, int64_t row, char *text,
                  size_t size)
{
  struct number n = load(column->type, pg_column_value(column, row));
  if (!n.whole) {
    snprintf(text, size, "%.17g", n.real);
  } else if (n.integer < 0) {
    snprintf(text, size, "%lld", (long long)n.integer);
  } else {
    snprintf(text, size, "%llu", (unsigned long long)n.integer);
  }
}

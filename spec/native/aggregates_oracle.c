/* aggregates_oracle.c - aggregates the slow way. */
#include "aggregates_oracle.h"

#include <math.h>
#include <perigee/abi.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BITS 2200 /* bit k counts 2^(k - 1074) */

static char *text(const char *format, ...)
{
  char *made;
  size_t size;
  FILE *to = open_memstream(&made, &size);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(to, format, arguments);
  va_end(arguments);
  fclose(to);
  return made;
}

char *oracle_count(const struct oracle_group *group)
{
  int count = 0;
  for (size_t i = 0; i < group->n; i++) {
    count += !group->cells[i].null;
  }
  return text("%d", count);
}

/* ------------------------------------------------------------------ exact sums
 */

static void add_bits(int64_t *bits, double value)
{
  int exponent;
  double rest = ldexp(frexp(fabs(value), &exponent), 1);
  for (exponent--; rest != 0; exponent--) {
    if (rest >= 1) {
      bits[exponent + 1074] += value < 0 ? -1 : 1;
      rest -= 1;
    }
    rest *= 2;
  }
}

static void carry_bits(int64_t *bits)
{
  for (int i = 0; i + 1 < BITS; i++) {
    int64_t bit = bits[i] & 1;
    bits[i + 1] += (bits[i] - bit) / 2;
    bits[i] = bit;
  }
}

static double round_bits(const int64_t *bits)
{
  int top = BITS - 1;
  while (top > 0 && bits[top] == 0) {
    top--;
  }
  int lowest = top < 53 ? 0 : top - 52;
  double sum = 0;
  for (int i = top; i >= lowest; i--) {
    sum = sum * 2 + (double)bits[i];
  }
  bool more = false;
  for (int i = 0; i < lowest - 1; i++) {
    more |= bits[i] != 0;
  }
  bool half = lowest > 0 && bits[lowest - 1];
  sum += half && (more || bits[lowest]) ? 1 : 0;
  return ldexp(sum, lowest - 1074);
}

double oracle_exact_sum(const double *values, size_t n)
{
  static int64_t bits[BITS];
  memset(bits, 0, sizeof bits);
  bool inf = false, minus_inf = false, nan = false;
  for (size_t i = 0; i < n; i++) {
    if (isfinite(values[i])) {
      add_bits(bits, values[i]);
    } else {
      nan |= isnan(values[i]);
      inf |= values[i] > 0;
      minus_inf |= values[i] < 0;
    }
  }
  if (inf || minus_inf || nan) {
    return nan || (inf && minus_inf) ? (double)NAN : inf ? INFINITY : -INFINITY;
  }
  carry_bits(bits);
  bool minus = bits[BITS - 1] < 0;
  for (int i = 0; minus && i < BITS; i++) {
    bits[i] = -bits[i];
  }
  carry_bits(bits);
  double sum = round_bits(bits);
  return minus ? -sum : sum;
}

/* The values that are not null, as doubles; how many. */
static size_t reals_of(const struct oracle_group *group, double *values)
{
  size_t n = 0;
  for (size_t i = 0; i < group->n; i++) {
    if (!group->cells[i].null) {
      values[n++] = group->type == PERI_T_F64 ? group->cells[i].f
                                              : (double)group->cells[i].i;
    }
  }
  return n;
}

char *oracle_sum(const struct oracle_group *group)
{
  if (group->type == PERI_T_I64) {
    __int128 sum = 0;
    for (size_t i = 0; i < group->n; i++) {
      sum += group->cells[i].null ? 0 : group->cells[i].i;
    }
    return text("%lld", (long long)sum);
  }
  double *values = malloc((group->n + 1) * sizeof *values);
  char *made = text("%.17g", oracle_exact_sum(values, reals_of(group, values)));
  free(values);
  return made;
}

/* 64-bit integers are summed as they are. */
char *oracle_mean(const struct oracle_group *group)
{
  double *values = malloc((group->n * 2 + 1) * sizeof *values);
  size_t n = reals_of(group, values), parts = n;
  if (group->type == PERI_T_I64) {
    parts = 0;
    for (size_t i = 0; i < group->n; i++) {
      if (!group->cells[i].null) {
        values[parts++] = (double)(int32_t)(uint32_t)group->cells[i].i;
        values[parts] =
          (double)((group->cells[i].i - (int32_t)(uint32_t)group->cells[i].i) >>
                   32) *
          0x1p32;
        parts++;
      }
    }
  }
  char *made = n == 0
                 ? text("null")
                 : text("%.17g", oracle_exact_sum(values, parts) / (double)n);
  free(values);
  return made;
}

/* --------------------------------------------------------------------- order
 */

static int compare_reals(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y ? 1 : (int)signbit(y) - (int)signbit(x);
}

static int compare_texts(const void *a, const void *b)
{
  const peri_str *x = a, *y = b;
  size_t n = x->len < y->len ? x->len : y->len;
  int order = n > 0 ? memcmp(x->ptr, y->ptr, n) : 0;
  return order ? order : (x->len > y->len) - (x->len < y->len);
}

static char *end_of_texts(const struct oracle_group *group, int direction)
{
  const peri_str *best = NULL;
  for (size_t i = 0; i < group->n; i++) {
    const peri_str *one = &group->cells[i].s;
    if (!group->cells[i].null &&
        (!best || compare_texts(one, best) * direction > 0)) {
      best = one;
    }
  }
  if (!best) {
    return text("null");
  }
  char *made = malloc(best->len + 3);
  made[0] = made[best->len + 1] = '"';
  memcpy(made + 1, best->ptr, best->len);
  made[best->len + 2] = '\0';
  return made;
}

static char *end_of_reals(const struct oracle_group *group, int direction)
{
  double best = NAN;
  for (size_t i = 0; i < group->n; i++) {
    double one = group->cells[i].f;
    if (!group->cells[i].null && !isnan(one) &&
        (isnan(best) || compare_reals(&one, &best) * direction > 0)) {
      best = one;
    }
  }
  return isnan(best) ? text("null") : text("%.17g", best);
}

static char *end_of(const struct oracle_group *group, int direction)
{
  if (group->type == PERI_T_STR) {
    return end_of_texts(group, direction);
  } else if (group->type == PERI_T_F64) {
    return end_of_reals(group, direction);
  }
  const int64_t *best = NULL;
  for (size_t i = 0; i < group->n; i++) {
    const int64_t *one = &group->cells[i].i;
    if (!group->cells[i].null &&
        (!best || (direction > 0 ? *one > *best : *one < *best))) {
      best = one;
    }
  }
  return !best                        ? text("null")
         : group->type == PERI_T_BOOL ? text("%s", *best ? "true" : "false")
         : group->type == PERI_T_TIME ? text("@%lld", (long long)*best)
                                      : text("%lld", (long long)*best);
}

char *oracle_min(const struct oracle_group *group)
{
  return end_of(group, -1);
}

char *oracle_max(const struct oracle_group *group)
{
  return end_of(group, 1);
}

char *oracle_quantile(const struct oracle_group *group)
{
  double *values = malloc((group->n + 1) * sizeof *values);
  size_t all = reals_of(group, values), n = 0;
  for (size_t i = 0; i < all; i++) {
    if (!isnan(values[i])) {
      values[n++] = values[i] == 0 ? 0 : values[i];
    }
  }
  qsort(values, n, sizeof *values, compare_reals);
  size_t rank = ((size_t)group->q_percent * n + 99) / 100;
  rank = rank == 0 ? 1 : rank;
  char *made = n == 0 ? text("null") : text("%.17g", values[rank - 1]);
  free(values);
  return made;
}

static bool same(uint32_t type, const struct mock_cell *a,
                 const struct mock_cell *b)
{
  if (type >= PERI_T_STR) {
    return compare_texts(&a->s, &b->s) == 0;
  } else if (type == PERI_T_F64) {
    return a->f == b->f || (isnan(a->f) && isnan(b->f));
  }
  return a->i == b->i;
}

char *oracle_distinct(const struct oracle_group *group)
{
  int count = 0;
  for (size_t i = 0; i < group->n; i++) {
    size_t j = 0;
    while (j < i && (group->cells[j].null ||
                     !same(group->type, &group->cells[i], &group->cells[j]))) {
      j++;
    }
    count += !group->cells[i].null && j == i;
  }
  return text("%d", count);
}

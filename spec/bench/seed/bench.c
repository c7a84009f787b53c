/* bench.c - rounds, medians, tables. */
#include "bench.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS_MAX 32

double bench_now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

void bench_die(const char *what, const char *why)
{
  fprintf(stderr, "bench seed: %s: %s\n", what, why);
  exit(1);
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

double bench_median(double *values, int count)
{
  qsort(values, (size_t)count, sizeof *values, by_size);
  return count % 2 ? values[count / 2]
                   : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double net(double times[][ROUNDS_MAX], const struct bench_row *row,
                  int index, int round)
{
  double base = row->base < 0 ? 0 : times[row->base][round];
  return times[index][round] - base;
}

void bench_run(struct bench_row *rows, size_t count, int rounds)
{
  static double times[ROWS_MAX][ROUNDS_MAX];
  double values[ROUNDS_MAX];
  assert(count <= ROWS_MAX && rounds >= 1 && rounds <= ROUNDS_MAX);
  for (int round = 0; round < rounds; round++) {
    for (size_t i = 0; i < count; i++) {
      times[i][round] = rows[i].run ? rows[i].run(rows[i].arg) : 0;
    }
  }
  for (size_t i = 0; i < count; i++) {
    struct bench_row *row = &rows[i];
    for (int round = 0; round < rounds; round++) {
      values[round] = net(times, row, (int)i, round);
    }
    row->ns = bench_median(values, rounds);
    if (row->control < 0 || !row->run) {
      continue;
    }
    const struct bench_row *control = &rows[row->control];
    for (int round = 0; round < rounds; round++) {
      values[round] = net(times, row, (int)i, round) /
                      net(times, control, row->control, round);
    }
    row->ratio = bench_median(values, rounds);
  }
}

const char *bench_number(double value)
{
  static char texts[8][32];
  static int next;
  char *text = texts[next++ % 8], digits[32];
  if (value < 1000) {
    const char *format = value < 0.1 ? "%.4f" : value < 100 ? "%.2f" : "%.0f";
    snprintf(text, sizeof texts[0], format, value);
    return text;
  }
  int n = snprintf(digits, sizeof digits, "%.0f", value), at = 0;
  for (int i = 0; i < n; i++) {
    if (i > 0 && (n - i) % 3 == 0) {
      text[at++] = ',';
    }
    text[at++] = digits[i];
  }
  text[at] = '\0';
  return text;
}

void bench_print(const char *title, const char *unit,
                 const struct bench_row *rows, size_t count)
{
  printf("\n%-44s %10s %7s  %s\n", title, unit, "ratio", "published");
  for (size_t i = 0; i < count; i++) {
    const struct bench_row *row = &rows[i];
    char ratio[32] = "";
    if (row->run && row->control >= 0) {
      snprintf(ratio, sizeof ratio, "%.2f", row->ratio);
    }
    printf("%-44s %10s %7s  %s\n", row->what,
           row->run ? bench_number(row->ns) : "-", ratio,
           row->published ? row->published : "");
  }
}

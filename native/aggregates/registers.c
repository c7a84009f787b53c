/* registers.c - HyperLogLog with the estimator of Otmar Ertl, "New cardinality
 * estimation algorithms for HyperLogLog sketches" (arXiv:1702.01284, 2017),
 * algorithm 6: no tables, and no gap between small and large numbers. */
#include "registers.h"

#include <math.h>

#define RANKS (64 - REGISTERS_BITS + 1) /* the largest rank */

void registers_join(uint8_t *into, const uint8_t *from)
{
  for (int i = 0; i < REGISTERS; i++) {
    into[i] = from[i] > into[i] ? from[i] : into[i];
  }
}

static double sigma(double x)
{
  double y = 1, z = x, before;
  if (x == 1) {
    return INFINITY;
  }
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z != before);
  return z;
}

static double tau(double x)
{
  if (x == 0 || x == 1) {
    return 0;
  }
  double y = 1, z = 1 - x, before;
  do {
    x = sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z != before);
  return z / 3;
}

double registers_estimate(const uint8_t *registers)
{
  const double m = REGISTERS;
  int counts[RANKS + 1] = {0};
  for (int i = 0; i < REGISTERS; i++) {
    counts[registers[i]]++;
  }
  double z = m * tau(1 - counts[RANKS] / m);
  for (int rank = RANKS - 1; rank >= 1; rank--) {
    z = 0.5 * (z + counts[rank]);
  }
  z += m * sigma(counts[0] / m);
  return m / (2 * 0.69314718055994530942) * m / z;
}

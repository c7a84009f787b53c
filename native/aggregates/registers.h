/* registers.h - HyperLogLog: how many different hashes there were. */
#ifndef PERIGEE_AGGREGATES_REGISTERS_H
#define PERIGEE_AGGREGATES_REGISTERS_H
#include <stdint.h>

#define REGISTERS_BITS 14
#define REGISTERS (1 << REGISTERS_BITS) /* one byte each */
#define REGISTERS_ERROR "0.8 %"         /* standard error: 1.04 / sqrt(16384) */

static inline void registers_add(uint8_t *registers, uint64_t hash)
{
  uint32_t index = (uint32_t)(hash >> (64 - REGISTERS_BITS));
  uint64_t rest = hash << REGISTERS_BITS | UINT64_C(1) << (REGISTERS_BITS - 1);
  uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
  registers[index] = rank > registers[index] ? rank : registers[index];
}

void registers_join(uint8_t *into, const uint8_t *from);
double registers_estimate(const uint8_t *registers);
#endif

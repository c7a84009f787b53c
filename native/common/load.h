/* load.h - words of text, from any address. */
#ifndef PERIGEE_LOAD_H
#define PERIGEE_LOAD_H
#include <stdint.h>
#include <string.h>

static inline uint64_t load64(const char *p)
{
  uint64_t word;
  memcpy(&word, p, sizeof word);
  return word;
}

static inline uint16_t load16(const char *p)
{
  uint16_t value;
  memcpy(&value, p, sizeof value);
  return value;
}

static inline uint32_t load32(const char *p)
{
  uint32_t word;
  memcpy(&word, p, sizeof word);
  return word;
}
#endif

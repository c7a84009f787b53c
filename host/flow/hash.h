/* hash.h - hashing of 16-byte cells and of longer texts.
 *
 * The multiply-and-fold of wyhash (Wang Yi, final version 4, public domain).
 * The seed is drawn once for each run, so that nobody can write data whose keys
 * all fall together. */
#ifndef PG_FLOW_HASH_H
#define PG_FLOW_HASH_H
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PG_HASH_A 0xa0761d6478bd642full
#define PG_HASH_B 0xe7037ed1a0b428dbull
#define PG_HASH_C 0x8ebc6af09c88c6e3ull

static inline uint64_t pg_hash_fold(uint64_t a, uint64_t b)
{
  unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t pg_hash_pair(uint64_t a, uint64_t b, uint64_t seed)
{
  /* The seed is in both factors: a factor of zero hides the other one. */
  return pg_hash_fold(a ^ PG_HASH_A ^ seed, b ^ PG_HASH_B ^ (seed << 32));
}

static inline uint64_t pg_hash_load(const char *at)
{
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

/* Of at least 8 bytes. */
static inline uint64_t pg_hash_text(const char *text, size_t len, uint64_t seed)
{
  const char *end = text + len;
  uint64_t hash = seed ^ PG_HASH_C ^ len, other = PG_HASH_B ^ (seed << 32);
  for (; end - text > 16; text += 16) {
    hash = pg_hash_fold(pg_hash_load(text) ^ PG_HASH_A ^ hash,
                        pg_hash_load(text + 8) ^ other);
  }
  /* The last 16 bytes, which may overlap what came before. */
  uint64_t first = len >= 16 ? pg_hash_load(end - 16) : pg_hash_load(text);
  return pg_hash_fold(first ^ PG_HASH_A ^ hash, pg_hash_load(end - 8) ^ other);
}

#endif

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

/* Texts of 8 to 32 bytes are read in four words that may overlap: a loop over
 * lengths that vary costs more, in wrong guesses, than the hash. */
static inline void pg_hash_words(const char *text, size_t len,
                                 uint64_t words[4])
{
  size_t last = len - 8, second = last < 8 ? last : 8;
  words[0] = pg_hash_load(text);
  words[1] = pg_hash_load(text + second);
  words[2] = pg_hash_load(text + last - second);
  words[3] = pg_hash_load(text + last);
}

/* Of at least 8 bytes. */
static inline uint64_t pg_hash_text(const char *text, size_t len, uint64_t seed)
{
  uint64_t hash = seed ^ PG_HASH_C ^ len, other = PG_HASH_B ^ (seed << 32);
  uint64_t words[4];
  for (; len > 32; text += 16, len -= 16) {
    hash = pg_hash_fold(pg_hash_load(text) ^ PG_HASH_A ^ hash,
                        pg_hash_load(text + 8) ^ other);
  }
  pg_hash_words(text, len, words);
  hash = pg_hash_fold(words[0] ^ PG_HASH_A ^ hash, words[1] ^ other);
  return pg_hash_fold(words[2] ^ PG_HASH_A ^ hash, words[3] ^ other);
}

/* Texts of the same length, at least 8 bytes. */
static inline int pg_hash_same_text(const char *x, const char *y, size_t len)
{
  uint64_t a[4], b[4];
  if (len > 32 && memcmp(x, y, len - 32) != 0) {
    return 0;
  }
  size_t skip = len > 32 ? len - 32 : 0;
  pg_hash_words(x + skip, len - skip, a);
  pg_hash_words(y + skip, len - skip, b);
  return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

#endif

/* hash.h - 64-bit hashes of values.
 *
 * Numbers: the finaliser "Mix13" of David Stafford ("Better bit mixing", 2011),
 * as SplitMix64 uses it; it maps 64 bits one to one.  Bytes: wyhash of Wang Yi
 * (final version 4, public domain), without its seed. */
#ifndef PERIGEE_AGGREGATES_HASH_H
#define PERIGEE_AGGREGATES_HASH_H
#include <perigee/plugin.h>

static inline uint64_t hash_u64(uint64_t x)
{
  x ^= x >> 30;
  x *= UINT64_C(0xBF58476D1CE4E5B9);
  x ^= x >> 27;
  x *= UINT64_C(0x94D049BB133111EB);
  return x ^ x >> 31;
}

#define HASH_A UINT64_C(0x2D358DCCAA6C78A5)
#define HASH_B UINT64_C(0x8BB84B93962EACC9)
#define HASH_C UINT64_C(0x4B33A62ED433D4A3)
#define HASH_D UINT64_C(0x4D5A2DA51DE1AA47)

static inline void hash_multiply(uint64_t *a, uint64_t *b)
{
  unsigned __int128 product = (unsigned __int128)*a * *b;
  *a = (uint64_t)product;
  *b = (uint64_t)(product >> 64);
}

static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
  hash_multiply(&a, &b);
  return a ^ b;
}

static inline uint64_t hash_read8(const char *at)
{
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

static inline uint64_t hash_read4(const char *at)
{
  uint32_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

/* 1 to 3 bytes. */
static inline uint64_t hash_read3(const char *at, size_t n)
{
  const uint8_t *bytes = (const uint8_t *)at;
  return (uint64_t)bytes[0] << 16 | (uint64_t)bytes[n >> 1] << 8 | bytes[n - 1];
}

static inline uint64_t hash_bytes(const char *at, size_t len)
{
  uint64_t seed = hash_mix(HASH_A, HASH_B), a = 0, b = 0;
  if (len > 16) {
    size_t left = len;
    if (left > 48) {
      uint64_t second = seed, third = seed;
      for (; left > 48; at += 48, left -= 48) {
        seed = hash_mix(hash_read8(at) ^ HASH_B, hash_read8(at + 8) ^ seed);
        second =
          hash_mix(hash_read8(at + 16) ^ HASH_C, hash_read8(at + 24) ^ second);
        third =
          hash_mix(hash_read8(at + 32) ^ HASH_D, hash_read8(at + 40) ^ third);
      }
      seed ^= second ^ third;
    }
    for (; left > 16; at += 16, left -= 16) {
      seed = hash_mix(hash_read8(at) ^ HASH_B, hash_read8(at + 8) ^ seed);
    }
    a = hash_read8(at + left - 16); /* the last 16, some of them again */
    b = hash_read8(at + left - 8);
  } else if (len >= 4) {
    size_t half = (len >> 3) << 2;
    a = hash_read4(at) << 32 | hash_read4(at + half);
    b = hash_read4(at + len - 4) << 32 | hash_read4(at + len - 4 - half);
  } else if (len > 0) {
    a = hash_read3(at, len);
  }
  a ^= HASH_B;
  b ^= seed;
  hash_multiply(&a, &b);
  return hash_mix(a ^ HASH_A ^ len, b ^ HASH_B);
}
#endif

/* sha256.c - SHA-256 as FIPS 180-4 writes it down: names, constants and steps
 * are those of the standard.  Every start of the program reads every plugin
 * that it may need, so processors that have instructions for it use them. */
#include "plugin/sha256.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const uint32_t K[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
  0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
  0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
  0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
  0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
  0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotr(uint32_t x, int n)
{
  return x >> n | x << (32 - n);
}

static uint32_t big_endian(const unsigned char *at)
{
  return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
         at[3];
}

/* One of the 64 steps.  Instead of moving eight words along, the callers name
 * them in turn: three times as fast as a memmove(). */
static inline __attribute__((always_inline)) void
step(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
     uint32_t g, uint32_t *h, uint32_t k_and_w)
{
  uint32_t T1 = *h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +
                (g ^ (e & (f ^ g))) + k_and_w;
  uint32_t T2 =
    (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
  *d += T1;
  *h = T1 + T2;
}

static void add_block(uint32_t H[8], const unsigned char *block)
{
  uint32_t W[64];
  for (int t = 0; t < 16; t++) {
    W[t] = big_endian(block + 4 * t);
  }
  for (int t = 16; t < 64; t++) {
    uint32_t x = W[t - 15], y = W[t - 2];
    W[t] = (rotr(y, 17) ^ rotr(y, 19) ^ y >> 10) + W[t - 7] +
           (rotr(x, 7) ^ rotr(x, 18) ^ x >> 3) + W[t - 16];
  }
  uint32_t a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6],
           h = H[7];
  for (int t = 0; t < 64; t += 8) {
    step(a, b, c, &d, e, f, g, &h, K[t] + W[t]);
    step(h, a, b, &c, d, e, f, &g, K[t + 1] + W[t + 1]);
    step(g, h, a, &b, c, d, e, &f, K[t + 2] + W[t + 2]);
    step(f, g, h, &a, b, c, d, &e, K[t + 3] + W[t + 3]);
    step(e, f, g, &h, a, b, c, &d, K[t + 4] + W[t + 4]);
    step(d, e, f, &g, h, a, b, &c, K[t + 5] + W[t + 5]);
    step(c, d, e, &f, g, h, a, &b, K[t + 6] + W[t + 6]);
    step(b, c, d, &e, f, g, h, &a, K[t + 7] + W[t + 7]);
  }
  const uint32_t after[8] = {a, b, c, d, e, f, g, h};
  for (int i = 0; i < 8; i++) {
    H[i] += after[i];
  }
}

static void add_blocks(uint32_t H[8], const unsigned char *at, size_t count)
{
  for (; count > 0; count--, at += 64) {
    add_block(H, at);
  }
}

#ifdef __x86_64__
#include <cpuid.h>
#include <immintrin.h>

/* The same with the SHA extensions.  They keep the words as {a, b, e, f} and
 * {c, d, g, h}, do two steps at once, and make four words of W from the sixteen
 * before (Intel, "Intel SHA Extensions", 2013). */
__attribute__((target("sha,sse4.1"))) static void
add_blocks_sha(uint32_t H[8], const unsigned char *at, size_t count)
{
  const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i low = _mm_loadu_si128((const __m128i *)H);        /* d c b a */
  __m128i high = _mm_loadu_si128((const __m128i *)(H + 4)); /* h g f e */
  low = _mm_shuffle_epi32(low, 0xb1);
  high = _mm_shuffle_epi32(high, 0x1b);
  __m128i abef = _mm_alignr_epi8(low, high, 8);
  __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);
  for (; count > 0; count--, at += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i W[4];
    for (int i = 0; i < 4; i++) {
      W[i] =
        _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(at + 16 * i)), swap);
    }
    for (int i = 0; i < 16; i++) { /* W[i & 3]: words 4 i to 4 i + 3 */
      const __m128i now = W[i & 3];
      __m128i sum =
        _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)(K + 4 * i)));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
      const __m128i last = W[(i + 3) & 3], third = W[(i + 2) & 3];
      __m128i next = _mm_sha256msg1_epu32(now, W[(i + 1) & 3]);
      next = _mm_add_epi32(next, _mm_alignr_epi8(last, third, 4));
      W[i & 3] = _mm_sha256msg2_epu32(next, last);
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  low = _mm_shuffle_epi32(abef, 0x1b);
  high = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)H, _mm_blend_epi16(low, high, 0xf0));
  _mm_storeu_si128((__m128i *)(H + 4), _mm_alignr_epi8(high, low, 8));
}

/* Asked once: in a virtual machine cpuid takes longer than a small plugin. */
static bool has_sha;

__attribute__((constructor)) static void find_sha(void)
{
  unsigned a = 0, b = 0, c = 0, d = 0;
  __builtin_cpu_init();
  has_sha = __builtin_cpu_supports("sse4.1") &&
            __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1);
}
#endif

static void hash(const void *bytes, size_t size, char hex[65],
                 void (*add)(uint32_t *, const unsigned char *, size_t))
{
  uint32_t H[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                   0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  const unsigned char *at = bytes;
  size_t left = size % 64;
  add(H, at, size / 64);
  /* The rest, a one bit, zeros, and the length in bits: one block or two. */
  unsigned char last[128] = {0};
  memcpy(last, at + (size - left), left);
  last[left] = 0x80;
  size_t end = left < 56 ? 64 : 128;
  for (size_t i = 0; i < 8; i++) {
    last[end - 1 - i] = (unsigned char)((uint64_t)size * 8 >> (8 * i));
  }
  add(H, last, end / 64);
  for (int i = 0; i < 8; i++) {
    snprintf(hex + i * 8, 9, "%08x", H[i]);
  }
}

void pg_sha256_portable(const void *bytes, size_t size, char hex[65])
{
  hash(bytes, size, hex, add_blocks);
}

void pg_sha256(const void *bytes, size_t size, char hex[65])
{
#ifdef __x86_64__
  if (has_sha) {
    hash(bytes, size, hex, add_blocks_sha);
    return;
  }
#endif
  pg_sha256_portable(bytes, size, hex);
}

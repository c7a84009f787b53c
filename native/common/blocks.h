/* blocks.h - 64 bytes of text at a time, each answer one bit a byte.
 *
 * There are two sets of functions: *_plain for any machine, and *_avx2, to be
 * called only after blocks_have_avx2().  A loop that uses them is written once,
 * as an inline function that takes the set as a constant argument, and compiled
 * twice, the second time as BLOCKS_AVX2.
 */
#ifndef PERIGEE_BLOCKS_H
#define PERIGEE_BLOCKS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BLOCK_BYTES 64
#define BLOCKS_INLINE static inline __attribute__((always_inline))

/* Bit i: byte i of the block is `c`. */
typedef uint64_t block_mask_fn(const char *block, char c);

/* Bit i: the xor of the bits 0 to i. */
typedef uint64_t block_xor_fn(uint64_t bits);

static inline uint64_t block_xor_plain(uint64_t bits)
{
  for (int shift = 1; shift < BLOCK_BYTES; shift *= 2) {
    bits ^= bits << shift;
  }
  return bits;
}

#ifdef __SSE2__
#include <emmintrin.h>
static inline uint64_t block_mask_plain(const char *block, char c)
{
  const __m128i want = _mm_set1_epi8(c);
  uint64_t mask = 0;
  for (int i = 0; i < BLOCK_BYTES; i += 16) {
    __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(block + i));
    mask |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(text, want))
            << i;
  }
  return mask;
}
#else
static inline uint64_t block_mask_plain(const char *block, char c)
{
  uint64_t mask = 0;
  for (int i = 0; i < BLOCK_BYTES; i++) {
    mask |= (uint64_t)(block[i] == c) << i;
  }
  return mask;
}
#endif

#ifdef __x86_64__
#include <immintrin.h>
#define BLOCKS_AVX2 __attribute__((target("avx2,popcnt,bmi,pclmul")))

#ifdef PERIGEE_PLAIN_ONLY /* for tests, on a machine that has it */
static inline bool blocks_have_avx2(void)
{
  return false;
}
#else
static inline bool blocks_have_avx2(void)
{
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul");
}
#endif

BLOCKS_AVX2 static inline uint64_t block_mask_avx2(const char *block, char c)
{
  const __m256i want = _mm256_set1_epi8(c);
  __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)block);
  __m256i high =
    _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
  uint32_t a = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, want));
  uint32_t b = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, want));
  return a | (uint64_t)b << 32;
}

BLOCKS_AVX2 static inline uint64_t block_xor_avx2(uint64_t bits)
{
  /* A product without carries by all ones. */
  __m128i product = _mm_clmulepi64_si128(_mm_cvtsi64_si128((long long)bits),
                                         _mm_set1_epi8(-1), 0);
  return (uint64_t)_mm_cvtsi128_si64(product);
}
#else
#define BLOCKS_AVX2
#define block_mask_avx2 block_mask_plain
#define block_xor_avx2 block_xor_plain

static inline bool blocks_have_avx2(void)
{
  return false;
}
#endif

/* The bits of the first `left` bytes. */
static inline uint64_t block_real(size_t left)
{
  return left < BLOCK_BYTES ? ((uint64_t)1 << left) - 1 : ~(uint64_t)0;
}
#endif

/* survey.c - is it UTF-8, and how many lines?
 *
 * The AVX2 pass is the lookup method of Keiser and Lemire ("Validating UTF-8 in
 * less than one instruction per byte", 2021): three table lookups by nibble
 * tell which errors a pair of neighbouring bytes may be part of, and what all
 * three agree on is an error.
 */
#include "survey.h"

#include "blocks.h"
#include "utf8_text.h"

struct text_survey text_survey_plain(const char *bytes, size_t len,
                                     struct text_lines lines)
{
  struct text_survey survey = {.valid = utf8_valid(bytes, len)};
  for (size_t i = 0; i < len; i++) {
    if (bytes[i] == '\n') {
      if (survey.noted < lines.max) {
        lines.at[survey.noted++] = (uint32_t)i;
      }
      survey.newlines++;
    }
  }
  return survey;
}

#ifdef __x86_64__

enum {
  TOO_SHORT = 1 << 0,   /* a first byte, then no continuation */
  TOO_LONG = 1 << 1,    /* ASCII, then a continuation */
  OVERLONG_3 = 1 << 2,  /* E0 80..9F */
  TOO_LARGE = 1 << 3,   /* F4 90.. or above */
  SURROGATE = 1 << 4,   /* ED A0..BF */
  OVERLONG_2 = 1 << 5,  /* C0, C1 */
  TOO_LARGE_2 = 1 << 6, /* F5.. 80..8F */
  OVERLONG_4 = 1 << 6,  /* F0 80..8F */
  TWO_CONTS = 1 << 7,
  CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS,
  LARGE = CARRY | TOO_LARGE | TOO_LARGE_2,
  SECOND = TOO_LONG | OVERLONG_2 | TWO_CONTS,
};

#define TABLE(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))
#define FOUR(x) (char)(x), (char)(x), (char)(x), (char)(x)

BLOCKS_AVX2 static inline __m256i high_nibbles(__m256i bytes)
{
  return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(15));
}

BLOCKS_AVX2 static inline __m256i pair_errors(__m256i bytes, __m256i before)
{
  const __m256i first_high =
    TABLE(FOUR(TOO_LONG), FOUR(TOO_LONG), FOUR(TWO_CONTS),
          TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
          TOO_SHORT | TOO_LARGE | TOO_LARGE_2 | OVERLONG_4);
  const __m256i first_low =
    TABLE((char)(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4),
          (char)(CARRY | OVERLONG_2), (char)CARRY, (char)CARRY,
          (char)(CARRY | TOO_LARGE), (char)LARGE, (char)LARGE, (char)LARGE,
          FOUR(LARGE), (char)LARGE, (char)(LARGE | SURROGATE), (char)LARGE,
          (char)LARGE);
  const __m256i second_high =
    TABLE(FOUR(TOO_SHORT), FOUR(TOO_SHORT),
          (char)(SECOND | OVERLONG_3 | TOO_LARGE_2 | OVERLONG_4),
          (char)(SECOND | OVERLONG_3 | TOO_LARGE),
          (char)(SECOND | SURROGATE | TOO_LARGE),
          (char)(SECOND | SURROGATE | TOO_LARGE), FOUR(TOO_SHORT));
  __m256i low = _mm256_and_si256(before, _mm256_set1_epi8(15));
  __m256i errors =
    _mm256_and_si256(_mm256_shuffle_epi8(first_high, high_nibbles(before)),
                     _mm256_shuffle_epi8(first_low, low));
  return _mm256_and_si256(
    errors, _mm256_shuffle_epi8(second_high, high_nibbles(bytes)));
}

/* Not zero where `bytes`, that come after `past`, are not UTF-8. */
BLOCKS_AVX2 static inline __m256i block_errors(__m256i bytes, __m256i past)
{
  __m256i joint = _mm256_permute2x128_si256(past, bytes, 0x21);
  __m256i before1 = _mm256_alignr_epi8(bytes, joint, 15);
  __m256i before2 = _mm256_alignr_epi8(bytes, joint, 14);
  __m256i before3 = _mm256_alignr_epi8(bytes, joint, 13);
  __m256i third = _mm256_subs_epu8(before2, _mm256_set1_epi8(0xE0 - 0x80));
  __m256i fourth = _mm256_subs_epu8(before3, _mm256_set1_epi8(0xF0 - 0x80));
  /* Here a second continuation is due, and TWO_CONTS no error. */
  __m256i due = _mm256_and_si256(_mm256_or_si256(third, fourth),
                                 _mm256_set1_epi8((char)0x80));
  return _mm256_xor_si256(due, pair_errors(bytes, before1));
}

/* Counts and notes the newlines of 64 bytes at `base`. */
BLOCKS_AVX2 static inline void note_lines(struct text_survey *survey,
                                          struct text_lines lines,
                                          uint64_t newlines, size_t base)
{
  int count = __builtin_popcountll(newlines);
  uint32_t *to = lines.at + survey->noted;
  survey->newlines += count;
  if (lines.max - survey->noted < 64) {
    lines.max = survey->noted; /* from here on, no more */
    return;
  }
  survey->noted += (size_t)count;
  /* One is written even if there is none: cheaper than to ask. */
  do {
    *to++ = (uint32_t)base + (uint32_t)_tzcnt_u64(newlines);
    newlines &= newlines - 1;
  } while (newlines);
}

BLOCKS_AVX2 struct text_survey text_survey_avx2(const char *bytes, size_t len,
                                                struct text_lines lines)
{
  const __m256i newline = _mm256_set1_epi8('\n');
  __m256i past = _mm256_setzero_si256(), errors = past;
  int past_high = 0;
  struct text_survey survey = {0};
  char last[64] = {0};
  /* The last block is filled up with zeros, and may be nothing but zeros: what
   * ends too early shows as too short. */
  size_t whole = len & ~(size_t)63;
  memcpy(last, bytes + whole, len - whole);
  for (size_t i = 0; i <= whole; i += 64) {
    const char *at = i < whole ? bytes + i : last;
    __m256i a = _mm256_loadu_si256((const __m256i *)at);
    __m256i b = _mm256_loadu_si256((const __m256i *)(at + 32));
    int high = _mm256_movemask_epi8(_mm256_or_si256(a, b));
    uint64_t low_lines =
      (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, newline));
    uint64_t high_lines =
      (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, newline));
    note_lines(&survey, lines, low_lines | high_lines << 32, i);
    if (high | past_high) {
      errors = _mm256_or_si256(errors, block_errors(a, past));
      errors = _mm256_or_si256(errors, block_errors(b, a));
    }
    past = b;
    past_high = high;
  }
  survey.valid = _mm256_testz_si256(errors, errors);
  return survey;
}
#else
struct text_survey text_survey_avx2(const char *bytes, size_t len,
                                    struct text_lines lines)
{
  return text_survey_plain(bytes, len, lines);
}
#endif

struct text_survey text_survey(const char *bytes, size_t len,
                               struct text_lines lines)
{
#ifdef __x86_64__
  if (blocks_have_avx2()) {
    return text_survey_avx2(bytes, len, lines);
  }
#endif
  return text_survey_plain(bytes, len, lines);
}

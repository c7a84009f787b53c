/* marks.c - finds bytes, 64 at a time. */
#include "marks.h"

#define AT_ONCE 4
#define TOP_BIT ((uint64_t)1 << 63)

void marks_init(struct marks *marks, const char *text, size_t len,
                const char *bytes)
{
  marks->text = text;
  marks->len = len;
  marks->done = marks->first = marks->count = 0;
  marks->ended = false;
  marks->avx2 = blocks_have_avx2();
  for (int i = 0; i < 4; i++) {
    marks->bytes[i] = *bytes;
    bytes += bytes[1] != '\0';
  }
}

BLOCKS_INLINE void find(struct marks *marks, block_mask_fn *mask)
{
  size_t done = marks->done, len = marks->len;
  uint32_t count = marks->count - marks->first;
  const char *bytes = marks->bytes;
  bool two = bytes[1] != bytes[0], three = bytes[2] != bytes[1],
       four = bytes[3] != bytes[2];
  memmove(marks->at, marks->at + marks->first, count * sizeof *marks->at);
  for (; done < len && count < MARKS_MAX; done += BLOCK_BYTES) {
    const char *block = marks->text + done;
    uint64_t found = mask(block, bytes[0]);
    found |= two ? mask(block, bytes[1]) : 0;
    found |= three ? mask(block, bytes[2]) : 0;
    found |= four ? mask(block, bytes[3]) : 0;
    found &= block_real(len - done);
    uint32_t *to = marks->at + count;
    count += (uint32_t)__builtin_popcountll(found);
    /* Some marks are written that are not there: cheaper than to ask. */
    do {
      for (int i = 0; i < AT_ONCE; i++) {
        to[i] = (uint32_t)done + (uint32_t)__builtin_ctzll(found | TOP_BIT);
        found &= found - 1;
      }
      to += AT_ONCE;
    } while (found);
  }
  marks->done = done;
  marks->ended = done >= len;
  if (marks->ended) {
    marks->at[count++] = (uint32_t)len;
  }
  marks->first = 0;
  marks->count = count;
}

void marks_find_plain(struct marks *marks)
{
  find(marks, block_mask_plain);
}

BLOCKS_AVX2 void marks_find_avx2(struct marks *marks)
{
  find(marks, block_mask_avx2);
}

void marks_find(struct marks *marks)
{
  if (marks->avx2) {
    marks_find_avx2(marks);
  } else {
    marks_find_plain(marks);
  }
}

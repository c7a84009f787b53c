/* shown.c - text made fit for a terminal.
 *
 * A log line may hold escape sequences that would repaint the screen, and marks
 * that turn the direction of writing: they are shown as escapes.
 */
#include "shown.h"
#include "utf8_text.h"

#include <stdio.h>

struct range {
  uint32_t first, last;
};

/* East Asian wide and full-width blocks, and the emoji blocks: whole blocks of
 * Unicode 15, where a table by code point would be thirty times as long. */
static const struct range wide[] = {
  {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},
  {0x23E9, 0x23EC},   {0x2614, 0x2615},   {0x2648, 0x2653},
  {0x26AA, 0x26AB},   {0x26BD, 0x26BE},   {0x26C4, 0x26C5},
  {0x2705, 0x2705},   {0x270A, 0x270B},   {0x2728, 0x2728},
  {0x274C, 0x274C},   {0x2753, 0x2755},   {0x2757, 0x2757},
  {0x2795, 0x2797},   {0x2B1B, 0x2B1C},   {0x2B50, 0x2B50},
  {0x2E80, 0x303E},   {0x3041, 0x33FF},   {0x3400, 0x4DBF},
  {0x4E00, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
  {0xF900, 0xFAFF},   {0xFE10, 0xFE19},   {0xFE30, 0xFE6F},
  {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x16FE0, 0x18DFF},
  {0x1AFF0, 0x1B2FF}, {0x1F18E, 0x1F18E}, {0x1F191, 0x1F19A},
  {0x1F200, 0x1F320}, {0x1F32D, 0x1F335}, {0x1F337, 0x1F37C},
  {0x1F37E, 0x1F393}, {0x1F3A0, 0x1F3CA}, {0x1F3CF, 0x1F3D3},
  {0x1F3E0, 0x1F3F0}, {0x1F3F4, 0x1F3F4}, {0x1F3F8, 0x1F43E},
  {0x1F440, 0x1F440}, {0x1F442, 0x1F4FC}, {0x1F4FF, 0x1F53D},
  {0x1F54B, 0x1F567}, {0x1F595, 0x1F596}, {0x1F5FB, 0x1F64F},
  {0x1F680, 0x1F6C5}, {0x1F6CC, 0x1F6FF}, {0x1F7E0, 0x1F7EB},
  {0x1F90C, 0x1F9FF}, {0x1FA70, 0x1FAFF}, {0x20000, 0x3FFFD},
};

/* Combining marks of common scripts, joiners and variation selectors. */
static const struct range narrow[] = {
  {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD},   {0x05BF, 0x05BF},
  {0x05C1, 0x05C2}, {0x0610, 0x061A}, {0x064B, 0x065F},   {0x0670, 0x0670},
  {0x06D6, 0x06DC}, {0x0900, 0x0902}, {0x093C, 0x093C},   {0x0941, 0x0948},
  {0x094D, 0x094D}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A},   {0x0E47, 0x0E4E},
  {0x1160, 0x11FF}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},   {0x200B, 0x200D},
  {0x20D0, 0x20FF}, {0x302A, 0x302D}, {0x3099, 0x309A},   {0xFE00, 0xFE0F},
  {0xFE20, 0xFE2F}, {0xFEFF, 0xFEFF}, {0x1F3FB, 0x1F3FF}, {0xE0100, 0xE01EF},
};

/* Marks that change the direction of what follows. */
static const struct range turning[] = {
  {0x061C, 0x061C},
  {0x200E, 0x200F},
  {0x2028, 0x202E},
  {0x2066, 0x2069},
};

static int is_in(const struct range *ranges, size_t count, uint32_t code)
{
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (code > ranges[middle].last) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < count && code >= ranges[low].first;
}

#define IS_IN(ranges, code)                                                    \
  is_in((ranges), sizeof(ranges) / sizeof *(ranges), (code))

int shown_width(uint32_t code)
{
  if (code < 0x300) {
    return 1;
  }
  return IS_IN(narrow, code) ? 0 : IS_IN(wide, code) ? 2 : 1;
}

static void show_escape(struct shown_piece *piece, const char *format,
                        uint32_t code)
{
  int n = snprintf(piece->text, sizeof piece->text, format, code);
  piece->len = (size_t)n;
  piece->width = n;
}

static void show_control(struct shown_piece *piece, uint32_t code)
{
  static const char *const short_forms[] = {
    ['\t'] = "\\t", ['\n'] = "\\n", ['\r'] = "\\r"};
  const char *text = code <= '\r' ? short_forms[code] : NULL;
  show_escape(piece, text ? text : "\\x%02x", code);
}

size_t shown_next(struct shown_piece *piece, const char *text, size_t len)
{
  const unsigned char *bytes = (const unsigned char *)text;
  size_t n = utf8_sequence(bytes, len);
  if (n == 0) {
    show_control(piece, bytes[0]);
    return 1;
  }
  uint32_t code = utf8_code_point(bytes, n);
  if (code < 0x20 || (code >= 0x7F && code < 0xA0)) {
    show_control(piece, code);
  } else if (IS_IN(turning, code)) {
    show_escape(piece, "\\u{%x}", code);
  } else {
    memcpy(piece->text, text, n);
    piece->len = n;
    piece->width = shown_width(code);
  }
  return n;
}

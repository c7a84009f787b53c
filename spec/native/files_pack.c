/* files_pack.c - gzip of stored blocks (RFC 1952, 1951), zstd of runs (RFC
 * 8878), and one sample of each made by the real programs. */
#include "files_pack.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUN_MAX 131072 /* of one block of zstd */

static void add(struct packed *packed, const void *bytes, size_t len)
{
  packed->at = realloc(packed->at, packed->len + len + 1);
  memcpy(packed->at + packed->len, bytes, len);
  packed->len += len;
}

static void add_number(struct packed *packed, uint32_t number, int bytes)
{
  for (int i = 0; i < bytes; i++) {
    char byte = (char)(number >> 8 * i);
    add(packed, &byte, 1);
  }
}

static uint32_t crc32_of(const char *text, size_t len)
{
  uint32_t crc = ~0u;
  for (size_t i = 0; i < len; i++) {
    crc ^= (uint8_t)text[i];
    for (int bit = 0; bit < 8; bit++) {
      crc = crc >> 1 ^ (crc & 1 ? 0xEDB88320u : 0);
    }
  }
  return ~crc;
}

struct packed pack_gzip(const char *text, size_t len, size_t step)
{
  struct packed packed = {NULL, 0};
  size_t at = 0;
  add(&packed, "\x1f\x8b\x08\0\0\0\0\0\0\x03", 10);
  do {
    size_t n = len - at < step ? len - at : step;
    add_number(&packed, at + n == len, 1);
    add_number(&packed, (uint32_t)n, 2);
    add_number(&packed, ~(uint32_t)n, 2);
    add(&packed, text + at, n);
    at += n;
  } while (at < len);
  add_number(&packed, crc32_of(text, len), 4);
  add_number(&packed, (uint32_t)len, 4);
  return packed;
}

struct packed pack_zstd(char byte, size_t n)
{
  struct packed packed = {NULL, 0};
  add(&packed, "\x28\xb5\x2f\xfd\x00\x58", 6);
  do {
    size_t run = n < RUN_MAX ? n : RUN_MAX;
    n -= run;
    add_number(&packed, (uint32_t)run << 3 | 1u << 1 | (n == 0), 3);
    add(&packed, &byte, 1);
  } while (n > 0);
  return packed;
}

struct packed pack_join(int count, ...)
{
  struct packed all = {NULL, 0};
  va_list list;
  va_start(list, count);
  for (int i = 0; i < count; i++) {
    const struct packed *one = va_arg(list, const struct packed *);
    add(&all, one->at, one->len);
  }
  va_end(list);
  return all;
}

const char *pack_sample_text(void)
{
  static char text[700];
  size_t len = 0;
  for (int i = 0; i < 40; i++) {
    len += (size_t)sprintf(text + len, "row %d of many\n", i * 37 % 41);
  }
  return text;
}

#define SAMPLE(bytes)                                                          \
  static char sample[] = bytes;                                                \
  return (struct packed)                                                       \
  {                                                                            \
    sample, sizeof sample - 1                                                  \
  }

struct packed pack_sample_gzip(void)
{
  SAMPLE("\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x5d\xd1\xbb\x11\xc2\x40"
         "\x0c\x45\xd1\x9c\x2a\xb6\x04\x9e\x64\x7e\xe5\x90\x90\x81\x67\x9c"
         "\x30\xee\xde\x64\xcc\xd9\xf0\x26\x67\x25\xed\xb6\x7e\xc7\x79\xac"
         "\xaf\xf1\x7e\x7e\xf6\xd3\xf6\xab\xbe\x99\x4d\xd6\xc3\xbc\x98\x21"
         "\x23\x15\x29\x25\x21\x9d\xbe\x9b\x8b\xe9\xfc\x75\x35\x4b\x58\x2a"
         "\x52\x91\x9a\x24\x5f\x75\xfc\x76\xfe\x76\x81\xf2\x10\xe5\x21\x22"
         "\x95\xe9\x14\x52\xd3\xef\x50\xcb\xf4\x93\xce\xdf\x2e\x50\x5e\xa2"
         "\xbc\x44\x49\x45\x2a\x52\x7f\xe9\x00\x96\x11\xf0\x14\x4f\x02\x00"
         "\x00");
}

struct packed pack_sample_zstd(void)
{
  SAMPLE("\x28\xb5\x2f\xfd\x60\x4f\x01\xd5\x02\x00\x22\x04\x0d\x11\xc0\xb7"
         "\x01\xee\xdb\x0e\xf7\x7f\x58\xd9\xdd\xdd\xdb\x8f\x8a\x73\x03\x6c"
         "\xfa\x42\x36\xd3\x2b\xbc\x7d\xf6\x6f\xed\xd9\x67\x5a\xc8\x37\xb5"
         "\x42\xbe\x67\xdf\xfe\xd9\x76\x7b\x20\x15\x41\xc2\x30\xa1\x02\x32"
         "\x27\x28\xa8\x10\xb0\xde\xdf\xa0\x5d\x03\x10\x10\x61\x44\x30\x3e"
         "\x82\x92\x43\x64\x80\x8b\x95\x57\x46\xc9\xeb\x87\xaa\x04\x47\x92"
         "\x91\x00\x29\x05");
}

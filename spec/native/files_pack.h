/* files_pack.h - packed bytes for files_test.c, made without zlib and libzstd,
 * so that the test does not believe what it tests. */
#ifndef PERIGEE_FILES_PACK_H
#define PERIGEE_FILES_PACK_H
#include <stddef.h>

struct packed {
  char *at; /* of pack_*(): the caller's to free; of samples: static */
  size_t len;
};

/* A member of gzip whose stored blocks hold `step` bytes each. */
struct packed pack_gzip(const char *text, size_t len, size_t step);
/* A frame of zstd: `byte`, n times. */
struct packed pack_zstd(char byte, size_t n);
/* `count` of them, one behind the other. */
struct packed pack_join(int count, ...);

/* The same text, packed by gzip and by zstd themselves. */
const char *pack_sample_text(void);
struct packed pack_sample_gzip(void);
struct packed pack_sample_zstd(void);
#endif

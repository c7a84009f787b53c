/* unpack.c - zlib and libzstd behind one call.  Members of gzip and frames of
 * zstd may follow one another; zeros behind a member are padding, as tapes
 * leave it. */
#include "unpack.h"

#include <limits.h>

const char unpack_no_memory[] = "no memory";

static const unsigned char gzip_magic[] = {0x1f, 0x8b, 0x08};
static const unsigned char zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
/* A skippable frame, which pzstd writes first; the first byte is 0x50-0x5f. */
static const unsigned char skip_magic[] = {0x50, 0x2a, 0x4d, 0x18};

/* The format whose first bytes these are, as far as they go. */
static enum unpack_format begun(const unsigned char *bytes, size_t len,
                                size_t *magic_len)
{
  size_t n = len < sizeof gzip_magic ? len : sizeof gzip_magic;
  *magic_len = sizeof gzip_magic;
  if (memcmp(bytes, gzip_magic, n) == 0) {
    return UNPACK_GZIP;
  }
  n = len < sizeof zstd_magic ? len : sizeof zstd_magic;
  *magic_len = sizeof zstd_magic;
  if (memcmp(bytes, zstd_magic, n) == 0 ||
      ((bytes[0] & 0xf0) == skip_magic[0] &&
       memcmp(bytes + 1, skip_magic + 1, n - 1) == 0)) {
    return UNPACK_ZSTD;
  }
  return UNPACK_NONE;
}

enum unpack_format unpack_format_of(const unsigned char *bytes, size_t len)
{
  size_t magic_len = 0;
  enum unpack_format format =
    len > 0 ? begun(bytes, len, &magic_len) : UNPACK_NONE;
  return len >= magic_len ? format : UNPACK_NONE;
}

bool unpack_may_follow(const unsigned char *bytes, size_t len)
{
  size_t magic_len = 0;
  return len == 0 ||
         (begun(bytes, len, &magic_len) != UNPACK_NONE && len < magic_len);
}

/* ------------------------------------------------------------------- memory */

static voidpf gzip_alloc(voidpf cx, uInt items, uInt size)
{
  return ((peri_cx *)cx)->sv->realloc(cx, NULL, (size_t)items * size);
}

static void gzip_free(voidpf cx, voidpf block)
{
  ((peri_cx *)cx)->sv->realloc(cx, block, 0);
}

bool unpack_start(struct unpack *unpack, peri_cx *cx, enum unpack_format format)
{
  unpack->format = format;
  unpack->between = false;
  if (format == UNPACK_ZSTD) {
    unpack->zstd = unpack->zstd ? unpack->zstd : ZSTD_createDStream();
    return unpack->zstd && !ZSTD_isError(ZSTD_initDStream(unpack->zstd));
  }
  unpack->gzip.opaque = cx;
  if (unpack->gzip.state) {
    return inflateReset(&unpack->gzip) == Z_OK;
  }
  unpack->gzip.zalloc = gzip_alloc;
  unpack->gzip.zfree = gzip_free;
  bool started = inflateInit2(&unpack->gzip, MAX_WBITS + 16) == Z_OK;
  unpack->gzip.state = started ? unpack->gzip.state : NULL;
  return started;
}

void unpack_fini(struct unpack *unpack, peri_cx *cx)
{
  ZSTD_freeDStream(unpack->zstd);
  if (unpack->gzip.state) {
    unpack->gzip.opaque = cx;
    inflateEnd(&unpack->gzip);
  }
  *unpack = (struct unpack){0};
}

/* --------------------------------------------------------------------- data */

static uInt length_of(size_t n)
{
  return n > UINT_MAX ? UINT_MAX : (uInt)n;
}

static const char *gunzip(struct unpack *unpack, const unsigned char **in,
                          const unsigned char *in_end, char **out,
                          char *out_end)
{
  z_stream *gzip = &unpack->gzip;
  if (unpack->between) {
    while (*in < in_end && **in == 0) {
      ++*in;
    }
    if (*in == in_end) {
      return NULL;
    }
    inflateReset(gzip);
    unpack->between = false;
  }
  gzip->next_in = (z_const Bytef *)(uintptr_t)*in;
  gzip->avail_in = length_of((size_t)(in_end - *in));
  gzip->next_out = (Bytef *)*out;
  gzip->avail_out = length_of((size_t)(out_end - *out));
  int result = inflate(gzip, Z_NO_FLUSH);
  *in = gzip->next_in;
  *out = (char *)gzip->next_out;
  unpack->between = result == Z_STREAM_END;
  switch (result) {
  case Z_OK:
  case Z_STREAM_END:
  case Z_BUF_ERROR: /* no progress: more of either is needed */
    return NULL;
  case Z_MEM_ERROR:
    return unpack_no_memory;
  default:
    return gzip->msg ? gzip->msg : "it is damaged";
  }
}

static const char *unzstd(struct unpack *unpack, const unsigned char **in,
                          const unsigned char *in_end, char **out,
                          char *out_end)
{
  ZSTD_inBuffer from = {*in, (size_t)(in_end - *in), 0};
  ZSTD_outBuffer to = {*out, (size_t)(out_end - *out), 0};
  if (unpack->between && from.size == 0) {
    return NULL; /* the library would take it for the start of a frame */
  }
  size_t result = ZSTD_decompressStream(unpack->zstd, &to, &from);
  *in += from.pos;
  *out += to.pos;
  unpack->between = result == 0;
  return ZSTD_isError(result) ? ZSTD_getErrorName(result) : NULL;
}

const char *unpack_some(struct unpack *unpack, peri_cx *cx,
                        const unsigned char **in, const unsigned char *in_end,
                        char **out, char *out_end)
{
  unpack->gzip.opaque = cx;
  return unpack->format == UNPACK_ZSTD
           ? unzstd(unpack, in, in_end, out, out_end)
           : gunzip(unpack, in, in_end, out, out_end);
}

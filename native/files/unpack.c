/* unpack.c - zlib and libzstd behind one call.  Members of gzip and frames of
 * zstd may follow one another; zeros behind a member are padding, as tapes
 * leave it. */
#include "unpack.h"

#include <limits.h>
#include <zstd_errors.h>

const char unpack_no_memory[] = "no memory";

/* What a packed file begins with, and how much of it no text begins with: that
 * is not UTF-8, so that what follows it is damage. */
static const struct magic {
  unsigned char bytes[4], mask;
  unsigned len, certain;
  enum unpack_format format;
} magics[] = {
  {{0x1f, 0x8b, 0x08}, 0xff, 3, 2, UNPACK_GZIP},
  {{0x28, 0xb5, 0x2f, 0xfd}, 0xff, 4, 3, UNPACK_ZSTD},
  /* A skippable frame, which pzstd writes first; the first byte is 0x50-0x5f.
   */
  {{0x50, 0x2a, 0x4d, 0x18}, 0xf0, 4, 4, UNPACK_ZSTD},
};

/* How many of the bytes are those of the magic. */
static size_t alike(const struct magic *magic, const unsigned char *bytes,
                    size_t len)
{
  size_t n = 0;
  while (n < len && n < magic->len &&
         (bytes[n] & (n == 0 ? magic->mask : 0xff)) == magic->bytes[n]) {
    n++;
  }
  return n;
}

enum unpack_format unpack_format_of(const unsigned char *bytes, size_t len)
{
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
    if (alike(&magics[i], bytes, len) >= magics[i].certain) {
      return magics[i].format;
    }
  }
  return UNPACK_NONE;
}

bool unpack_may_follow(const unsigned char *bytes, size_t len)
{
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
    if (len < magics[i].len && alike(&magics[i], bytes, len) == len) {
      return true;
    }
  }
  return false;
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

/* zlib's words are short. */
static const char *explain(const char *said)
{
  static const struct {
    const char *said, *means;
  } words[] = {
    {"incorrect header check", "expected another member (1f 8b) or the end"},
    {"unknown compression method", "expected method 08, deflate, and flags"},
    {"unknown header flags set", "expected method 08 and flags below 20"},
    {"incorrect data check", "the checksum differs from that of the data"},
    {"incorrect length check", "the length differs from that of the data"},
  };
  for (size_t i = 0; said && i < sizeof words / sizeof *words; i++) {
    if (strcmp(said, words[i].said) == 0) {
      return words[i].means;
    }
  }
  return said ? said : "it is damaged";
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
    return explain(gzip->msg);
  }
}

static const char *explain_zstd(size_t result)
{
  switch (ZSTD_getErrorCode(result)) {
  case ZSTD_error_prefix_unknown:
    return "expected another frame (28 b5 2f fd) or the end";
  case ZSTD_error_memory_allocation:
    return unpack_no_memory;
  case ZSTD_error_checksum_wrong:
    return "the checksum differs from that of the data";
  case ZSTD_error_frameParameter_windowTooLarge:
    return "it needs more than 128 MiB of memory";
  default:
    return "it is damaged";
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
  return ZSTD_isError(result) ? explain_zstd(result) : NULL;
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

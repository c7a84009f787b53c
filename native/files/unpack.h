/* unpack.h - gzip and zstd, by content, a piece at a time. */
#ifndef PERIGEE_FILES_UNPACK_H
#define PERIGEE_FILES_UNPACK_H
#include <perigee/plugin.h>
#include <zlib.h>
#include <zstd.h>

enum unpack_format { UNPACK_NONE, UNPACK_GZIP, UNPACK_ZSTD };

/* What the first bytes of a file say. */
enum unpack_format unpack_format_of(const unsigned char *bytes, size_t len);
/* Could more bytes still make these the start of a packed file? */
bool unpack_may_follow(const unsigned char *bytes, size_t len);

/* The zeroed struct is empty. */
struct unpack {
  enum unpack_format format;
  bool between; /* a member or frame has ended, none begun */
  z_stream gzip;
  ZSTD_DStream *zstd;
};

/* Begins a file.  False: no memory. */
bool unpack_start(struct unpack *unpack, peri_cx *cx,
                  enum unpack_format format);
void unpack_fini(struct unpack *unpack, peri_cx *cx);

extern const char unpack_no_memory[];

/* Unpacks from [*in, in_end) to [*out, out_end) and moves both.  NULL, or what
 * is wrong with the data (static); unpack_no_memory: nothing is. */
const char *unpack_some(struct unpack *unpack, peri_cx *cx,
                        const unsigned char **in, const unsigned char *in_end,
                        char **out, char *out_end);
#endif

/* stream.h - one open file, unpacked when it is packed. */
#ifndef PERIGEE_FILES_STREAM_H
#define PERIGEE_FILES_STREAM_H
#include "inputs.h"
#include "unpack.h"

#define STREAM_HEAD 4096 /* keeps what is read after it aligned */

/* Reused from file to file; the zeroed struct is closed. */
struct stream {
  bool open, ended;
  bool regular; /* reads do not wait */
  bool known;   /* `packed` is */
  bool packed;
  bool full; /* packed: more may come without more input */
  bool eof;  /* the file has no more */
  /* What is wrong, told once what came before was given: */
  const char *why;  /* with the packed data, or NULL */
  int64_t error;    /* with the file, -errno, or 0 */
  const char *path; /* borrowed from the inputs */
  int32_t fd;
  uint64_t got; /* bytes read, of all files so far */
  struct unpack unpack;
  unsigned char *input; /* owned, of STREAM_INPUT bytes; packed files only */
  const unsigned char *in, *in_end; /* read, and not yet given */
  unsigned char head[STREAM_HEAD];
};

peri_status stream_open(struct stream *stream, peri_cx *cx, const peri_io *io,
                        struct input *input);
/* Up to n bytes.  PERI_AGAIN: nothing yet.  stream->ended: these were the last.
 */
peri_status stream_read(struct stream *stream, peri_cx *cx, const peri_io *io,
                        char *to, size_t n, size_t *len);
/* Passes over the next n bytes, when they are plain ones of a regular file.
 * [out]  at  where in the file they are */
bool stream_skip(struct stream *stream, peri_cx *cx, const peri_io *io,
                 size_t n, uint64_t *at);
void stream_close(struct stream *stream, peri_cx *cx, const peri_io *io);
void stream_fini(struct stream *stream, peri_cx *cx, const peri_io *io);
#endif

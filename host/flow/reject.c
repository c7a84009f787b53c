/* reject.c - malformed rows. */
#include "flow/reject.h"

#include "base/io.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 4096 /* bytes of a record in a sample: it is for reading */
#define WRITE_BYTES ((size_t)64 << 10)

/* ------------------------------------------------------------------ samples */

bool pg_reject_is_shown(const struct pg_flow *flow)
{
  return flow->result->sample_count < flow->options->shown_max;
}

static char *copy(const char *text, size_t len)
{
  char *made = malloc(len + 1);
  if (made) {
    memcpy(made, text, len);
    made[len] = '\0';
  }
  return made;
}

void pg_reject_sample_fini(struct pg_reject_sample *sample)
{
  free(sample->stream);
  free(sample->why);
  free(sample->text);
}

static bool keep(struct pg_run_result *result,
                 const struct pg_reject_note *note)
{
  size_t count = (size_t)result->sample_count + 1;
  struct pg_reject_sample *samples =
    realloc(result->samples, count * sizeof *samples);
  if (!samples) {
    return false;
  }
  result->samples = samples;
  size_t len = note->text.len < TEXT_MAX ? note->text.len : TEXT_MAX;
  struct pg_reject_sample sample = {.stream =
                                      copy(note->stream, strlen(note->stream)),
                                    .line = note->line,
                                    .byte = note->byte,
                                    .why = copy(note->why.ptr, note->why.len),
                                    .text = copy(note->text.ptr, len),
                                    .text_len = len};
  if (!sample.stream || !sample.why || !sample.text) {
    pg_reject_sample_fini(&sample);
    return false;
  }
  samples[count - 1] = sample;
  result->sample_count++;
  return true;
}

bool pg_reject_count(struct pg_flow *flow, const struct pg_reject_note *note)
{
  /* Functions of the script may run on a worker, and reject rows there. */
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  pthread_mutex_lock(&lock);
  flow->result->rejects++;
  bool kept = !pg_reject_is_shown(flow) || keep(flow->result, note);
  pthread_mutex_unlock(&lock);
  return kept;
}

/* ----------------------------------------------------------------- the file */

enum pg_status pg_reject_file_open(struct pg_reject_file *file,
                                   const char *path, struct pg_error *err)
{
  int fd = pg_io_get()->open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (fd < 0) {
    return pg_fail(err, PG_IO, "cannot open '%s': %s", path, strerror(-fd));
  }
  *file = (struct pg_reject_file){.path = path, .fd = fd};
  return PG_OK;
}

static enum pg_status flush(struct pg_reject_file *file, struct pg_error *err)
{
  if (file->text.len == 0) {
    return PG_OK;
  }
  int failed =
    pg_io_write_all(file->fd, file->text.block->bytes, file->text.len);
  file->text.len = 0;
  return failed == 0 ? PG_OK
                     : pg_fail(err, PG_IO, "cannot write '%s': %s", file->path,
                               strerror(-failed));
}

enum pg_status pg_reject_file_write(struct pg_reject_file *file,
                                    peri_str record, struct pg_error *err)
{
  if (!file->path) {
    return PG_OK;
  }
  bool newline = record.len > 0 && record.ptr[record.len - 1] == '\n';
  if (!pg_text_append(&file->text, record.ptr, record.len) ||
      (!newline && !pg_text_append(&file->text, "\n", 1))) {
    return pg_fail(err, PG_NO_MEMORY, "no memory for malformed rows");
  }
  return file->text.len >= WRITE_BYTES ? flush(file, err) : PG_OK;
}

enum pg_status pg_reject_file_close(struct pg_reject_file *file,
                                    struct pg_error *err)
{
  if (!file->path) {
    return PG_OK;
  }
  enum pg_status status = flush(file, err);
  int failed = pg_io_get()->close(file->fd);
  if (failed < 0 && status == PG_OK) {
    status = pg_fail(err, PG_IO, "cannot write '%s': %s", file->path,
                     strerror(-failed));
  }
  pg_text_fini(&file->text);
  *file = (struct pg_reject_file){0};
  return status;
}

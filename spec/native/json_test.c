/* json_test.c - the decoder and encoder "json": json_test PLUGIN.so */
#include "json_run.h"
#include "mock_text.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 5000
#define WORKERS 3

struct run {
  struct mock decoders[WORKERS]; /* decode a chunk each, in turns */
  int turn;
  struct mock encoder;
  char *names[NAMES_MAX]; /* of columns, in the order in which they came */
  int name_count;
  struct mock_wanted wanted;
  const char *const *paths;
  int path_count;
  struct mock_text rejects;
  bool why;
};

/* Notes the columns that are new, as a host does to give all batches of a
 * stream the same order. */
static void note_names(struct run *run, const struct peri_batch *batch)
{
  for (int64_t i = 0; i < batch->n_cols; i++) {
    int at = 0;
    while (at < run->name_count &&
           (strlen(run->names[at]) != batch->names[i].len ||
            memcmp(run->names[at], batch->names[i].ptr, batch->names[i].len))) {
      at++;
    }
    if (at == run->name_count) {
      run->names[run->name_count++] =
        strndup(batch->names[i].ptr, batch->names[i].len);
    }
  }
}

/* The columns in this order. */
static void put_in_order(struct peri_batch *batch, const char *const *order,
                         int count)
{
  peri_col *cols = (peri_col *)(uintptr_t)batch->cols;
  peri_str *names = (peri_str *)(uintptr_t)batch->names;
  int64_t done = 0;
  for (int i = 0; i < count; i++) {
    for (int64_t c = done; c < batch->n_cols; c++) {
      if (names[c].len == strlen(order[i]) &&
          memcmp(names[c].ptr, order[i], names[c].len) == 0) {
        peri_col col = cols[c];
        peri_str name = names[c];
        cols[c] = cols[done];
        names[c] = names[done];
        cols[done] = col;
        names[done++] = name;
      }
    }
  }
}

static void transcode_chunk(struct run *run, const char *bytes, size_t len,
                            size_t offset, uint32_t flags)
{
  struct mock *decoder = &run->decoders[run->turn++ % WORKERS];
  char *block = malloc(len + 64);
  memcpy(block, bytes, len);
  memset(block + len, '"', 64);
  peri_status status =
    mock_decode_chunk(decoder, &run->wanted, block, len, flags);
  MOCK_CHECK(status == PERI_OK, "decoding failed: %s", decoder->message);
  struct peri_out *out = &decoder->out;
  struct peri_batch *batch = mock_batch(out);
  note_names(run, batch);
  if (run->paths) {
    put_in_order(batch, run->paths, run->path_count);
  } else {
    put_in_order(batch, (const char *const *)run->names, run->name_count);
  }
  free(mock_encode(&run->encoder, batch, false));
  mock_batch_free(batch);
  for (int i = 0; i < out->reject_count; i++) {
    mock_addf(&run->rejects, "reject at %zu%s%s\n",
              offset + out->rejects[i].offset, run->why ? ": " : "",
              run->why ? out->rejects[i].why : "");
  }
  mock_reset(decoder);
  free(block);
}

/* Cuts the stream at `cut`, and every `step` bytes from there on. */
static void transcode(struct run *run, const char *bytes, size_t len,
                      size_t cut, size_t step)
{
  uint32_t flags = PERI_CHUNK_FIRST;
  size_t done = 0;
  for (size_t end = cut; end < len; end += step) {
    int64_t whole =
      mock_split(&run->decoders[0], bytes + done, end - done, flags);
    if (whole > 0) {
      transcode_chunk(run, bytes + done, (size_t)whole, done, flags);
      flags = 0;
      done += (size_t)whole;
    }
  }
  transcode_chunk(run, bytes + done, len - done, done, flags | PERI_CHUNK_LAST);
}

char *json_transcode(const peri_plugin *plugin, const char *bytes, size_t len,
                     size_t cut, size_t step, const char *const *paths,
                     int path_count, bool why)
{
  struct run run = {.paths = paths, .path_count = path_count, .why = why};
  peri_field *fields = calloc((size_t)path_count + 1, sizeof *fields);
  for (int i = 0; i < path_count; i++) {
    fields[i].name = (peri_str){paths[i], strlen(paths[i])};
  }
  run.wanted =
    (struct mock_wanted){paths == NULL, fields, (uint32_t)path_count};
  for (int i = 0; i < WORKERS; i++) {
    mock_init(&run.decoders[i], plugin, PERI_K_DECODER, "json", NULL);
  }
  mock_init(&run.encoder, plugin, PERI_K_ENCODER, "json", NULL);
  transcode(&run, bytes, len, cut, step);
  struct mock_text text = {0};
  mock_add(&text, "", 0);
  if (run.encoder.written.len) {
    mock_add(&text, run.encoder.written.at, run.encoder.written.len);
  }
  if (run.rejects.at) {
    mock_add(&text, run.rejects.at, run.rejects.len);
  }
  for (int i = 0; i < WORKERS; i++) {
    mock_fini(&run.decoders[i]);
  }
  mock_fini(&run.encoder);
  for (int i = 0; i < run.name_count; i++) {
    free(run.names[i]);
  }
  free(run.rejects.at);
  free(fields);
  return text.at;
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: json_test PLUGIN.so");
  const peri_plugin *plugin = mock_load(argv[1]);
  json_check_cases(plugin);
  json_check_encoder(plugin);
  json_check_numbers(plugin);
  json_check_kept(plugin);
  json_check_twin(plugin);
  printf("json: %ld checks passed\n", mock_checks);
  return 0;
}

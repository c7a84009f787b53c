/* json_test.c - the decoder and encoder "json": json_test PLUGIN.so */
#include "json_run.h"
#include "mock_text.h"

#include <stdlib.h>
#include <string.h>

struct run {
  struct mock decoder, encoder;
  struct mock_wanted wanted;
  const char *const *paths;
  int path_count;
  struct mock_text rejects;
  bool why;
};

/* The columns in the order of the paths. */
static void put_in_order(const struct run *run, struct peri_batch *batch)
{
  peri_col *cols = (peri_col *)(uintptr_t)batch->cols;
  peri_str *names = (peri_str *)(uintptr_t)batch->names;
  int64_t done = 0;
  for (int i = 0; i < run->path_count; i++) {
    for (int64_t c = done; c < batch->n_cols; c++) {
      if (names[c].len == strlen(run->paths[i]) &&
          memcmp(names[c].ptr, run->paths[i], names[c].len) == 0) {
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
  char *block = malloc(len + 64);
  memcpy(block, bytes, len);
  memset(block + len, '"', 64);
  peri_status status =
    mock_decode_chunk(&run->decoder, &run->wanted, block, len, flags);
  MOCK_CHECK(status == PERI_OK, "decoding failed: %s", run->decoder.message);
  struct peri_out *out = &run->decoder.out;
  struct peri_batch *batch = mock_batch(out);
  put_in_order(run, batch);
  free(mock_encode(&run->encoder, batch, false));
  mock_batch_free(batch);
  for (int i = 0; i < out->reject_count; i++) {
    mock_addf(&run->rejects, "reject at %zu%s%s\n",
              offset + out->rejects[i].offset, run->why ? ": " : "",
              run->why ? out->rejects[i].why : "");
  }
  mock_reset(&run->decoder);
  free(block);
}

char *json_transcode(const peri_plugin *plugin, const char *bytes, size_t len,
                     size_t cut, const char *const *paths, int path_count,
                     bool why)
{
  struct run run = {.paths = paths, .path_count = path_count, .why = why};
  peri_field *fields = calloc((size_t)path_count + 1, sizeof *fields);
  for (int i = 0; i < path_count; i++) {
    fields[i].name = (peri_str){paths[i], strlen(paths[i])};
  }
  run.wanted =
    (struct mock_wanted){paths == NULL, fields, (uint32_t)path_count};
  mock_init(&run.decoder, plugin, PERI_K_DECODER, "json", NULL);
  mock_init(&run.encoder, plugin, PERI_K_ENCODER, "json", NULL);
  uint32_t flags = PERI_CHUNK_FIRST;
  int64_t whole = mock_split(&run.decoder, bytes, cut, flags);
  if (whole > 0) {
    transcode_chunk(&run, bytes, (size_t)whole, 0, flags);
    flags = 0;
  }
  transcode_chunk(&run, bytes + whole, len - (size_t)whole, (size_t)whole,
                  flags | PERI_CHUNK_LAST);
  struct mock_text text = {0};
  mock_add(&text, "", 0);
  if (run.encoder.written.len) {
    mock_add(&text, run.encoder.written.at, run.encoder.written.len);
  }
  if (run.rejects.at) {
    mock_add(&text, run.rejects.at, run.rejects.len);
  }
  mock_fini(&run.decoder);
  mock_fini(&run.encoder);
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
  json_check_twin(plugin);
  printf("json: %ld checks passed\n", mock_checks);
  return 0;
}

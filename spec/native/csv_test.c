/* csv_test.c - the decoder and encoder "csv": csv_test PLUGIN.so */
#include "csv_run.h"

#include <stdlib.h>

const peri_plugin *csv;

static const peri_str no_text = {"", 0};
const struct csv_in csv_usual = {
  .sep = {",", 1}, .header = true, .quote = {"\"", 1}, .nulls = {&no_text, 1}};
const struct csv_out csv_usual_out = {
  .sep = {",", 1}, .header = true, .nulls = {"", 0}};

char *csv_with_names(char *text)
{
  static const struct {
    const char *number, *name;
  } names[] = {{"\\u000a", "\\n"}, {"\\u000d", "\\r"}, {"\\u0009", "\\t"}};
  char *to = text;
  for (const char *at = text; *at;) {
    size_t i = 0;
    while (i < 3 && strncmp(at, names[i].number, 6) != 0) {
      i++;
    }
    if (i < 3) {
      memcpy(to, names[i].name, 2);
      to += 2;
      at += 6;
    } else {
      *to++ = *at++;
    }
  }
  *to = '\0';
  return text;
}

char *csv_decode(const struct csv_in *params, const struct mock_wanted *wanted,
                 const char *bytes, size_t len, size_t cut)
{
  struct mock mock;
  peri_status status = mock_init(&mock, csv, PERI_K_DECODER, "csv", params);
  MOCK_CHECK(status == PERI_OK, "OPEN failed: %s", mock.message);
  char *rows = mock_decode(&mock, wanted, bytes, len, cut);
  mock_fini(&mock);
  return csv_with_names(rows);
}

int main(int argc, char **argv)
{
  MOCK_CHECK(argc == 2, "usage: csv_test PLUGIN.so");
  csv = mock_load(argv[1]);
  csv_check_cases();
  csv_check_random();
  csv_check_encoder();
  printf("csv: %ld checks passed\n", mock_checks);
  return 0;
}

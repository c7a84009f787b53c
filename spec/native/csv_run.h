/* csv_run.h - what the parts of the test of the plugin "csv" share. */
#ifndef PERIGEE_CSV_RUN_H
#define PERIGEE_CSV_RUN_H
#include "mock_host.h"
#include "mock_text.h"

#include <perigee/plugin.h>

/* The parameters, as the plugin declares them. */
struct csv_in {
  peri_str sep;
  bool header;
  peri_list_str names;
  peri_str quote;
  peri_list_str nulls;
  int64_t sample;
};
struct csv_out {
  peri_str sep;
  bool header;
  peri_str nulls;
};
#define CSV_STR(text) ((peri_str){(text), strlen(text)})

extern const peri_plugin *csv;
extern const struct csv_in csv_usual;      /* the defaults, but `sample` is 0 */
extern const struct csv_out csv_usual_out; /* the defaults */

/* The rows and rejects that the decoder makes of the stream. */
char *csv_decode(const struct csv_in *params, const struct mock_wanted *wanted,
                 const char *bytes, size_t len, size_t cut);
/* Rows as mock_rows() prints them, with \n in place of \u000a and so on: JSON
 * text has it so.  Returns `text`. */
char *csv_with_names(char *text);
/* What it should make of it, with all columns wanted and none declared. */
char *csv_oracle(const struct csv_in *params, const char *bytes, size_t len);

/* The parts. */
void csv_check_cases(void);   /* csv_cases.c */
void csv_check_encoder(void); /* csv_encoder.c */
void csv_check_random(void);  /* csv_random.c */
#endif

/* run.h - runs a graph until its sources end, or the user stops it. */
#ifndef PG_FLOW_RUN_H
#define PG_FLOW_RUN_H
#include "flow/graph.h"

struct pg_run_options {
  bool progress;  /* show it on stderr */
  int shown_max;  /* malformed rows to keep for the report */
  int workers;    /* threads that decode and transform; 0: one for each core */
  int batch_rows; /* at most so many rows in a batch; 0: as decoded */
};

/* A malformed row. */
struct pg_reject_sample {
  char *stream;  /* path of the file, or a stage for rows of `each` */
  int64_t line;  /* from 1; 0: not known */
  uint64_t byte; /* of its first byte in the stream, from 0 */
  char *why, *text;
  size_t text_len;
};

struct pg_names {
  char **list; /* owned */
  int count;
};

struct pg_run_result { /* release with pg_run_result_fini() */
  uint64_t rows_in, rows_out, bytes_in, rejects;
  double seconds;
  bool interrupted;
  struct pg_reject_sample *samples;
  int sample_count;
  struct pg_names absent;   /* columns that a decoder never saw, but should */
  struct pg_names present;  /* when some are: those that it saw at first */
  struct pg_counts *counts; /* owned; of each node */
  int node_count;           /* 0: there are none */
};

/* SIGINT and SIGTERM drain the run: sources are polled no more, what was read
 * goes through, results come.  A second one ends the process at once (130).
 *
 * [out]  result  set also when the run fails
 * Fails: as its stages do.  A sink whose reader has gone ends its branch and is
 *        no failure.
 * Thread: main
 */
enum pg_status pg_run(const struct pg_graph *graph,
                      const struct pg_run_options *options,
                      struct pg_run_result *result, struct pg_error *err);
void pg_run_result_fini(struct pg_run_result *result);

#endif

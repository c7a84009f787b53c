/* pipe.h - pipelines for the specs of the engine: graphs built by hand over
 * shipped plugins and spec/plugins/flow_parts.c, with a script in C.
 *
 *   static void build(struct pipe *p)
 *   {
 *     pipe_part(p, PERI_K_SOURCE, "numbers", NULL);
 *     pipe_where(p, "is_even(x)");
 *     pipe_sink(p);
 *   }
 *   pipe_expect("even numbers", build, "x=0\nx=2\n");
 *
 * What goes wrong in the building ends the test. */
#ifndef PG_SPEC_FLOW_PIPE_H
#define PG_SPEC_FLOW_PIPE_H
#include "flow/run.h"

#define PIPE_NODES_MAX 32

struct pipe_node;
struct pipe {
  struct pg_node nodes[PIPE_NODES_MAX];
  struct pipe_node *more[PIPE_NODES_MAX]; /* what the script knows of them */
  int count;
  int last; /* the next node comes behind it; -1: behind none */
  struct pg_arena arena;
  struct pg_script script;
  struct pg_graph graph;
  struct pg_run_options options; /* may be changed before pipe_run() */
  struct pg_run_result result;   /* set by it */
  struct pg_error err;
  int calls; /* of the script, by threads that must not overlap */
};

typedef void pipe_build_fn(struct pipe *p);

struct pipe *pipe_new(void);
void pipe_free(struct pipe *p);

/* Each adds a node behind the one added last, unless it is a source, and gives
 * its index.
 *
 * An item of a plugin: parameters are pairs of a name and a literal in Lua's
 * spelling ("'text'", "3"); "[a" is a list of one text.  NULL ends them. */
int pipe_item(struct pipe *p, uint32_t kind, const char *plugin,
              const char *item, ...);
/* The same of flow_parts. */
int pipe_part(struct pipe *p, uint32_t kind, const char *item, ...);
int pipe_file(struct pipe *p, const char *path); /* the source `file` */
/* Expressions: a column, "function(column)" of flow_parts, or a number.  NULL
 * ends them. */
int pipe_where(struct pipe *p, const char *expression);
int pipe_derive(struct pipe *p, const char *name, const char *expression, ...);
int pipe_route(struct pipe *p, const char *expression, ...);
int pipe_tee(struct pipe *p);
int pipe_select(struct pipe *p, const char *name, ...);
int pipe_drop(struct pipe *p, const char *name, ...);
int pipe_rename(struct pipe *p, const char *from, const char *to, ...);
/* Columns to group by with commas between them; then pairs of a name and an
 * aggregate: "count()", "sum(x)". */
int pipe_group(struct pipe *p, const char *by, ...);
/* Gives these batches ([take]). */
int pipe_batches(struct pipe *p, struct pg_batch *const *batches, int count);
/* Rows pass through the function, which takes the batch; NULL: none are left.
 */
typedef struct pg_batch *pipe_rows_fn(struct pg_batch *batch);
int pipe_each(struct pipe *p, pipe_rows_fn *function);
/* Notes every row: "a=1 b=text\n". */
int pipe_sink(struct pipe *p);
/* A decoder, an encoder in Lua: lines of one column `line`. */
int pipe_lua_decode(struct pipe *p);
int pipe_lua_encode(struct pipe *p);

/* Which call of the script for this node fails, from 1. */
void pipe_fail_at(struct pipe *p, int node, int call);

/* The columns that a decoder is asked for; types by name, NULL ends them. */
void pipe_need(struct pipe *p, int decode, bool all, const char *name,
               const char *type, ...);

/* The next node comes behind this one. */
void pipe_from(struct pipe *p, int node);
void pipe_edge(struct pipe *p, int from, int to); /* -1: rows end there */

enum pg_status pipe_run(struct pipe *p);
/* What a sink noted; borrowed. */
const char *pipe_text(const struct pipe *p, int sink);
/* How often close was called for a node of the script. */
int pipe_closed(const struct pipe *p, int node);
int pipe_opened(const struct pipe *p, int node);

/* Runs the pipeline in every mode, with one and several workers and batches of
 * any and of few rows: all of its sinks must note the same, one after the
 * other. */
void pipe_expect(const char *what, pipe_build_fn *build, const char *expected);
/* The same, but it must fail with a text that holds `part`. */
void pipe_refuse(const char *what, pipe_build_fn *build, enum pg_status status,
                 const char *part);

/* One column of a batch: i64, or str when texts are given. */
struct pg_batch *pipe_numbers(const char *name, const int64_t *numbers,
                              int64_t n);
struct pg_batch *pipe_reals(const char *name, const double *numbers, int64_t n);
struct pg_batch *pipe_texts(const char *name, const char *const *texts,
                            int64_t n); /* NULL: null */

/* A file of the test's own directory; static path, of the last eight calls. */
const char *pipe_path(const char *name);
const char *pipe_write(const char *name, const char *bytes, size_t size);
char *pipe_read(const char *name, size_t *size); /* release with free() */

const struct pg_plugin *pipe_plugin(const char *name);

#endif

/* mock_host.h - a host for the C tests of plugins: the services of abi.h over
 * malloc, so that the sanitizers see every byte, and helpers to run one stage.
 *
 *   const peri_plugin *plugin = mock_load("build/native/json.so");
 *   struct mock mock;
 *   mock_init(&mock, plugin, PERI_K_DECODER, "json", NULL);
 *   char *rows = mock_decode(&mock, &spec, text, len, cut);
 *   ...
 *   mock_fini(&mock);
 *
 * The mock is unkind where the contract allows it: out_values() always moves
 * the values and frees the old place, fresh values are filled with 0xA5, the
 * chunk lies in a block of its own whose last 64 bytes are noise.  What breaks
 * the contract ends the test with a message.  Results of mock_*() functions
 * that return char * are malloc'ed and NUL-ended.
 */
#ifndef PERIGEE_MOCK_HOST_H
#define PERIGEE_MOCK_HOST_H
#include <perigee/abi.h>
#include <stdbool.h>
#include <stdio.h>

struct mock_column {
  char *name;
  size_t name_len;
  uint32_t type;
  int64_t rows_max;
  void *values;   /* owned, of rows_max rows; NULL: none asked for */
  uint8_t *valid; /* owned, a byte a row; NULL: no nulls */
};

struct mock_reject {
  size_t offset, len; /* offset: in the stream when decoded by mock_decode() */
  char *why;
};

/* A batch being made. */
struct peri_out {
  struct mock *mock;
  struct mock_column *columns;
  int count;
  int64_t rows;         /* -1: out_rows() was not called */
  char **buffers;       /* of views; 0 is the chunk, borrowed */
  int buffer_count;
  void **stale;         /* values before out_retype() */
  int stale_count;
  struct mock_reject *rejects;
  int reject_count;
  uint32_t *picked;     /* out_pick() and out_slice(), one after the other */
  int64_t picked_count;
};

/* One instance of a stage or codec. */
struct mock {
  peri_cx cx; /* first: services get a pointer to it */
  const peri_plugin *plugin;
  const peri_item *item;
  const void *params;
  void *state;
  struct peri_out out;
  struct { char *at; size_t len, room; } written; /* by encoders */
  char *message;      /* of the last fail(), or NULL */
  char *logged;       /* all log lines, each ended with '\n', or NULL */
  void **arena_blocks;
  int arena_count;
  int64_t live;       /* blocks of realloc() that are not freed */
  int64_t fail_after; /* this many more allocations work; below 0: all */
  const peri_io *io;  /* files, in place of the system's; NULL: those */
  bool sorted;        /* mock_rows(): columns in the order of their names */
  bool typed;         /* mock_rows(): a first line names columns and types */
};

/* What the decoder is asked for. */
struct mock_wanted {
  bool all;
  const peri_field *fields;
  uint32_t count;
};
/* A field literal: MOCK_FIELD("geo.country", PERI_T_STR) */
#define MOCK_FIELD(name, type) {{(name), sizeof(name) - 1}, (type), 0}

/* The plugin in the file `path`; ends the test when it does not load. */
const peri_plugin *mock_load(const char *path);
/* The item, or NULL.  `kind`: PERI_K_*. */
const peri_item *mock_item(const peri_plugin *plugin, int kind,
                           const char *name);
/* The function behind a hook of an item, or NULL. */
peri_anyfn mock_hook(const peri_plugin *plugin, const peri_item *owner,
                     int hook);

/* Makes an instance and calls OPEN; its status.  `params`: the item's params
 * struct, filled by the test [borrow until mock_fini], or NULL for zeros. */
peri_status mock_init(struct mock *mock, const peri_plugin *plugin, int kind,
                      const char *name, const void *params);
/* The same, where `fail_after` holds during OPEN too. */
peri_status mock_init_failing(struct mock *mock, const peri_plugin *plugin,
                              int kind, const char *name, const void *params,
                              int64_t fail_after);
/* The same, with files of the test's own. */
peri_status mock_init_io(struct mock *mock, const peri_plugin *plugin, int kind,
                         const char *name, const void *params,
                         int64_t fail_after, const peri_io *io);
/* The files of the system, for a test that makes some calls fail. */
extern const peri_io mock_system_io;
/* CLOSE, then checks that the instance freed what it had. */
void mock_fini(struct mock *mock);

/* Decodes a stream of len bytes, given to SPLIT in pieces that end at byte
 * `cut` and at the end (cut 0: at once), as a host does: what SPLIT leaves is
 * given again with what follows.  Returns all rows, as mock_rows() prints
 * them, and then the rejects, as lines "reject at OFFSET+LEN: WHY".  A failed
 * call ends the text with "failed STATUS: MESSAGE". */
char *mock_decode(struct mock *mock, const struct mock_wanted *wanted,
                  const char *bytes, size_t len, size_t cut);
/* The same in pieces of `step` bytes. */
char *mock_decode_steps(struct mock *mock, const struct mock_wanted *wanted,
                        const char *bytes, size_t len, size_t step);
/* The same, where `mock` only splits, and `others` decode a chunk each, one
 * after the other, as the workers of a host do. */
char *mock_decode_in_turns(struct mock *mock, struct mock *others, int count,
                           const struct mock_wanted *wanted, const char *bytes,
                           size_t len, size_t step);
/* One call of DECODE, for a test that looks at mock->out itself.  64 readable
 * bytes follow `bytes`, which stay as long as mock->out is looked at. */
peri_status mock_decode_chunk(struct mock *mock,
                              const struct mock_wanted *wanted,
                              const char *bytes, size_t len, uint32_t flags);
/* The same with a chunk of the test's own, with 64 readable bytes behind it. */
peri_status mock_decode_this(struct mock *mock, const peri_chunk *chunk);
/* The same as mock_decode_chunk() for `first`, and then PICK of these rows for
 * `wanted`. */
peri_status mock_decode_pick(struct mock *mock, const struct mock_wanted *first,
                             const struct mock_wanted *wanted,
                             const char *bytes, size_t len, uint32_t flags,
                             const uint32_t *rows, int64_t n);
/* One call of SPLIT. */
int64_t mock_split(struct mock *mock, const char *bytes, size_t len,
                   uint32_t flags);
/* Names the columns that SCHEMA gives: "a i64, b str"; NULL: it failed. */
char *mock_schema(struct mock *mock);

/* The batch made so far: a line a row, {"a":1,"b":"text"}: nulls left out,
 * integral f64 without ".0", time as @nanoseconds, json raw. */
char *mock_rows(const struct peri_out *out);
/* The columns made so far as a batch; release with mock_batch_free(). */
struct peri_batch *mock_batch(const struct peri_out *out);
void mock_batch_free(struct peri_batch *batch);

/* ENCODE, and FINISH when `finish`; all bytes written so far by the instance,
 * or NULL after a failure. */
char *mock_encode(struct mock *mock, const peri_batch *batch, bool finish);
/* PROCESS of a kernel, or FLUSH of anything when batch is NULL; the result is
 * in mock->out. */
peri_status mock_process(struct mock *mock, const peri_batch *batch);
/* POLL of a source of bytes, into `room`. */
peri_status mock_poll(struct mock *mock, char *room, size_t room_len,
                      peri_poll *poll);
/* The same of a host that reads files itself (`in_file`). */
peri_status mock_poll_file(struct mock *mock, char *room, size_t room_len,
                           peri_poll *poll);
/* PUT of a sink of bytes. */
peri_status mock_put(struct mock *mock, const char *bytes, size_t len);
/* Empties mock->out and the arena, as the host does between calls. */
void mock_reset(struct mock *mock);

/* Ends the test with a message when `ok` is false; counts. */
#define MOCK_CHECK(ok, ...) mock_check((ok), __FILE__, __LINE__, __VA_ARGS__)
void mock_check(bool ok, const char *file, int line, const char *format, ...)
  __attribute__((format(printf, 4, 5)));
/* Compares texts and says where they part. */
#define MOCK_SAME(got, expected)                                               \
  mock_same((got), (expected), __FILE__, __LINE__, "")
#define MOCK_SAME_OF(got, expected, context)                                   \
  mock_same((got), (expected), __FILE__, __LINE__, (context))
void mock_same(const char *got, const char *expected, const char *file,
               int line, const char *context);
extern long mock_checks; /* how many were made */
#endif

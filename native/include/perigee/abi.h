/* perigee/abi.h - the contract between perigee and a native plugin.
 *
 * Plain C99 (also C++17) structs and constants, for any language to bind; the
 * macros that C authors use are in perigee/plugin.h.  A plugin links against
 * nothing: this file is all there is.
 *
 *   A values           B call context and host services
 *   C items and hooks  D the exported object, and the note checked before load
 *
 * Growth     A struct is FROZEN, or it starts with its size and only ever
 *            gains fields at the end.  What is new in an item is a new hook
 *            number, so no table of callbacks changes shape.  No enum, long,
 *            bitfield or bool in a shared struct.
 * Ownership  Nobody frees what the other side made.  [borrow] is valid until
 *            the call returns.  Results lie in the arguments, in static data
 *            or in memory that a service gave; the host copies what it keeps.
 * Errors     A status comes back; the text goes to the host at once through
 *            fail(), which copies it.  No longjmp and no exception crosses.
 * Threads    [any] any thread, at the same time.  [one] never two calls at
 *            once for one instance; the thread may change.  [main] only the
 *            thread that builds and ends the pipeline.
 * Order      Instance: OPEN, then PROCESS / DECODE / ENCODE / POLL / WRITE any
 *            number of times, PICK at most once after a DECODE, FLUSH at most
 *            once, CLOSE exactly once if OPEN succeeded (or if there is no
 *            OPEN).
 */
#ifndef PERIGEE_ABI_H
#define PERIGEE_ABI_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif

#define PERI_ABI_MAJOR 1 /* another major: another exported symbol */
#define PERI_ABI_MINOR 0 /* a minor only appends */

/* ---------------------------------------------------------------- A values */

typedef int32_t peri_status; /* below 0: an error */
#define PERI_OK 0
#define PERI_END 1      /* source, kernel: no more, ever */
#define PERI_AGAIN 2    /* source: nothing yet */
#define PERI_EINVAL -1  /* the caller or a parameter is wrong */
#define PERI_EDATA -2   /* the data is bad */
#define PERI_ERETRY -3  /* may work later */
#define PERI_EIO -4     /* the outside world failed */
#define PERI_ENOMEM -5
#define PERI_ECANCEL -6
#define PERI_EPIPE -7   /* sink: the reader has gone; not an error of the run */
#define PERI_EBUG -8    /* a promise was broken; the instance is dead */

/* Bytes with a length.  FROZEN.  Not NUL-ended; may hold any byte. */
typedef struct peri_str {
  const char *ptr;
  size_t len;
} peri_str;

/* One argument or result of a function.  FROZEN, 16 bytes.  Records, lists,
 * options, buffers, variants and objects go through `ptr`. */
typedef union peri_slot {
  uint8_t b, u8;
  int8_t i8;
  int16_t i16;
  uint16_t u16;
  int32_t i32;
  uint32_t u32;
  int64_t i64;
  uint64_t u64;
  float f32;
  double f64;
  peri_str str;
  void *ptr;
} peri_slot;

/* Column types.  The Arrow format letter is in brackets. */
#define PERI_T_NULL 0  /* every row is null [n] */
#define PERI_T_BOOL 1  /* one byte a row on this border, 0 or 1 [b] */
#define PERI_T_I8 2    /* [c] */
#define PERI_T_U8 3    /* [C] */
#define PERI_T_I16 4   /* [s] */
#define PERI_T_U16 5   /* [S] */
#define PERI_T_I32 6   /* [i] */
#define PERI_T_U32 7   /* [I] */
#define PERI_T_I64 8   /* [l] */
#define PERI_T_U64 9   /* [L] */
#define PERI_T_F32 10  /* [f] */
#define PERI_T_F64 11  /* [g] */
#define PERI_T_TIME 12 /* int64 nanoseconds since 1970, UTC [tsn:UTC] */
#define PERI_T_STR 13  /* utf8 [u, vu] */
#define PERI_T_BIN 14  /* any bytes [z, vz] */
#define PERI_T_JSON 15 /* JSON text, extension arrow.json [u, vu] */

/* How a str, bin or json column stores its bytes. */
#define PERI_L_VIEW 0  /* data: peri_view[n]; aux: const char *const * buffers */
#define PERI_L_PLAIN 1 /* data: bytes; aux: int32_t[n + 1] offsets */
#define PERI_L_DICT 2  /* data: int32_t[n] codes; aux: const peri_col * values */
#define PERI_L_SPAN 3  /* data: peri_str[n]; within expressions */

/* One string of a view column: Arrow's own struct.  FROZEN, 16 bytes.  Up to
 * 12 bytes lie in `in`; longer ones in buffer `ref.buffer` at `ref.offset`. */
typedef struct peri_view {
  int32_t len;
  union {
    char in[12];
    struct {
      char prefix[4];
      int32_t buffer, offset;
    } ref;
  } u;
} peri_view;

/* One column, slice offset applied to `data`.  FROZEN.  [borrow] */
typedef struct peri_col {
  int64_t n;             /* rows */
  const void *data;      /* row 0 first; see the types and layouts above */
  const void *aux;       /* str, bin, json only: see the layouts above */
  const uint8_t *valid;  /* row i: bit (bit0 + i), LSB first; NULL: no nulls */
  int64_t bit0;
  uint32_t type, layout; /* PERI_T_*, PERI_L_* */
} peri_col;

/* A table of rows.  FROZEN.  [borrow] */
typedef struct peri_batch {
  int64_t n;             /* rows */
  int64_t n_cols;
  const peri_col *cols;  /* kernel: the declared inputs, in that order, or every
                            column when none was declared */
  const peri_str *names; /* of cols */
  const void *origin;    /* for the services */
} peri_batch;

/* A column that something downstream reads.  FROZEN. */
typedef struct peri_field {
  peri_str name;  /* "status", or a path such as "geo.country" */
  uint32_t type;  /* PERI_T_*: what to decode to; PERI_T_NULL: as found */
  uint32_t index; /* in the list */
} peri_field;

/* What a decoder gets.  grows.  [borrow] */
typedef struct peri_chunk {
  uint32_t size;
  uint32_t flags;          /* PERI_CHUNK_* */
  const char *bytes;       /* any alignment; 64 readable bytes follow the end */
  size_t len;              /* whole records, as SPLIT cut them */
  uint64_t offset;         /* of bytes[0] in its stream (file) */
  uint64_t stream;         /* number of the stream: 0, 1, ... */
  uint32_t all;            /* 1: decode every column; `fields` add types */
  uint32_t n_fields;
  const peri_field *fields; /* same pointer: same content */
  /* The first chunk of the stream as SPLIT cut it, with 64 readable bytes behind
   * it, for decoders that are stateless but for what it says.  NULL at SPLIT of
   * the first chunk. */
  const char *head;
  size_t head_len;
  /* Not 0, for a decoder that is PERI_KEEPS: rows are wanted as the text that
   * they stand in.  It makes the column PERI_KEPT_NAME, of type json, with the
   * text of each row as the encoder of the same name in its plugin prints it
   * after a decode of every column, without the newline; of the columns, which
   * all are named by out_column() in their order, only `fields` have values, and
   * the keys of every text come in that order.  Where this cannot be said of
   * every row the answer is PERI_AGAIN: the chunk comes again with 0 here.
   * PERI_KEEP_ALL: the text has all columns; those of `members` are called
   * otherwise, or are not in it.
   * PERI_KEEP_ONLY: the text has the columns of `members`, in this order; others
   * that are no fields need no name.  None has a dot in its name. */
  uint32_t keep;
  uint32_t n_members;
  const struct peri_member *members;
} peri_chunk;
#define PERI_KEEP_ALL 1
#define PERI_KEEP_ONLY 2
/* What becomes of a column in the text of a row. */
typedef struct peri_member {
  peri_str name;
  peri_str as; /* what it is called there; ptr NULL: it is left out */
} peri_member;
/* Of no column that data can have: it is not UTF-8. */
#define PERI_KEPT_NAME "\xFFrow"
#define PERI_CHUNK_FIRST 1u /* first of its stream: a header line may follow */
#define PERI_CHUNK_LAST 2u  /* last of its stream: the last newline may lack */

/* Where encoders write.  FROZEN.  Room lies in [at, end); grow() makes more. */
typedef struct peri_bytes {
  char *at, *end;
  void *origin;
} peri_bytes;

/* ------------------------------------------- B call context, host services */

typedef struct peri_cx peri_cx;
typedef struct peri_out peri_out; /* the batch being made, owned by the host */
struct ArrowSchema;
struct ArrowArray;

#define PERI_DEBUG 0
#define PERI_INFO 1
#define PERI_WARN 2
#define PERI_ERROR 3

typedef struct peri_services { /* grows */
  uint32_t size, abi_minor;
  /* Memory of the instance, charged to the plugin; n = 0 frees.  NULL: none
   * left, the old block stays.  [any] */
  void *(*realloc)(peri_cx *, void *, size_t n);
  /* Slow path of peri_alloc(): 16-byte aligned, gone after the call.  [one] */
  void *(*arena)(peri_cx *, size_t n);
  /* [any], copies */
  void (*log)(peri_cx *, int32_t level, const char *, size_t);
  /* Records why the call fails and returns `status`.  [one], copies */
  peri_status (*fail)(peri_cx *, peri_status status, const char *, size_t);

  /* -- a batch being made.  [one] -- */
  /* Finds or adds the column `name`; its index, or below 0: an error. */
  int32_t (*out_column)(peri_out *, const char *name, size_t len, uint32_t type);
  /* Room for the values of `rows` rows: the C type of the column, one byte for
   * bool, peri_view for str, bin and json.  `valid`, when not NULL, gets one
   * byte a row, all 0 = null; with NULL no row is null.  Again with more rows:
   * the contents move along.  NULL: no memory. */
  void *(*out_values)(peri_out *, int32_t column, int64_t rows, uint8_t **valid);
  /* Gives the column another type, and room as out_values() does; the old
   * values stay readable until the call (hook) returns. */
  void *(*out_retype)(peri_out *, int32_t column, uint32_t type, int64_t rows,
                      uint8_t **valid);
  /* Bytes for views, and the number of the buffer that they are: offset 0 is the
   * first of them.  Decoders: the chunk itself is buffer 0. */
  char *(*out_heap)(peri_out *, size_t n, int32_t *buffer);
  /* How many rows the batch has.  Must be called once when columns were made. */
  void (*out_rows)(peri_out *, int64_t rows);
  /* Kernels: emits these rows of the input, all columns.  May follow one
   * another; `rows` ascending or not. */
  peri_status (*out_pick)(peri_out *, const uint32_t *rows, int64_t n);
  /* Kernels: emits rows [from, from + n) of the input without copying. */
  peri_status (*out_slice)(peri_out *, int64_t from, int64_t n);
  /* Counts one malformed record, that begins at byte `offset` of the chunk and
   * is `len` bytes long; `why` is copied. */
  void (*out_reject)(peri_out *, size_t offset, size_t len, const char *why,
                     size_t why_len);

  /* Room for at least n more bytes, or PERI_ENOMEM.  [one] */
  peri_status (*grow)(peri_bytes *, size_t n);
  /* The batch as Arrow C Data Interface structs, which the caller releases.
   * [one] */
  peri_status (*arrow)(peri_cx *, const peri_batch *, struct ArrowSchema *,
                       struct ArrowArray *);
  /* A named, versioned table of further services, such as "perigee.io/1", or
   * NULL.  [any] */
  const void *(*query)(peri_cx *, const char *name);
} peri_services;

struct peri_cx { /* FROZEN head; the host keeps more behind it */
  uint32_t size;
  peri_status failed;
  const peri_services *sv;
  const int32_t *stop; /* not 0: give up soon; read with an atomic load */
  char *arena, *arena_end;
};

/* Files, through the host: "perigee.io/1".  Results below 0 are -errno; `read` gives
 * -EAGAIN when a pipe or terminal has nothing yet.  [any] */
typedef struct peri_io { /* grows */
  uint32_t size, reserved;
  int32_t (*open)(peri_cx *, const char *path, int32_t flags, int32_t mode);
  int64_t (*read)(peri_cx *, int32_t fd, void *, size_t);
  int64_t (*write)(peri_cx *, int32_t fd, const void *, size_t);
  int32_t (*close)(peri_cx *, int32_t fd);
  int64_t (*length)(peri_cx *, int32_t fd); /* bytes of a regular file, or -1 */
} peri_io;

/* Counters of a stage or codec, for what its rows do not tell, such as how often
 * a short way could not be taken: "perigee.counts/1".  Added up over workers,
 * `perigee run -v` shows those that are not 0. */
typedef struct peri_counts { /* grows */
  uint32_t size, reserved;
  /* Adds n to the counter `name`, a plural and at most 63 bytes: "records read
   * again".  Once a call of a hook is often enough.  [one], copies */
  void (*add)(peri_cx *, const char *name, size_t len, uint64_t n);
} peri_counts;

/* ------------------------------------------------------- C items and hooks */

typedef void (*peri_anyfn)(void);

/* Where the fields of a C struct lie.  FROZEN. */
typedef struct peri_layout {
  const char *decl; /* "record point\nx: f64\tdoc\n..." */
  uint32_t bytes, align, n, reserved;
  const uint32_t *offsets; /* n of them */
} peri_layout;

/* All that a plugin exports.  FROZEN, 64 bytes. */
typedef struct peri_item {
  uint16_t kind, hook;
  uint32_t flags;
  const char *decl; /* "function min(a: i32, b: i32) -> i32\nDoc." */
  peri_anyfn fn;    /* of exactly the type that decl or the hook says */
  peri_anyfn call;  /* functions: peri_call_fn */
  peri_anyfn map;   /* pure functions: peri_map_fn, or NULL */
  const peri_layout *params, *state;
  const void *reserved;
} peri_item;

/* kind: the decl text begins with the word in quotes */
#define PERI_K_FUNCTION 1  /* "function" name(arg: T, ...) -> T */
#define PERI_K_AGGREGATE 2 /* "aggregate" name(arg: T, ...) -> T */
#define PERI_K_KERNEL 3    /* "kernel" name(column: T, ...) [-> (column: T, ...)] */
#define PERI_K_SOURCE 4    /* "source" name */
#define PERI_K_SINK 5      /* "sink" name */
#define PERI_K_DECODER 6   /* "decoder" name */
#define PERI_K_ENCODER 7   /* "encoder" name */
#define PERI_K_TYPE 8      /* "record" name, "variant" name, "params" name */
#define PERI_K_HOOK 9      /* "hook" owner */
#define PERI_K_CLASS 10    /* "class" name(arg: T, ...): of CREATE; fields: those of `state` */
#define PERI_K_METHOD 11   /* "method" class:name(arg: T, ...) -> T */

#define PERI_PURE 1u       /* function: no effects; foldable, runs over columns */
#define PERI_TOTAL 2u      /* function: defined for any bits, so also on what is null */
#define PERI_STATELESS 4u  /* PROCESS is [any]: one instance for all threads */
#define PERI_KEEPS 8u      /* decoder: see peri_chunk.keep.  encoder: a row with a text in the
                              column PERI_KEPT_NAME is that text and the columns behind it */
#define PERI_WHOLE 16u     /* kernel: PROCESS is called once, with all rows */
#define PERI_ADDS 32u      /* kernel: the outputs are added to the input rows */
#define PERI_BYTES 64u     /* source, sink: bytes, not batches */
#define PERI_REWINDS 128u  /* source: can start again from a saved position */
#define PERI_RAGGED 1024u  /* decoder: which columns there are follows from the records of a chunk */
/* Functions, methods: what `fn` is, so that the host may call it by itself; with
 * neither it always goes through `call`. */
#define PERI_PLAIN 256u    /* R (args...) */
#define PERI_WITH_CX 512u  /* R (peri_cx *, args...); method: R (peri_cx *, void *, args...) */
#define PERI_MUST 0x8000u  /* in `hook`: a host that does not know it refuses */

/* Methods: args[0].ptr is the state of the object. */
typedef void peri_call_fn(peri_cx *, const peri_slot *args, peri_slot *result);
/* `out`: n values (bool: bytes; str: peri_str that lie in the arguments, in
 * static data or in the arena).  `valid`: n bytes, all 1 at the call, set to 0
 * where there is no result; NULL unless the result is an option. */
typedef void peri_map_fn(peri_cx *, int64_t n, const peri_col *args, void *out,
                         uint8_t *valid);

/* Hooks: number and type.  P: the params struct, filled by the host from the
 * config; S: the state, host memory, zeroed before OPEN. */
#define PERI_H_OPEN 1    /* peri_status (cx, const P *, S *) [one] */
#define PERI_H_CLOSE 2   /* void (cx, const P *, S *) [one] */
#define PERI_H_PROCESS 3 /* peri_status (cx, const P *, S *, const peri_batch *, peri_out *) */
#define PERI_H_FLUSH 4   /* peri_status (cx, const P *, S *, peri_out *) [one] */
#define PERI_H_SPLIT 6   /* decoder: int64_t (cx, const P *, S *, const peri_chunk *): how many
                            bytes from the start are whole records; 0: need more [one] */
#define PERI_H_DECODE 7  /* decoder: peri_status (cx, const P *, S *, const peri_chunk *, peri_out *) [one] */
#define PERI_H_ENCODE 8  /* encoder: peri_status (cx, const P *, S *, const peri_batch *, peri_bytes *) [one];
                            where the plan knows the columns, and it is not PERI_STATELESS, one without
                            rows comes first, all its columns PERI_T_NULL */
#define PERI_H_FINISH 9  /* encoder: peri_status (cx, const P *, S *, peri_bytes *), after the last batch [one] */
#define PERI_H_POLL 10   /* source: peri_status (cx, const P *, S *, peri_out *, peri_poll *) [one] */
#define PERI_H_WRITE 11  /* sink of batches: peri_status (cx, const P *, S *, const peri_batch *) [one] */
#define PERI_H_PUT 12    /* sink of bytes: peri_status (cx, const P *, S *, const char *, size_t) [one] */
#define PERI_H_STEP 13   /* aggregate: peri_status (cx, S *base, const uint32_t *group, int64_t n,
                            const peri_col *args); group NULL: all rows go to base[0] [one] */
#define PERI_H_JOIN 14   /* aggregate: peri_status (cx, S *into, S *from) [one]; may take over what
                            `from` owns, and leaves it so that it can be dropped: that comes next */
#define PERI_H_FINAL 15  /* aggregate: peri_status (cx, const S *, peri_slot *, uint8_t *valid) [one] */
#define PERI_H_DROP 16   /* aggregate: void (cx, S *): frees what the state owns [one] */
#define PERI_H_INIT 17   /* plugin: peri_status (cx) [main] */
#define PERI_H_FINI 18   /* plugin: void (cx) [main] */
#define PERI_H_SCHEMA 19 /* peri_status (cx, const P *, peri_out *): refuses bad parameters while
                            the plan is checked; decoder, source: names the columns that they
                            give, by out_column() only [main] */

#define PERI_H_CREATE 20 /* class: peri_status (cx, S *self, const peri_slot *args); self is
                            zeroed host memory [main] */
#define PERI_H_DESTROY 21 /* class: void (cx, S *self), exactly once if CREATE succeeded [main] */
#define PERI_H_VIEW 22   /* class: peri_status (cx, S *self, peri_array *): what self[i] is in
                            Lua; asked before every access [main] */
#define PERI_H_PICK 23   /* decoder, STATELESS: peri_status (cx, const P *, S *, const peri_chunk *,
                            const uint32_t *rows, int64_t n, peri_out *): of the rows that the
                            last call, a DECODE of the same bytes, gave for fewer `fields`, these
                            n, ascending and at least one, with the `fields` of this chunk; one
                            that does not fit them is a reject [one] */

/* Elements of an object, numbered from 1 in Lua.  Zeroed before VIEW.  The host refuses NULL, a
   place that is not aligned for the type, and more than memory holds; that the elements are there
   until the plugin is called again, it has to believe.  FROZEN */
typedef struct peri_array {
  void *ptr; /* elements of the C type, one after another */
  size_t len;
  uint32_t type;     /* PERI_T_BOOL to PERI_T_TIME */
  uint32_t writable; /* not 0: Lua may write them */
} peri_array;

/* What a source says besides rows.  grows */
typedef struct peri_poll {
  uint32_t size, flags;  /* PERI_CHUNK_FIRST, PERI_CHUNK_LAST: of the stream */
  char *room;            /* bytes source: write at most room_len bytes here */
  size_t room_len, len;  /* [out] len: how many were written */
  peri_str name;         /* [out] of the stream, on FIRST: a path; copied */
  uint64_t done, total;  /* [out] progress in bytes of input; total 0: unknown */
  uint64_t wait_ns;      /* [out] AGAIN: poll again after at most so long */
  /* [out] Not 0: the `len` bytes were not written; they lie in the regular file
   * `fd` from `at` on, and the host reads them, beside others.  Where the file
   * has become shorter, they are fewer.  fd is borrowed for this call. */
  uint32_t in_file;
  int32_t fd;
  uint64_t at;
} peri_poll;

/* ------------------------------------------- D exported object, and the note */

/* The exported object, `const peri_plugin perigee_plugin_v1`.  FROZEN. */
typedef struct peri_plugin {
  uint32_t abi_major, target_minor;
  const char *name, *version, *author, *license, *about;
  const peri_item *items, *items_end;
} peri_plugin;
#define PERI_SYMBOL "perigee_plugin_v1"

/* The note in section .note.perigee, read from the file before any of its code
 * runs.  FROZEN for every major. */
#define PERI_NOTE_TYPE 1
#define PERI_CPU_AVX2 1u
#define PERI_CPU_AVX512 2u
#define PERI_N_FIELDS 32
typedef struct peri_note {
  uint32_t namesz, descsz, type; /* 8, sizeof(peri_note) - 20, PERI_NOTE_TYPE */
  char owner[8];                 /* "perigee" */
  uint16_t abi_major, target_minor;
  uint8_t ptr_size, big_endian, size_long, size_wchar;
  uint32_t cpu;                  /* what -m flags assumed: PERI_CPU_* */
  uint32_t n_fields;             /* pairs used in `fields` */
  char name[40], version[24];
  uint16_t fields[PERI_N_FIELDS][2]; /* offset and size, in PERI_LAYOUT order */
} peri_note;

/* The fields whose place a version-1 reader relies on.  Appending to a growing
 * struct changes none of them; packing or an edited header does. */
#define PERI_LAYOUT(F)                                                         \
  F(peri_str, len) F(peri_slot, str) F(peri_view, u) F(peri_col, data)         \
  F(peri_col, aux) F(peri_col, valid) F(peri_col, bit0) F(peri_col, layout)    \
  F(peri_batch, n_cols) F(peri_batch, cols) F(peri_batch, names)               \
  F(peri_batch, origin) F(peri_field, type) F(peri_chunk, bytes)               \
  F(peri_chunk, len) F(peri_chunk, offset) F(peri_chunk, fields)               \
  F(peri_bytes, end) F(peri_services, realloc) F(peri_services, out_values)    \
  F(peri_services, query) F(peri_cx, sv) F(peri_cx, stop) F(peri_cx, arena_end)\
  F(peri_layout, offsets) F(peri_item, flags) F(peri_item, fn)                 \
  F(peri_item, state) F(peri_poll, room) F(peri_poll, wait_ns)                 \
  F(peri_plugin, items) F(peri_plugin, items_end)
#define PERI_LAYOUT_PAIR(T, m)                                                 \
  {(uint16_t)offsetof(T, m), (uint16_t)sizeof(((T *)0)->m)},

#ifdef __cplusplus
}
#endif
#endif

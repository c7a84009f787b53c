/* bare_host.h - a host of plugins that is as quick as one can be: it keeps all
 * memory, so that after the first round no page is touched anew.  What it is
 * not made for ends the program with a message.  One thread. */
#ifndef PERIGEE_BARE_HOST_H
#define PERIGEE_BARE_HOST_H
#include <perigee/plugin.h>

#define COLUMNS_MAX 64
#define COUNTERS_MAX 16

struct column {
  char name[64];
  size_t name_len;
  uint32_t type;
  void *values[16]; /* one block a type: kept */
  int64_t room[16];
  uint8_t *valid, *bits;
  int64_t valid_room;
  bool has_valid;
};

struct peri_out {
  struct column columns[COLUMNS_MAX];
  int count;
  int64_t rows, rejects;
  char *heap;
  size_t heap_used;
  int32_t heap_count;
  const char *buffers[4096];
  /* What a kernel picked: borrowed until the next call. */
  const uint32_t *picked;
  int64_t picked_count;
};

/* The one batch in the making. */
extern struct peri_out out;

/* What plugins counted. */
struct counter {
  char name[64];
  uint64_t n;
};
extern struct counter counters[COUNTERS_MAX];
extern int counter_count;

/* An instance of a codec, or of a kernel. */
struct codec {
  const peri_item *item;
  peri_anyfn hooks[32];
  const void *params;
  void *state;
  peri_cx cx;
};

/* The memory itself. */
void *must(void *memory);
/* n bytes, all 0, with 64 readable ones behind them. */
char *aligned(size_t n);

/* The plugin of this name. */
const peri_plugin *load(const char *directory, const char *name);
/* "decoder json"; `params`, as the plugin declares them: borrowed. */
struct codec codec_of(const peri_plugin *plugin, const char *what,
                      const void *params);
void codec_open(struct codec *codec);
void codec_close(struct codec *codec);
/* Before each call of a hook. */
void codec_begin(struct codec *codec);
/* What was decoded, for an encoder. */
peri_batch batch_of_out(void);

#endif

/* parallel_own.h - what the threads share, for parallel.c, chain.c, worker.c
 * and reader.c only. */
#ifndef PG_FLOW_PARALLEL_OWN_H
#define PG_FLOW_PARALLEL_OWN_H
#include "flow/apart.h"
#include "flow/decode.h"
#include "flow/flow.h"

#include <signal.h>

enum chain_end {
  CHAIN_ROWS,  /* rows go on to the main thread */
  CHAIN_GROUP, /* rows end in the share of a group */
  CHAIN_TEXT,  /* rows are encoded; the text goes on */
};

/* Stages of the main thread that workers have copies of: a decoder and what
 * follows it. */
struct chain {
  struct pg_stage *decode;  /* borrowed */
  struct pg_stage **stages; /* owned; borrowed entries: those behind it */
  int count;
  bool decodes; /* else the main thread decodes, and workers get batches */
  enum chain_end end;
  uint64_t turns; /* chunks handed out */
};

enum task_kind {
  TASK_PIECE, /* a chunk for a decoder */
  TASK_BATCH, /* rows of a source */
  TASK_OVER,  /* a source has ended */
};

/* One thing that was read.  Its first owner is the reader, then a worker, when
 * it has a chain, then the main thread. */
struct task {
  enum task_kind kind;
  struct task *next_queued, *next_ordered;
  struct pg_stage *stage; /* the decoder; the source */
  struct chain *chain;    /* NULL: no worker is needed */
  uint64_t turn;          /* its place among those of the chain */
  struct pg_piece piece;
  struct pg_batch *batch; /* owned; decoded or read already, or NULL */
  /* results */
  bool finished;         /* under the lock */
  enum pg_status status; /* PG_DONE: a stage wants no more after this */
  struct pg_error err;
  uint64_t rows_in, rows_out;
  struct pg_batch **batches; /* owned, as are those in it */
  int batch_count, batch_max;
  struct pg_text text;
  struct pg_reject *rejects; /* owned; texts in `texts` */
  size_t reject_count;
  struct pg_arena texts;
  struct pg_failures failures; /* of functions of the script */
};

/* One worker's copies of a chain. */
struct lane {
  struct chain *chain;
  struct worker *worker;
  struct pg_decoder decoder;
  struct pg_settled settled;
  struct pg_stage **stages; /* owned: copies of chain->stages */
  struct pg_stage entry;    /* stands for the decoder: feeds the first copy */
  struct pg_stage exit;     /* takes what the last copy gives */
  struct pg_stage *entry_out, *exit_of; /* room for outs */
};

struct worker {
  struct pg_parallel *parallel;
  pthread_t thread;
  bool started;
  struct pg_scratch *scratch;     /* owned */
  const struct pg_script *script; /* borrowed; NULL: it needs none */
  struct lane *lanes;             /* owned; one for each chain */
  struct task *task;              /* at hand */
};

struct pg_parallel {
  struct pg_flow *flow;
  struct chain *chains; /* owned */
  int chain_count;
  struct worker *workers; /* owned */
  int worker_count, most; /* tasks on their way */
  pthread_t reader;
  bool reading;  /* the reader was started */
  sigset_t mask; /* of the main thread, before */
  /* under the lock */
  pthread_mutex_t lock;
  pthread_cond_t begun;      /* the reader may go, or quit */
  pthread_cond_t queued;     /* for workers: a task, or quit */
  pthread_cond_t room;       /* for the reader: room, or quit */
  pthread_cond_t finished;   /* for the main thread: the first task */
  struct task *head, *tail;  /* by next_queued: not begun */
  struct task *first, *last; /* by next_ordered: not delivered */
  int on_their_way;
  bool go, quit;
  bool read; /* the reader has ended, so: */
  enum pg_status read_status;
  struct pg_error read_err;
};

/* chain.c: finds the chains of the graph.  False: no memory. */
bool pg_chains_find(struct pg_parallel *parallel);
void pg_chains_free(struct pg_parallel *parallel);

/* worker.c: makes copies of all chains, on the main thread. */
enum pg_status pg_worker_open(struct worker *worker,
                              struct pg_parallel *parallel,
                              struct pg_error *err);
void pg_worker_close(struct worker *worker);
/* Copies what the decoder rejected into the task.  False: no memory. */
bool pg_task_keep_rejects(struct task *task, const struct pg_decoded *decoded);
void pg_task_free(struct task *task);
/* The thread. */
void *pg_worker_main(void *worker);

/* reader.c: the thread. */
void *pg_reader_main(void *parallel);

#endif

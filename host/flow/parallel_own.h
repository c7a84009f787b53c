/* parallel_own.h - what the threads share, for parallel.c, chain.c, worker.c,
 * reader.c, cutter.c, jobs.c and deliver.c only. */
#ifndef PG_FLOW_PARALLEL_OWN_H
#define PG_FLOW_PARALLEL_OWN_H
#include "flow/apart.h"
#include "flow/decode.h"
#include "flow/flow.h"
#include "flow/parallel.h"

#include <signal.h>

enum chain_end {
  CHAIN_ROWS,  /* rows go on to the stages behind */
  CHAIN_GROUP, /* rows end in the share of a group */
  CHAIN_TEXT,  /* rows are encoded; the text goes on */
};

/* Stages that workers have copies of: a decoder and what follows it. */
struct chain {
  struct pg_stage *decode;  /* borrowed */
  struct pg_stage **stages; /* owned; borrowed entries: those behind it */
  int count;
  bool decodes; /* else who reads decodes, and workers get batches */
  enum chain_end end;
  uint64_t turns; /* chunks handed out */
};

enum task_kind {
  TASK_READ,  /* bytes to be cut; the rest is in order and need not be */
  TASK_PIECE, /* a chunk for a decoder */
  TASK_BATCH, /* rows of a source */
  TASK_OVER,  /* a source has ended */
};

/* One thing that was read.  Its owner is who reads, then who fills it from a
 * file, then who cuts, then who works on it, when it has a chain, then who
 * delivers. */
struct task {
  enum task_kind kind;
  struct task *next_queued, *next_ordered;
  struct pg_stage *stage; /* the decoder; the source */
  struct pg_read read;
  enum { FILLED, TO_FILL, FILLING } fill; /* under the lock; of `read` */
  struct chain *chain; /* NULL: no worker is needed */
  uint64_t turn;       /* its place among those of the chain */
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
  sigset_t mask;          /* of the main thread, before */
  uint64_t wait_ns;       /* of who reads */
  struct pg_error err;    /* of who delivers */
  /* under the lock */
  pthread_mutex_t lock;
  pthread_cond_t work;  /* for workers: something to do, or quit */
  pthread_cond_t ended; /* for the main thread: over */
  struct task *read_head, *read_tail; /* by next_queued: not cut */
  struct task *head, *tail;           /* by next_queued: not begun */
  struct task *first, *last;          /* by next_ordered: not delivered */
  int on_their_way;
  bool go, quit;
  struct jobs {
    pg_parallel_job_fn *job; /* of pg_parallel_each() */
    void *to;
    int next, count; /* [next, count) have not begun */
    int running;
    pthread_cond_t done; /* for who delivers: none is running */
  } jobs;
  struct worker *reader; /* asks the sources, and may wait for them; or NULL */
  struct worker *cutter; /* cuts what was read; or NULL */
  bool drop;             /* cutting has failed: what was read since is not cut */
  bool delivering;       /* one gives results to the stages behind */
  bool read;             /* nothing more is to be read: */
  enum pg_status read_status;
  struct pg_error read_err;
  bool over; /* all is delivered, or it has failed: */
  enum pg_status status;
};

/* chain.c: finds the chains of the graph.  False: no memory. */
bool pg_chains_find(struct pg_parallel *parallel);
void pg_chains_free(struct pg_parallel *parallel);

/* worker.c: makes copies of all chains, on the main thread. */
enum pg_status pg_worker_open(struct worker *worker,
                              struct pg_parallel *parallel,
                              struct pg_error *err);
void pg_worker_close(struct worker *worker);
struct task *pg_task_new(enum task_kind kind, struct pg_stage *stage);
/* Copies what the decoder rejected into the task.  False: no memory. */
bool pg_task_keep_rejects(struct task *task, const struct pg_decoded *decoded);
void pg_task_free(struct task *task);
/* The thread. */
void *pg_worker_main(void *worker);

/* reader.c: may a worker ask the sources now?  Asks each of them once, and lets
 * go of the lock meanwhile.  Under the lock */
bool pg_parallel_may_read(const struct pg_parallel *parallel);
void pg_parallel_read(struct worker *worker);

/* reader.c: the oldest that is to be filled from a file, or NULL.  Fills it, and
 * lets go of the lock meanwhile.  Under the lock */
struct task *pg_parallel_to_fill(const struct pg_parallel *parallel);
void pg_parallel_fill(struct pg_parallel *parallel, struct task *task);

/* cutter.c: may a worker cut what was read?  Cuts the oldest, and lets go of
 * the lock meanwhile.  Under the lock */
bool pg_parallel_may_cut(const struct pg_parallel *parallel);
void pg_parallel_cut(struct worker *worker);
/* Has all been read and cut?  Under the lock */
bool pg_parallel_is_cut(const struct pg_parallel *parallel);

/* jobs.c: does a job, when there is one, and lets go of the lock meanwhile.
 * Under the lock */
bool pg_parallel_do_job(struct pg_parallel *parallel);

/* deliver.c: delivers what has finished, when nobody else does, and lets go of
 * the lock meanwhile.  Under the lock */
void pg_parallel_deliver(struct pg_parallel *parallel);

#endif

/* order.c - the plugin "order", and the kernel `head`. */
#include <perigee/plugin.h>

#define HEAD(P) P(i64, n, required, "How many rows to keep.", 0..)
PERI_PARAMS(head_params, HEAD)

struct head_state {
  int64_t left;
};
typedef struct head_state head_state;
PERI_STATE(head_state);

PERI_KERNEL(head, 0, head_params, head_state, "", "",
            "The first n rows. What comes before it stops as soon as they are "
            "there.");

PERI_OPEN(head)
{
  st->left = params->n;
  return PERI_OK;
}

PERI_PROCESS(head)
{
  int64_t n = in->n < st->left ? in->n : st->left;
  peri_status status = n > 0 ? cx->sv->out_slice(out, 0, n) : PERI_OK;
  st->left -= n;
  return status == PERI_OK && st->left == 0 ? PERI_END : status;
}

PERI_PLUGIN("order", "0.1.0", "perigee", "MIT",
            "The order of rows: sort, and the first of them.");

/* program_guard.c - which steps serve nothing but the second operand of
 * another.
 *
 * Guards form a tree: a step with guard g runs for the rows that g lets
 * through, which are among those of g's own guard.  The guard of a step is the
 * nearest one above all of its uses.  Steps run in order, so a guard also has
 * to be decided, with all guards above it, before the step: its first operand
 * comes earlier. */
#include "flow/program_parts.h"

#include <stdlib.h>

#define UNSEEN -2 /* no use so far */

struct place {
  int depth;   /* below the root */
  int decided; /* the last first-operand of this guard and those above */
};

static bool has_second(enum pg_op op)
{
  return op == PG_OP_AND || op == PG_OP_OR || op == PG_OP_IF;
}

static int depth_of(const struct place *places, int guard)
{
  return guard < 0 ? 0 : places[guard].depth;
}

static int nearest_above(const struct pg_program *program,
                         const struct place *places, int a, int b)
{
  while (a != b) {
    int *deeper = depth_of(places, a) >= depth_of(places, b) ? &a : &b;
    *deeper = program->steps[*deeper].guard;
  }
  return a;
}

/* Settles the guard of step i, whose uses are all known. */
static void settle(struct pg_program *program, struct place *places, int i)
{
  struct pg_step *step = &program->steps[i];
  while (step->guard >= 0 && places[step->guard].decided >= i) {
    step->guard = program->steps[step->guard].guard;
  }
  if (step->guard >= 0) {
    program->steps[step->guard].guards = true;
  }
  if (has_second(step->in.op)) {
    int above = step->guard < 0 ? -1 : places[step->guard].decided;
    int first = step->in.args[0];
    places[i].depth = depth_of(places, step->guard) + 1;
    places[i].decided = first > above ? first : above;
  }
}

/* Lists with every step the guards that are known once it has run, outer ones
 * (which come later) first. */
static void list_decided(struct pg_program *program, const struct place *places)
{
  for (int i = 0; i < program->count; i++) {
    struct pg_step *step = &program->steps[i];
    step->decides = -1;
    if (step->guards) {
      struct pg_step *last = &program->steps[places[i].decided];
      step->next = last->decides;
      last->decides = i;
    }
  }
}

bool pg_program_guard(struct pg_program *program)
{
  struct place *places = calloc((size_t)program->count, sizeof *places);
  if (!places) {
    return false;
  }
  int last = program->count - 1;
  for (int i = 0; i <= last; i++) {
    program->steps[i].guard = i == last ? -1 : UNSEEN;
  }
  for (int i = last; i >= 0; i--) {
    struct pg_step *step = &program->steps[i];
    step->used = step->guard != UNSEEN;
    if (!step->used) {
      continue;
    }
    settle(program, places, i);
    for (int k = 0; k < step->in.arg_count; k++) {
      struct pg_step *arg = &program->steps[step->in.args[k]];
      int use = k == 1 && has_second(step->in.op) ? i : step->guard;
      arg->guard = arg->guard == UNSEEN
                     ? use
                     : nearest_above(program, places, arg->guard, use);
    }
  }
  list_decided(program, places);
  free(places);
  return true;
}

/* types_object.c - objects as parameters and results of functions, methods and
 * classes. */
#include <perigee/plugin.h>

static int64_t live; /* objects made and not yet destroyed */

PERI_FN_CX(i64, live_objects, "Objects made and not yet destroyed.")
{
  return live;
}

#define SPOT(F) F(f64, x, "East.") F(f64, y, "North.")
PERI_RECORD(spot, SPOT)
PERI_OBJECT(spot)

/* Owns memory. */
typedef struct note {
  peri_str text;
} note;
#define NOTE(F) F(str, text, "What it says.")
PERI_FIELDS(note, NOTE)
PERI_OBJECT(note)

static peri_str copy(peri_cx *cx, peri_str a, peri_str b)
{
  char *room = cx->sv->realloc(cx, NULL, a.len + b.len + 1);
  if (!room) {
    peri_fail(cx, PERI_ENOMEM, "no room");
    return PERI_STR("");
  }
  memcpy(room, a.ptr, a.len);
  memcpy(room + a.len, b.ptr, b.len);
  return (peri_str){room, a.len + b.len};
}

PERI_CLASS(spot, "A place.", (f64, x), (f64, y))
{
  *self = (spot){x, y};
  live++;
  return PERI_OK;
}
PERI_DESTROY(spot)
{
  self->x = self->y = -1;
  live--;
}
PERI_METHOD(f64, spot, move, "Moves it by another; how far east it is.", (obj_spot, by))
{
  self->y += by->y;
  return self->x += by->x;
}
PERI_METHOD(new_note, spot, say, "A note.", (str, text))
{
  peri_str all = copy(cx, text, PERI_STR("!"));
  live += cx->failed == PERI_OK;
  return (note){all};
}

PERI_CLASS(note, "A text, of another note.", (str, text), (obj_note, before))
{
  self->text = copy(cx, before->text, text);
  live += cx->failed == PERI_OK;
  return cx->failed;
}
PERI_DESTROY(note)
{
  cx->sv->realloc(cx, (char *)self->text.ptr, 0);
  live--;
}

PERI_FN_CX(f64, product, "Of two places.", (obj_spot, a), (obj_spot, b))
{
  return a->x * b->x + a->y * b->y;
}
PERI_FN_CX(new_spot, between, "Half way; fails for one and the same.", (obj_spot, a), (obj_spot, b))
{
  if (a == b) {
    peri_fail(cx, PERI_EINVAL, "one and the same");
    return *a;
  }
  live++;
  return (spot){(a->x + b->x) / 2, (a->y + b->y) / 2};
}
PERI_FN_CX(new_note, write, "A note.", (str, text))
{
  peri_str all = copy(cx, text, PERI_STR(""));
  live += cx->failed == PERI_OK;
  return (note){all};
}
/* A record, which is read with Lua at work, between two objects. */
#define STEP(F) F(f64, x, "East.")
PERI_RECORD(step, STEP)
PERI_FN_CX(f64, far, "All of them.", (obj_spot, a), (step, b), (obj_spot, c))
{
  return a->x + b.x + c->x;
}
PERI_FN_CX_AS(f64, size_spot, size, "Of a place.", (obj_spot, a))
{
  return a->x;
}
PERI_FN_CX_AS(f64, size_note, size, "Of a note.", (obj_note, a))
{
  return (double)a->text.len;
}

PERI_PLUGIN("types_object", "1.0.0", "Ann", "MIT", "Objects given and made.");

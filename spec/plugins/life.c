/* life.c - writes down when it is told that its life begins and ends, into the
 * file that PERIGEE_SPEC_LIFE names. */
#include <perigee/plugin.h>

#include <stdlib.h>

PERI_PLUGIN("life", "1.0.0", "perigee", "MIT", "Begins and ends.");

/* Creating, writing, at the end: 1 | 0100 | 02000 on Linux. */
#define APPEND_FLAGS (1 | 0100 | 02000)

static void note_down(peri_cx *cx, const char *word)
{
  const peri_io *io = cx->sv->query(cx, "perigee.io/1");
  int32_t fd = io->open(cx, getenv("PERIGEE_SPEC_LIFE"), APPEND_FLAGS, 0600);
  io->write(cx, fd, word, strlen(word));
  io->close(cx, fd);
}

static peri_status init(peri_cx *cx)
{
  note_down(cx, "init ");
  return PERI_OK;
}
PERI_ITEM_(init) = {
  PERI_K_HOOK, PERI_H_INIT, 0, peri_text_plugin_, (peri_anyfn)init, 0, 0,
  0,           0,           0};

static void fini(peri_cx *cx)
{
  note_down(cx, "fini ");
}
PERI_ITEM_(fini) = {
  PERI_K_HOOK, PERI_H_FINI, 0, peri_text_plugin_, (peri_anyfn)fini, 0, 0,
  0,           0,           0};

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

PERI_INIT
{
  note_down(cx, "init ");
  return PERI_OK;
}

PERI_FINI
{
  note_down(cx, "fini ");
}

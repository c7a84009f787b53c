/* grown.c - built with a later minor version of the contract, and able to run
 * on any: it looks how large a struct is before it uses what was appended. */
#include <perigee/plugin.h>

#define HAS(STRUCT, FIELD, PTR)                                                \
  ((PTR)->size >= offsetof(STRUCT, FIELD) + sizeof((PTR)->FIELD))

PERI_FN_CX(bool, has_answer, "Does this host offer the service 'answer'?")
{
  return HAS(peri_services, answer, cx->sv);
}

PERI_FN_CX(bool, has_io_answer, "Does its table of files offer 'answer'?")
{
  const peri_io *io = cx->sv->query(cx, "perigee.io/1");
  return io && HAS(peri_io, answer, io);
}

PERI_DECODER(sized, 0, peri_none, peri_none, "Whether chunks have grown.");
PERI_DECODE(sized)
{
  int32_t column = cx->sv->out_column(out, "grown", 5, PERI_T_I64);
  int64_t *grown = cx->sv->out_values(out, column, 1, NULL);
  grown[0] = HAS(peri_chunk, appended, chunk);
  cx->sv->out_rows(out, 1);
  return PERI_OK;
}

PERI_PLUGIN("grown", "1.0.0", "perigee", "MIT", "Runs on older hosts too.");

/* place.c - a kernel that says where the column lies that it was given. */
#include <perigee/plugin.h>

PERI_KERNEL(place, PERI_ADDS, peri_none, peri_none, "n: i64",
            "address: i64, sum: i64",
            "Adds the address of the column n, and the sum of its batch.");

PERI_PROCESS(place)
{
  const int64_t *values = in->cols[0].data; /* Lua's column, not a copy */
  int64_t sum = 0;
  for (int64_t i = 0; i < in->n; i++) {
    sum += peri_valid(&in->cols[0], i) ? values[i] : 0;
  }
  int32_t column = cx->sv->out_column(out, "address", 7, PERI_T_I64);
  int64_t *addresses = cx->sv->out_values(out, column, in->n, NULL);
  column = cx->sv->out_column(out, "sum", 3, PERI_T_I64);
  int64_t *sums = cx->sv->out_values(out, column, in->n, NULL);
  if (!addresses || !sums) {
    return PERI_ENOMEM;
  }
  for (int64_t i = 0; i < in->n; i++) {
    addresses[i] = (int64_t)(intptr_t)values;
    sums[i] = sum;
  }
  cx->sv->out_rows(out, in->n);
  return PERI_OK;
}

PERI_PLUGIN("place", "1.0.0", "perigee authors", "MIT", "Where columns lie.");

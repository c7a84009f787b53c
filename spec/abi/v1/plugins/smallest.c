/* smallest.c - the smallest plugin, written out without perigee/plugin.h. */
#include <perigee/abi.h>

static int32_t min(int32_t a, int32_t b)
{
  return a < b ? a : b;
}

/* One pair of values. */
static void min_call(peri_cx *cx, const peri_slot *args, peri_slot *result)
{
  (void)cx;
  result->i32 = min(args[0].i32, args[1].i32);
}

static int valid(const peri_col *column, int64_t i)
{
  int64_t bit = column->bit0 + i;
  return !column->valid || (column->valid[bit >> 3] >> (bit & 7) & 1);
}

/* Whole columns.  Where an argument is null, so is the result, whatever lies
 * there: the host sees to that. */
static void min_map(peri_cx *cx, int64_t n, const peri_col *args, void *out,
                    uint8_t *results)
{
  const int32_t *a = args[0].data, *b = args[1].data;
  (void)cx;
  (void)results;
  for (int64_t i = 0; i < n; i++) {
    if (valid(&args[0], i) && valid(&args[1], i)) {
      ((int32_t *)out)[i] = min(a[i], b[i]);
    }
  }
}

static const peri_item items[] = {
  {.kind = PERI_K_FUNCTION,
   .flags = PERI_PURE | PERI_PLAIN,
   .decl = "function min(a: i32, b: i32) -> i32\nSmaller of two integers.",
   .fn = (peri_anyfn)min,
   .call = (peri_anyfn)min_call,
   .map = (peri_anyfn)min_map}};

/* Read from the file before any of its code runs. */
static const peri_note note
  __attribute__((section(".note.perigee"), aligned(4), used)) = {
    .namesz = 8,
    .descsz = sizeof(peri_note) - 20,
    .type = PERI_NOTE_TYPE,
    .owner = "perigee",
    .abi_major = PERI_ABI_MAJOR,
    .ptr_size = sizeof(void *),
    .big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    .size_long = sizeof(long),
    .size_wchar = sizeof(__WCHAR_TYPE__),
    .n_fields = PERI_N_FIELDS,
    .name = "minmax",
    .version = "1.0.0",
    .fields = {PERI_LAYOUT(PERI_LAYOUT_PAIR)}};

/* The one symbol that a plugin exports. */
__attribute__((visibility("default"))) extern const peri_plugin
  perigee_plugin_v1;
const peri_plugin perigee_plugin_v1 = {
  .abi_major = PERI_ABI_MAJOR,
  .name = "minmax",
  .version = "1.0.0",
  .author = "Ann",
  .license = "MIT",
  .about = "Smaller and larger of two integers.",
  .items = items,
  .items_end = items + 1};

/* by_hand.c - written against abi.h alone, without the authoring layer. */
#include <perigee/abi.h>

static void call_twice(peri_cx *cx, const peri_slot *args, peri_slot *result)
{
  (void)cx;
  result->i64 = 2 * args[0].i64;
}
static int64_t twice(int64_t a)
{
  return 2 * a;
}
static const peri_item items[] = {
  {.kind = PERI_K_FUNCTION,
   .flags = PERI_PURE,
   .decl = "function twice(a: i64) -> i64\nTwice as much.",
   .fn = (peri_anyfn)twice,
   .call = (peri_anyfn)call_twice}};

static const peri_note note
  __attribute__((section(".note.perigee"), aligned(4), used)) = {
    8,
    sizeof(peri_note) - 20,
    PERI_NOTE_TYPE,
    "perigee",
    PERI_ABI_MAJOR,
    0,
    sizeof(void *),
    __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    sizeof(long),
    sizeof(__WCHAR_TYPE__),
    0,
    PERI_N_FIELDS,
    "by_hand",
    "0.1",
    {PERI_LAYOUT(PERI_LAYOUT_PAIR)}};

__attribute__((
  visibility("default"))) extern const peri_plugin perigee_plugin_v1;
const peri_plugin perigee_plugin_v1 = {PERI_ABI_MAJOR, 0,         "by_hand",
                                       "0.1",          "perigee", "MIT",
                                       "...",          items,     items + 1};

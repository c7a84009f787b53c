/* bad_entry.c - has a note, but exports nothing. */
#include <perigee/abi.h>

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
    .name = "bad_entry",
    .version = "1.0.0",
    .fields = {PERI_LAYOUT(PERI_LAYOUT_PAIR)}};

/* Some symbol, so that there is a table of them. */
__attribute__((visibility("default"))) extern const int perigee_plugin_v2;
const int perigee_plugin_v2 = 1;

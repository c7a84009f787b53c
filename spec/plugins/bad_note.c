/* bad_note.c - exports what a plugin exports, but has no note. */
#include <perigee/abi.h>

static const peri_item items[] = {{.kind = 0, .decl = "plugin bad_note\n"}};

__attribute__((
  visibility("default"))) extern const peri_plugin perigee_plugin_v1;
const peri_plugin perigee_plugin_v1 = {PERI_ABI_MAJOR, 0,         "bad_note",
                                       "1.0.0",        "perigee", "MIT",
                                       "...",          items,     items + 1};

/* note.h - the note in a plugin's file, which says what it was built for. */
#ifndef PG_PLUGIN_NOTE_H
#define PG_PLUGIN_NOTE_H
#include "plugin/elf.h"

#include <perigee/abi.h>

/* Finds the note of an opened file and compares it with this host: version,
 * sizes, layout of the shared structs, instructions of the machine.
 *
 * [out]  note  a copy; its texts end with a NUL
 * Fails: PG_REFUSED (names what differs, expected and found)
 */
enum pg_status pg_note_check(const struct pg_elf *elf, peri_note *note,
                             struct pg_error *err);

/* PERI_CPU_* of this processor. */
uint32_t pg_note_own_cpu(void);

#endif

/* refuse_change.h - changes to the bytes of a plugin's file. */
#ifndef PG_SPEC_REFUSE_CHANGE_H
#define PG_SPEC_REFUSE_CHANGE_H
#include "world.h"

/* Makes one change; false: there is nothing to change. */
typedef bool change_fn(char *bytes, size_t size);

change_fn change_class, change_order, change_machine, change_type, change_stack,
  change_no_stack, change_segment, change_runpath, change_rpath, change_needed,
  change_pointer_size, change_byte_order, change_cpu, change_field_count,
  change_note_size, change_note_name, change_note_text, change_first_relative,
  change_array_size, change_call_size, change_version_file,
  change_version_count, change_visibility, change_relro;

/* Where parts of the file end. */
#define CHANGE_ENDS_MAX 100
size_t change_ends(const char *bytes, size_t size,
                   size_t ends[CHANGE_ENDS_MAX]);

/* The end of what is mapped: a file cut before it must be refused. */
size_t change_loaded_end(const char *bytes);

/* Parts that the loader reads and believes. */
struct change_range {
  size_t offset, size;
};
#define CHANGE_RANGES_MAX 32
size_t change_ranges(const char *bytes, size_t size,
                     struct change_range ranges[CHANGE_RANGES_MAX]);

#endif

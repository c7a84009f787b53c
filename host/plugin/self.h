/* self.h - the segments of the program itself. */
#ifndef PG_PLUGIN_SELF_H
#define PG_PLUGIN_SELF_H
#include <elf.h>
#include <stddef.h>

/* The start of the program in memory, from the linker. */
extern const unsigned char __ehdr_start[] __attribute__((visibility("hidden")));

/* The first segment of that type from number *i on, behind which *i is then;
 * its bytes, or NULL. */
static inline const unsigned char *pg_self_segment(Elf64_Word type, size_t *i,
                                                   size_t *size)
{
  const Elf64_Ehdr *header = (const void *)__ehdr_start;
  const Elf64_Phdr *programs = (const void *)(__ehdr_start + header->e_phoff);
  while (*i < header->e_phnum) {
    const Elf64_Phdr *program = &programs[(*i)++];
    if (program->p_type == type) {
      *size = program->p_memsz;
      return __ehdr_start + program->p_vaddr;
    }
  }
  return NULL;
}

#endif

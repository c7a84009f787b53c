/* bad_float.c - changes how the thread that loads it computes, as objects
 * linked with -ffast-math do. */
#include <perigee/plugin.h>

static __attribute__((constructor)) void flush_to_zero(void)
{
#if defined __x86_64__
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#elif defined __aarch64__
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | 1u << 24));
#endif
}

PERI_PLUGIN("bad_float", "1.0.0", "perigee", "MIT", "Computes otherwise.");

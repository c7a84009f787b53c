/* main.c - the seed's experiment, corrected: one table of its numbers and ours.
 *
 *   perigee bench seed [ROUNDS]      31 when not given
 *
 * The libraries lie beside this program, in seed.d; those in C++ and Rust are
 * there when their compilers were. */
#include "bench.h"
#include "call.h"
#include "load.h"
#include "loop.h"
#include "text.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void show_sizes(const char *directory)
{
  static const struct {
    const char *what, *file, *published;
  } files[] = {
    {"the function alone, in C", "plain.so", NULL},
    {"the function alone, a Rust cdylib", "plain_cdylib.so", "2.9 MB"},
    {"the function alone, a Rust dylib", "plain_dylib.so", "4.8 MB"},
    {"a plugin in C", "seed.so", NULL},
    {"a plugin in C++", "seed_cxx.so", NULL},
    {"a plugin in Rust (cdylib)", "seed_rust.so", NULL},
    {"  optimized at link time, stripped", "seed_rust_lto.so", NULL},
  };
  printf("\n%-44s %10s %7s  %s\n", "4. Sizes", "bytes", "", "published");
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char path[PATH_MAX + 40];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", directory, files[i].file);
    bool there = stat(path, &st) == 0;
    printf("%-44s %10s %7s  %s\n", files[i].what,
           there ? bench_number((double)st.st_size) : "not built", "",
           files[i].published ? files[i].published : "");
  }
}

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

static void show_machine(int rounds)
{
  char line[300], model[200] = "unknown";
  FILE *cpu = fopen("/proc/cpuinfo", "r");
  while (cpu && fgets(line, sizeof line, cpu)) {
    if (sscanf(line, "model name : %199[^\n]", model) == 1) {
      break;
    }
  }
  if (cpu) {
    fclose(cpu);
  }
  printf("The seed's experiment on this machine: %s, %ld cores, %s\n"
         "Medians of %d rounds, CPU time; the ratio of \"the same again\" says "
         "what the others may be off by.\n\n",
         model, sysconf(_SC_NPROCESSORS_ONLN), COMPILER, rounds);
}

static void show_caveats(void)
{
  printf(
    "\nPublished: by the seed and its sequel, on an i5-8265U; another "
    "machine.\n"
    "[1] A Rust dylib, not the cdylib that the text recommends; load, six "
    "calls\n"
    "    and eight printed lines together: a number of loading, not of "
    "calling.\n"
    "[2] Both are wasmer: its benchmark of wasmtime calls wasmer. A module of\n"
    "    the Rust standard library, compiled in every iteration. Not run "
    "here.\n"
    "[3] An inlined function without state beside a call with a counter: two\n"
    "    things differ. The sequel's 654 ns of \"dynamic setup\" are no load: "
    "the\n"
    "    library is leaked, so that all but the first only count it once "
    "more.\n"
    "[4] The seed's reason against WebAssembly, for which it has no number.\n");
}

/* The libraries' directory, and the plugin with the JSON codec. */
static void find_files(char self[PATH_MAX], char libraries[PATH_MAX + 8],
                       char json[PATH_MAX + 24])
{
  char folder[PATH_MAX];
  ssize_t n = readlink("/proc/self/exe", self, PATH_MAX - 1);
  if (n < 0) {
    bench_die("/proc/self/exe", "cannot be read");
  }
  self[n] = '\0';
  memcpy(folder, self, (size_t)n + 1);
  dirname(folder);
  snprintf(libraries, PATH_MAX + 8, "%s/seed.d", folder);
  snprintf(json, PATH_MAX + 24, "%s/../native/json.so", folder);
}

int main(int argc, char **argv)
{
  char self[PATH_MAX], libraries[PATH_MAX + 8], json[PATH_MAX + 24];
  if (argc == 4 && strcmp(argv[1], "--load") == 0) {
    return load_sample(argv[2], argv[3]);
  }
  find_files(self, libraries, json);
  if (argc == 5 && strcmp(argv[1], "--loop") == 0) {
    call_open(libraries);
    int code = loop_run(argv[2], atoi(argv[3]), atoi(argv[4]));
    call_close();
    return code;
  }
  int rounds = argc > 1 ? atoi(argv[1]) : 31;
  if (argc > 2 || rounds < 1 || rounds > ROUNDS_MAX) {
    fprintf(stderr, "usage: perigee bench seed [ROUNDS], at most %d\n",
            ROUNDS_MAX);
    return 2;
  }
  show_machine(rounds);
  load_bench(self, libraries, rounds);
  call_open(libraries);
  call_bench(rounds);
  batch_bench(rounds);
  call_close();
  show_sizes(libraries);
  text_bench(json, rounds);
  show_caveats();
  return 0;
}

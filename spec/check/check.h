/* check.h - checks of the C tests: the first that fails ends the test. */
#ifndef PG_SPEC_CHECK_H
#define PG_SPEC_CHECK_H
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(ok, ...)                                                         \
  do {                                                                         \
    if (!(ok)) {                                                               \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #ok);                 \
      fprintf(stderr, __VA_ARGS__);                                            \
      fputc('\n', stderr);                                                     \
      exit(1);                                                                 \
    }                                                                          \
  } while (0)

#endif

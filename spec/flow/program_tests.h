/* program_tests.h - the parts of program_test.c. */
#ifndef PG_SPEC_PROGRAM_TESTS_H
#define PG_SPEC_PROGRAM_TESTS_H
#include "plugin/plugin.h"

void test_operands(void);
void test_texts(void);
/* Random programs on random batches against the oracle. */
void test_random(const struct pg_plugin *ops, int rounds);

#endif

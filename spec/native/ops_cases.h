/* ops_cases.h - cases of primitive operations that are not by chance. */
#ifndef PERIGEE_OPS_CASES_H
#define PERIGEE_OPS_CASES_H
#include "mock_host.h"

void ops_cases(struct mock *mock);

/* Texts in every layout: ops_texts.c. */
void ops_texts(struct mock *mock);

#endif

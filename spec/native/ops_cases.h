/* ops_cases.h - results of primitive operations, written down. */
#ifndef PERIGEE_OPS_CASES_H
#define PERIGEE_OPS_CASES_H
#include "mock_host.h"

void ops_cases(struct mock *mock);

#endif

/* decimal.h - the double nearest to a decimal. */
#ifndef PERIGEE_NUMBER_DECIMAL_H
#define PERIGEE_NUMBER_DECIMAL_H
#include <stdbool.h>
#include <stdint.h>

/* The double nearest to digits * 10^exponent, or infinity; -1 when 64 bits of
 * digits, the rest of them cut off, do not decide it.  Thread: any. */
double number_decimal(uint64_t digits, int exponent, bool cut);

/* The decimal at `text`, which a byte follows that belongs to no number; the
 * point is a '.' in every locale.  Thread: any. */
double number_strtod(const char *text);
#endif

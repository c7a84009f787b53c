/* print.h - numbers as JSON text: the shortest that reads back the same.
 *
 * The same value has the same text whatever type its column took: an integral
 * double is printed as the integer is, as far as int64 reaches.  Each function
 * returns the end of what it wrote, JSON_NUMBER_MAX bytes at most.
 */
#ifndef JSON_PRINT_H
#define JSON_PRINT_H
#include <stdint.h>

#define JSON_NUMBER_MAX 32

char *json_print_u64(char *to, uint64_t value);
char *json_print_i64(char *to, int64_t value);
/* NaN and infinity: null */
char *json_print_f64(char *to, double value);
char *json_print_f32(char *to, float value);
#endif

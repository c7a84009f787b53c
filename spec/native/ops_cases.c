/* ops_cases.c - results of primitive operations, written down.  Those that Lua
 * has too were made by Lua 5.4. */
#include "ops_cases.h"
#include "ops_function.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ops_case {
  const char *name;
  const char *args; /* with '|' between them */
  const char *want; /* "none": no result; "!...": it fails so */
};

/* clang-format off */
static const struct ops_case cases[] = {
  {"eq_bool", "1|1", "true"}, {"eq_bool", "1|0", "false"},
  {"eq_i64", "5|5", "true"}, {"eq_f64", "nan|nan", "false"},
  {"eq_f64", "0|-0", "true"}, {"eq_time", "5|6", "false"},
  {"lt_i64", "1|2", "true"}, {"le_i64", "2|2", "true"},
  {"lt_f64", "nan|1", "false"}, {"le_f64", "1|nan", "false"},
  {"lt_time", "1|2", "true"}, {"le_time", "3|2", "false"},
  {"add_i64", "9223372036854775807|1", "-9223372036854775808"},
  {"sub_i64", "-9223372036854775808|1", "9223372036854775807"},
  {"mul_i64", "4611686018427387904|4", "0"},
  {"neg_i64", "-9223372036854775808", "-9223372036854775808"},
  {"idiv_i64", "7|0", "none"}, {"mod_i64", "7|0", "none"},
  {"fmod_i64", "7|0", "none"}, {"add_f64", "1.5|2", "3.5"},
  {"sub_f64", "1|0.5", "0.5"}, {"mul_f64", "3|0.5", "1.5"},
  {"div_f64", "1|0", "inf"}, {"neg_f64", "0", "-0"},
  {"pow_f64", "2|10", "1024"}, {"pow_f64", "3|2", "9"},
  {"band", "12|10", "8"}, {"bor", "12|10", "14"}, {"bxor", "12|10", "6"},
  {"bnot", "0", "-1"}, {"abs_i64", "-3", "3"}, {"abs_f64", "-3.5", "3.5"},
  {"floor", "nan", "none"}, {"ceil", "inf", "none"}, {"sqrt", "9", "3"},
  {"exp", "0", "1"}, {"log", "1", "0"}, {"log_base", "8|2", "3"},
  {"log_base", "1000|10", "3"}, {"min_i64", "1|2", "1"},
  {"max_i64", "1|2", "2"}, {"min_f64", "1|2", "1"}, {"max_f64", "1|2", "2"},
  {"fmod_f64", "-7.5|2", "-1.5"},
  {"i8_to_i64", "-5", "-5"}, {"u8_to_i64", "200", "200"},
  {"i16_to_i64", "-300", "-300"}, {"u16_to_i64", "60000", "60000"},
  {"i32_to_i64", "-70000", "-70000"},
  {"u32_to_i64", "4000000000", "4000000000"},
  {"u64_to_i64", "-1", "none"}, {"u64_to_i64", "5", "5"},
  {"u64_to_f64", "-1", "1.8446744073709552e+19"}, {"f32_to_f64", "0.5", "0.5"},
  {"i64_to_f64", "3", "3"}, {"f64_to_i64", "3", "3"},
  {"f64_to_i64", "3.5", "none"}, {"f64_to_i64", "9223372036854775808", "none"},
  {"i64_to_i8", "127", "127"}, {"i64_to_i8", "128", "none"},
  {"i64_to_i16", "-32768", "-32768"}, {"i64_to_i16", "32768", "none"},
  {"i64_to_i32", "2147483648", "none"}, {"i64_to_u8", "-1", "none"},
  {"i64_to_u8", "255", "255"}, {"i64_to_u16", "65536", "none"},
  {"i64_to_u32", "4294967295", "4294967295"}, {"i64_to_u64", "-1", "none"},
  {"f64_to_f32", "0.5", "0.5"}, {"text_bool", "1", "true"},
  {"text_bool", "0", "false"}, {"text_i64", "-12", "-12"},
  {"text_time", "1748736000000000000", "2025-06-01T00:00:00Z"},
  {"concat", "ab|cd", "abcd"}, {"concat", "|", ""}, {"len", "abc", "3"},
  {"rep", "ab|1000000", "!rep() would give more than 1 MiB"},
  {"starts_with", "/api/v1|/api", "true"}, {"starts_with", "/ap|/api", "false"},
  {"starts_with", "abc|", "true"}, {"ends_with", "a.png|.png", "true"},
  {"ends_with", "png|.png", "false"}, {"ends_with", "png|", "true"},
  {"find_plain", "a.b|.|1", "2"}, {"find_plain", "abc||4", "4"},
  {"find_plain", "abc||5", "none"}, {"find_plain", "abcabc|ca|-4", "3"},
  {"find_plain", "/assets/v1/users/12345/items|/items|1", "23"},
  {"find_plain", "/assets/v1/users/12345/items|12346|1", "none"},
  {"find_plain", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab|aab|1", "38"},
  {"match", "aa|(a%1)|1", "!invalid capture index"},
  {"match", "a]b|[a-%%]|1", "]"}, {"gsub", "hello|(l|x|9", "hexxo"},
  {"find_prefix", "/api/v1|/api", "1"}, {"find_prefix", "/ap|/api", "none"},
  {"eq_str", "abcdefghijklm|abcdefghijklm", "true"},
  {"eq_str", "abcdefghijklm|abcdefghijklM", "false"},
  {"time_add_i64", "0|5", "5000000000"},
  {"time_add_i64", "0|9223372036854775807", "none"},
  {"time_sub_i64", "5000000000|5", "0"}, {"time_add_f64", "0|0.5", "500000000"},
  {"time_add_f64", "0|nan", "none"}, {"time_sub_f64", "0|0.25", "-250000000"},
  {"time_diff", "1500000000|0", "1.5"},
  {"time_of_str", "2025-06-01T00:00:00Z", "1748736000000000000"},
  {"time_of_str", "yesterday", "none"},
  {"time_of_i64", "1748736000", "1748736000000000000"},
  {"time_of_i64", "1748736000000", "1748736000000000000"},
  {"time_of_f64", "1748736000.5", "1748736000500000000"},
  {"year", "1748736000000000000", "2025"},
  {"month", "1748736000000000000", "6"},
  {"day", "1748736000000000000", "1"}, {"hour", "-1", "23"},
  {"minute", "-1", "59"}, {"second", "-1", "59"}, {"year", "-1", "1969"},
  {"trunc", "1748739661000000000|3600", "1748739600000000000"},
  {"trunc", "5|0", "none"}, {"trunc", "-1|60", "-60000000000"},
  {"json_get", "{\"a\": 1, \"b\": [1, 2]}|b", "[1, 2]"},
  {"json_get", "{\"a\": null}|a", "none"}, {"json_get", "[1]|a", "none"},
  {"json_get", "{\"k\\u0065y\": \"v\"}|key", "\"v\""},
  {"json_to_bool", "true", "true"}, {"json_to_bool", "1", "none"},
  {"json_to_i64", "12", "12"}, {"json_to_i64", "1.5", "none"},
  {"json_to_i64", "1e3", "1000"}, {"json_to_f64", "-1.5", "-1.5"},
  {"json_to_f64", "\"1\"", "none"}, {"json_to_str", "\"a\\nb\"", "a\nb"},
  {"json_to_str", "12", "none"}, {"json_number", "\"12\"", "12"},
  {"json_number", "[]", "none"}, {"json_concat", "12", "12"},
  {"json_concat", "1.0", "1.0"}, {"json_concat", "[]", "none"},
  {"json_text", "[1]", "[1]"}, {"json_text", "null", "none"},
  {"json_truth", "false", "false"}, {"json_truth", "0", "true"},
  {"find", "hello world|o w|1", "5"},
  {"match", "hello world|o w|1", "o w"},
  {"find", "hello world|l+|1", "3"},
  {"match", "hello world|l+|1", "ll"},
  {"find", "hello|xyz|1", "none"},
  {"match", "hello|xyz|1", "none"},
  {"find", "hello||1", "1"},
  {"match", "hello||1", ""},
  {"find", "||1", "1"},
  {"match", "||1", ""},
  {"find", "hello||6", "6"},
  {"match", "hello||6", ""},
  {"find", "hello||7", "none"},
  {"match", "hello||7", "none"},
  {"find", "hello|l|-2", "4"},
  {"match", "hello|l|-2", "l"},
  {"find", "hello|l|-100", "3"},
  {"match", "hello|l|-100", "l"},
  {"find", "a.b|.|1", "1"},
  {"match", "a.b|.|1", "a"},
  {"find", "a.b|%.|1", "2"},
  {"match", "a.b|%.|1", "."},
  {"find", "a+b|+|1", "2"},
  {"match", "a+b|+|1", "+"},
  {"find", "x^y|x^y|1", "1"},
  {"match", "x^y|x^y|1", "x^y"},
  {"find", "^x|^^x|1", "1"},
  {"match", "^x|^^x|1", "^x"},
  {"find", "ab$|b$$|1", "2"},
  {"match", "ab$|b$$|1", "b$"},
  {"find", "ab$|%$$|1", "3"},
  {"match", "ab$|%$$|1", "$"},
  {"find", "THE (quick) fox|%((%a+)%)|1", "5"},
  {"match", "THE (quick) fox|%((%a+)%)|1", "quick"},
  {"find", "f(a(b)c)d|%b()|1", "2"},
  {"match", "f(a(b)c)d|%b()|1", "(a(b)c)"},
  {"find", "((x|%b()|1", "none"},
  {"match", "((x|%b()|1", "none"},
  {"find", "THE quick|%f[%a]%a+|2", "5"},
  {"match", "THE quick|%f[%a]%a+|2", "quick"},
  {"find", "aXb|%f[%u]|1", "2"},
  {"match", "aXb|%f[%u]|1", ""},
  {"find", "abcabc|(abc)%1|1", "1"},
  {"match", "abcabc|(abc)%1|1", "abc"},
  {"find", "abcabd|(abc)%1|1", "none"},
  {"match", "abcabd|(abc)%1|1", "none"},
  {"find", "key = value|^(%w+)%s*=%s*(%w+)$|1", "1"},
  {"match", "key = value|^(%w+)%s*=%s*(%w+)$|1", "key"},
  {"find", "  trim  |^%s*(.-)%s*$|1", "1"},
  {"match", "  trim  |^%s*(.-)%s*$|1", "trim"},
  {"find", "2025-06-01|(%d+)-(%d+)-(%d+)|1", "1"},
  {"match", "2025-06-01|(%d+)-(%d+)-(%d+)|1", "2025"},
  {"find", "aaab|.-b|1", "1"},
  {"match", "aaab|.-b|1", "aaab"},
  {"find", "aaab|a-b|1", "1"},
  {"match", "aaab|a-b|1", "aaab"},
  {"find", "aaab|a*b|1", "1"},
  {"match", "aaab|a*b|1", "aaab"},
  {"find", "aaab|a?b|1", "3"},
  {"match", "aaab|a?b|1", "ab"},
  {"find", "aaa|^a-$|1", "1"},
  {"match", "aaa|^a-$|1", "aaa"},
  {"find", "[]|[]]|1", "2"},
  {"match", "[]|[]]|1", "]"},
  {"find", "a-z|[a-]+|1", "1"},
  {"match", "a-z|[a-]+|1", "a-"},
  {"find", "x]y|[^]]+|1", "1"},
  {"match", "x]y|[^]]+|1", "x"},
  {"find", "0xFF|%x+|3", "3"},
  {"match", "0xFF|%x+|3", "FF"},
  {"find", "\011\n x|[^%s]|1", "4"},
  {"match", "\011\n x|[^%s]|1", "x"},
  {"find", "a,b,,c|([^,]*),|3", "3"},
  {"match", "a,b,,c|([^,]*),|3", "b"},
  {"find", "caf\303\251|[\200-\377]+|1", "4"},
  {"match", "caf\303\251|[\200-\377]+|1", "\303\251"},
  {"find", "hello|()ll()|1", "3"},
  {"match_position", "hello|()ll()|1", "3"},
  {"find", "hello|(h)(e)(l)|1", "1"},
  {"match", "hello|(h)(e)(l)|1", "h"},
  {"find", "alo|(.)(.)(.)$|1", "1"},
  {"match", "alo|(.)(.)(.)$|1", "a"},
  {"find", "=======|^(=*)=%1$|1", "1"},
  {"match", "=======|^(=*)=%1$|1", "==="},
  {"find", "====|^(=*)=%1$|1", "none"},
  {"match", "====|^(=*)=%1$|1", "none"},
  {"find", "abc|a(b(c))|1", "1"},
  {"match", "abc|a(b(c))|1", "bc"},
  {"find", "x|x?x?x|1", "1"},
  {"match", "x|x?x?x|1", "x"},
  {"find", "aXbXc|X(.-)X|1", "2"},
  {"match", "aXbXc|X(.-)X|1", "b"},
  {"find", "user=ann;id=7|id=(%d+)|1", "10"},
  {"match", "user=ann;id=7|id=(%d+)|1", "7"},
  {"find", "/users/123/items|/users/(%d+)|1", "1"},
  {"match", "/users/123/items|/users/(%d+)|1", "123"},
  {"find", "hello|(l|1", "!unfinished capture"},
  {"match", "hello|(l|1", "!unfinished capture"},
  {"find", "hello|l)|1", "none"},
  {"match", "hello|l)|1", "!invalid pattern capture"},
  {"find", "hello|%|1", "!malformed pattern (ends with '%')"},
  {"match", "hello|%|1", "!malformed pattern (ends with '%')"},
  {"find", "hello|[l|1", "!malformed pattern (missing ']')"},
  {"match", "hello|[l|1", "!malformed pattern (missing ']')"},
  {"find", "hello|[^|1", "!malformed pattern (missing ']')"},
  {"match", "hello|[^|1", "!malformed pattern (missing ']')"},
  {"find", "hello|%1|1", "!invalid capture index"},
  {"match", "hello|%1|1", "!invalid capture index"},
  {"find", "hello|(l)%2|1", "!invalid capture index"},
  {"match", "hello|(l)%2|1", "!invalid capture index"},
  {"find", "hello|%f|1", "!missing '[' after '%f' in pattern"},
  {"match", "hello|%f|1", "!missing '[' after '%f' in pattern"},
  {"find", "hello|%bx|1", "!malformed pattern (missing arguments to '%b')"},
  {"match", "hello|%bx|1", "!malformed pattern (missing arguments to '%b')"},
  {"find", "hello|[%|1", "!malformed pattern (missing ']')"},
  {"match", "hello|[%|1", "!malformed pattern (missing ']')"},
  {"gsub", "hello|l|L|9223372036854775807", "heLLo"},
  {"gsub", "hello|l|L|1", "heLlo"},
  {"gsub", "hello|l|L|0", "hello"},
  {"gsub", "hello||-|9223372036854775807", "-h-e-l-l-o-"},
  {"gsub", "abc|%w|%0%0|9223372036854775807", "aabbcc"},
  {"gsub", "abc def|(%w+) (%w+)|%2 %1|9223372036854775807", "def abc"},
  {"gsub", "a.b|%.|%%|9223372036854775807", "a%b"},
  {"gsub", "hello|l|%1|9223372036854775807", "hello"},
  {"gsub", "hello|l|%2|9223372036854775807", "!invalid capture index"},
  {"gsub", "hello|l|%|9223372036854775807",
   "!invalid use of '%' in replacement string"},
  {"gsub", "hello|l|%x|9223372036854775807",
   "!invalid use of '%' in replacement string"},
  {"gsub", "hello|^l|x|9223372036854775807", "hello"},
  {"gsub", "hhh|^h|x|9223372036854775807", "xhh"},
  {"gsub", "  x  |^%s+||9223372036854775807", "x  "},
  {"gsub", "abc|b*|x|9223372036854775807", "xaxcx"},
  {"gsub", "aaa|a-|x|9223372036854775807", "xaxaxax"},
  {"gsub", "hello|()l|%1|9223372036854775807", "he34o"},
  {"gsub", "|^|x|9223372036854775807", "x"},
  {"gsub", "abc|$|!|9223372036854775807", "abc!"},
  {"sub", "hello|2|3", "el"},
  {"sub", "hello|-3|-2", "ll"},
  {"sub", "hello|0|-1", "hello"},
  {"sub", "hello|4|100", "lo"},
  {"sub", "hello|4|2", ""},
  {"sub", "hello|-9223372036854775808|9223372036854775807", "hello"},
  {"sub", "|1|1", ""},
  {"byte", "A|1", "65"},
  {"byte", "AB|-1", "66"},
  {"byte", "AB|3", "none"},
  {"byte", "AB|0", "none"},
  {"byte", "|1", "none"},
  {"rep", "ab|3", "ababab"},
  {"rep", "ab|0", ""},
  {"rep", "ab|-1", ""},
  {"rep", "|5", ""},
  {"lower", "aBc \303\204", "abc \303\204"},
  {"upper", "aBc \303\204", "ABC \303\204"},
  {"reverse", "aBc \303\204", "\204\303 cBa"},
  {"lower", "", ""},
  {"upper", "", ""},
  {"reverse", "", ""},
  {"lower", "xyz", "xyz"},
  {"upper", "xyz", "XYZ"},
  {"reverse", "xyz", "zyx"},
  {"number", "12", "12"},
  {"integer", "12", "12"},
  {"number", " -7.5 ", "-7.5"},
  {"integer", " -7.5 ", "none"},
  {"number", "0x1p4", "16"},
  {"integer", "0x1p4", "16"},
  {"number", "0x10", "16"},
  {"integer", "0x10", "16"},
  {"number", "1e2", "100"},
  {"integer", "1e2", "100"},
  {"number", "", "none"},
  {"integer", "", "none"},
  {"number", "abc", "none"},
  {"integer", "abc", "none"},
  {"number", "1_0", "none"},
  {"integer", "1_0", "none"},
  {"number", "nan", "none"},
  {"integer", "nan", "none"},
  {"number", "inf", "none"},
  {"integer", "inf", "none"},
  {"number", "0x", "none"},
  {"integer", "0x", "none"},
  {"number", "9223372036854775808", "9.2233720368547758e+18"},
  {"integer", "9223372036854775808", "none"},
  {"number", "- 1", "none"},
  {"integer", "- 1", "none"},
  {"number", "1e", "none"},
  {"integer", "1e", "none"},
  {"number", "0xffffffffffffffffff", "-1"},
  {"integer", "0xffffffffffffffffff", "-1"},
  {"number_base", "ff|16", "255"},
  {"number_base", "-zz|36", "-1295"},
  {"number_base", " 101 |2", "5"},
  {"number_base", "12|2", "none"},
  {"number_base", "|10", "none"},
  {"number_base", "8|8", "none"},
  {"text_f64", "1", "1.0"},
  {"text_f64", "0.10000000000000001", "0.1"},
  {"text_f64", "-0", "-0.0"},
  {"text_f64", "1000000000000000", "1e+15"},
  {"text_f64", "1e+100", "1e+100"},
  {"text_f64", "inf", "inf"},
  {"text_f64", "-inf", "-inf"},
  {"text_f64", "9007199254740992", "9.007199254741e+15"},
  {"text_f64", "123456.789", "123456.789"},
  {"idiv_i64", "7|2", "3"},
  {"mod_i64", "7|2", "1"},
  {"fmod_i64", "7|2", "1"},
  {"idiv_i64", "-7|2", "-4"},
  {"mod_i64", "-7|2", "1"},
  {"fmod_i64", "-7|2", "-1"},
  {"idiv_i64", "7|-2", "-4"},
  {"mod_i64", "7|-2", "-1"},
  {"fmod_i64", "7|-2", "1"},
  {"idiv_i64", "-7|-2", "3"},
  {"mod_i64", "-7|-2", "-1"},
  {"fmod_i64", "-7|-2", "-1"},
  {"idiv_i64", "-9223372036854775808|-1", "-9223372036854775808"},
  {"mod_i64", "-9223372036854775808|-1", "0"},
  {"fmod_i64", "-9223372036854775808|-1", "0"},
  {"idiv_i64", "6|3", "2"},
  {"mod_i64", "6|3", "0"},
  {"fmod_i64", "6|3", "0"},
  {"idiv_f64", "7.5|2", "3"},
  {"mod_f64", "7.5|2", "1.5"},
  {"idiv_f64", "-7.5|2", "-4"},
  {"mod_f64", "-7.5|2", "0.5"},
  {"idiv_f64", "7.5|-2", "-4"},
  {"mod_f64", "7.5|-2", "-0.5"},
  {"idiv_f64", "5|inf", "0"},
  {"mod_f64", "5|inf", "5"},
  {"idiv_f64", "-5|inf", "-0"},
  {"mod_f64", "-5|inf", "inf"},
  {"idiv_f64", "1|0", "inf"},
  {"mod_f64", "1|0", "-nan"},
  {"shl", "1|3", "8"},
  {"shr", "1|3", "0"},
  {"shl", "1|64", "0"},
  {"shr", "1|64", "0"},
  {"shl", "-1|60", "-1152921504606846976"},
  {"shr", "-1|60", "15"},
  {"shl", "1|-1", "0"},
  {"shr", "1|-1", "2"},
  {"shl", "-1|-63", "1"},
  {"shr", "-1|-63", "-9223372036854775808"},
  {"shl", "1|-9223372036854775808", "0"},
  {"shr", "1|-9223372036854775808", "0"},
  {"floor", "1.5", "1"},
  {"ceil", "1.5", "2"},
  {"floor", "-1.5", "-2"},
  {"ceil", "-1.5", "-1"},
  {"floor", "-0.5", "-1"},
  {"ceil", "-0.5", "0"},
  {"floor", "1.0000000000000001e+300", "none"},
  {"ceil", "1.0000000000000001e+300", "none"},
  {"floor", "4.6116860184273879e+18", "4611686018427387904"},
  {"ceil", "4.6116860184273879e+18", "4611686018427387904"},
  {"eq_i64_f64", "9007199254740993|9007199254740992", "false"},
  {"lt_i64_f64", "9007199254740993|9007199254740992", "false"},
  {"le_i64_f64", "9007199254740993|9007199254740992", "false"},
  {"lt_f64_i64", "9007199254740992|9007199254740993", "true"},
  {"le_f64_i64", "9007199254740992|9007199254740993", "true"},
  {"eq_i64_f64", "9007199254740992|9007199254740992", "true"},
  {"lt_i64_f64", "9007199254740992|9007199254740992", "false"},
  {"le_i64_f64", "9007199254740992|9007199254740992", "true"},
  {"lt_f64_i64", "9007199254740992|9007199254740992", "false"},
  {"le_f64_i64", "9007199254740992|9007199254740992", "true"},
  {"eq_i64_f64", "1|1.5", "false"},
  {"lt_i64_f64", "1|1.5", "true"},
  {"le_i64_f64", "1|1.5", "true"},
  {"lt_f64_i64", "1.5|1", "false"},
  {"le_f64_i64", "1.5|1", "false"},
  {"eq_i64_f64", "9223372036854775807|9.2233720368547758e+18", "false"},
  {"lt_i64_f64", "9223372036854775807|9.2233720368547758e+18", "true"},
  {"le_i64_f64", "9223372036854775807|9.2233720368547758e+18", "true"},
  {"lt_f64_i64", "9.2233720368547758e+18|9223372036854775807", "false"},
  {"le_f64_i64", "9.2233720368547758e+18|9223372036854775807", "false"},
  {"eq_i64_f64", "-9223372036854775808|-9.2233720368547758e+18", "true"},
  {"lt_i64_f64", "-9223372036854775808|-9.2233720368547758e+18", "false"},
  {"le_i64_f64", "-9223372036854775808|-9.2233720368547758e+18", "true"},
  {"lt_f64_i64", "-9.2233720368547758e+18|-9223372036854775808", "false"},
  {"le_f64_i64", "-9.2233720368547758e+18|-9223372036854775808", "true"},
  {"eq_i64_f64", "0|-nan", "false"},
  {"lt_i64_f64", "0|-nan", "false"},
  {"le_i64_f64", "0|-nan", "false"},
  {"lt_f64_i64", "-nan|0", "false"},
  {"le_f64_i64", "-nan|0", "false"},
  {"eq_i64_f64", "2|1.5", "false"},
  {"lt_i64_f64", "2|1.5", "false"},
  {"le_i64_f64", "2|1.5", "false"},
  {"lt_f64_i64", "1.5|2", "true"},
  {"le_f64_i64", "1.5|2", "true"},
  {"eq_i64_f64", "-1|-1.5", "false"},
  {"lt_i64_f64", "-1|-1.5", "false"},
  {"le_i64_f64", "-1|-1.5", "false"},
  {"lt_f64_i64", "-1.5|-1", "true"},
  {"le_f64_i64", "-1.5|-1", "true"},
  {"lt_str", "a|b", "true"},
  {"le_str", "a|b", "true"},
  {"eq_str", "a|b", "false"},
  {"lt_str", "b|a", "false"},
  {"le_str", "b|a", "false"},
  {"eq_str", "b|a", "false"},
  {"lt_str", "a|a", "false"},
  {"le_str", "a|a", "true"},
  {"eq_str", "a|a", "true"},
  {"lt_str", "|a", "true"},
  {"le_str", "|a", "true"},
  {"eq_str", "|a", "false"},
  {"lt_str", "ab|a", "false"},
  {"le_str", "ab|a", "false"},
  {"eq_str", "ab|a", "false"},
  {"lt_str", "a|\377", "true"},
  {"le_str", "a|\377", "true"},
  {"eq_str", "a|\377", "false"},
};
/* clang-format on */

static peri_slot read_slot(uint32_t type, peri_str text)
{
  char copy[100];
  peri_slot slot = {.str = text};
  if (type == PERI_T_STR) {
    return slot;
  }
  snprintf(copy, sizeof copy, "%.*s", (int)text.len, text.ptr);
  slot = (peri_slot){.i64 = strtoll(copy, NULL, 10)};
  if (type == PERI_T_F64) {
    slot.f64 = strtod(copy, NULL);
  } else if (type == PERI_T_F32) {
    slot.f32 = strtof(copy, NULL);
  }
  return slot;
}

/* The low bytes are the integer, in every width. */
static long long integer_of(uint32_t type, const peri_slot *slot)
{
  switch (type) {
  case PERI_T_I8:
    return slot->i8;
  case PERI_T_U8:
    return slot->u8;
  case PERI_T_I16:
    return slot->i16;
  case PERI_T_U16:
    return slot->u16;
  case PERI_T_I32:
    return slot->i32;
  case PERI_T_U32:
    return slot->u32;
  default:
    return slot->i64;
  }
}

static void show_value(char *out, size_t size, uint32_t type,
                       const peri_slot *slot)
{
  if (type == PERI_T_STR) {
    snprintf(out, size, "%.*s", (int)slot->str.len, slot->str.ptr);
  } else if (type == PERI_T_BOOL) {
    snprintf(out, size, "%s", slot->b ? "true" : "false");
  } else if (type == PERI_T_F64) {
    snprintf(out, size, "%.17g", slot->f64);
  } else if (type == PERI_T_F32) {
    snprintf(out, size, "%.9g", (double)slot->f32);
  } else {
    snprintf(out, size, "%lld", integer_of(type, slot));
  }
}

static void run_case(struct mock *mock, const struct ops_case *c)
{
  const peri_item *item = mock_item(mock->plugin, PERI_K_FUNCTION, c->name);
  MOCK_CHECK(item, "there is no %s", c->name);
  struct ops_function fn = ops_function_read(item);
  peri_slot args[OPS_ARGS_MAX];
  const char *at = c->args;
  char found[400];
  for (int k = 0; k < fn.count; k++) {
    size_t len = strcspn(at, "|");
    args[k] = read_slot(fn.types[k], (peri_str){at, len});
    at += len + (at[len] == '|');
  }
  MOCK_CHECK(*at == '\0', "%s(%s): too many arguments", c->name, c->args);
  mock_reset(mock);
  peri_slot result;
  bool has = ops_function_call(&fn, mock, args, &result);
  if (mock->cx.failed) {
    snprintf(found, sizeof found, "!%s", mock->message);
    found[strlen(c->want)] = '\0';
  } else if (!has) {
    snprintf(found, sizeof found, "none");
  } else {
    show_value(found, sizeof found, fn.returns, &result);
  }
  MOCK_CHECK(strcmp(found, c->want) == 0, "%s(%s) is %s, not %s", c->name,
             c->args, found, c->want);
}

/* Every operation has a case. */
static void check_all(const struct mock *mock)
{
  const peri_plugin *plugin = mock->plugin;
  for (const peri_item *i = plugin->items; i < plugin->items_end; i++) {
    bool found = i->kind != PERI_K_FUNCTION;
    for (size_t k = 0; !found && k < sizeof cases / sizeof cases[0]; k++) {
      found = strcmp(ops_function_read(i).name, cases[k].name) == 0;
    }
    MOCK_CHECK(found, "no case for %s", i->decl);
  }
}

/* A pattern that would take for ever is given up. */
static void check_steps(struct mock *mock)
{
  static const char *const patterns[] = {"a*a*a*a*a*a*a*a*a*b",
                                         "(.-)(.-)(.-)(.-)x"};
  const peri_item *item = mock_item(mock->plugin, PERI_K_FUNCTION, "match");
  struct ops_function fn = ops_function_read(item);
  char *subject = malloc(3000);
  memset(subject, 'a', 3000);
  for (int i = 0; i < 2; i++) {
    peri_slot result, args[] = {{.str = {subject, 3000}},
                                {.str = {patterns[i], strlen(patterns[i])}},
                                {.i64 = 1}};
    mock_reset(mock);
    ops_function_call(&fn, mock, args, &result);
    MOCK_CHECK(mock->cx.failed == PERI_EDATA &&
                 strstr(mock->message, "too many steps"),
               "%s: %s", patterns[i], mock->message);
  }
  free(subject);
}

void ops_cases(struct mock *mock)
{
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    run_case(mock, &cases[i]);
  }
  check_all(mock);
  check_steps(mock);
}

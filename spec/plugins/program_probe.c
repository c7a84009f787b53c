/* program_probe.c - functions that show when, and with what, they are called.
 */
#include <perigee/plugin.h>

PERI_FN_PURE_CX(i64, picky, "x; fails for x < 0.", (i64, x))
{
  if (x < 0) {
    peri_fail(cx, PERI_EDATA, "x is negative");
  }
  return x;
}

PERI_FN_PURE_CX(str, picky_text, "s; fails for \"poison\".", (str, s))
{
  if (peri_str_eq(s, PERI_STR("poison"))) {
    peri_fail(cx, PERI_EDATA, "it is poison");
  }
  return s;
}

PERI_FN_CX(i64, impure, "May do anything.", (i64, x))
{
  return x;
}

PERI_FN(i64, seven, "7")
{
  return 7;
}

PERI_FN(i64, picky_len, "How long a text is; -1 for none.", (str, s))
{
  return s.len ? (int64_t)s.len : -1;
}

PERI_FN(str, motto, "A text that lies here.")
{
  return PERI_STR("a text in the plugin");
}

PERI_FN_PURE_CX(str, endless, "A text longer than a column can hold.", (i64, n))
{
  static char byte;
  return (peri_str){&byte, (size_t)INT32_MAX + (size_t)n};
}

PERI_FN_TOTAL(bool, same_text, "Total, although it looks at texts.", (str, a),
              (str, b))
{
  return peri_str_eq(a, b);
}

/* Functions that leave out the loop over columns. */
#define WITHOUT_MAP(NAME_, DECL_)                                              \
  PERI_TEXT_(NAME_, DECL_)                                                     \
  PERI_ITEM_(NAME_) = {PERI_K_FUNCTION,                                        \
                       0,                                                      \
                       PERI_PURE,                                              \
                       peri_text_##NAME_,                                      \
                       (peri_anyfn)NAME_,                                      \
                       (peri_anyfn)NAME_##_call,                               \
                       0,                                                      \
                       0,                                                      \
                       0,                                                      \
                       0};

static peri_opt_i64 half(int64_t x)
{
  return (peri_opt_i64){.value = x / 2, .has = x % 2 == 0};
}

static void half_call(peri_cx *cx, const peri_slot *a, peri_slot *r)
{
  (void)cx;
  peri_set_opt_i64(r, half(a[0].i64));
}
WITHOUT_MAP(half, "function half(x: i64) -> opt_i64\nHalf of an even number.")

static peri_str longer(peri_cx *cx, peri_str a, peri_str b)
{
  if (a.len + b.len == 0) {
    peri_fail(cx, PERI_EINVAL, "both are empty");
  }
  return a.len >= b.len ? a : b;
}

static void longer_call(peri_cx *cx, const peri_slot *a, peri_slot *r)
{
  r->str = longer(cx, a[0].str, a[1].str);
}
WITHOUT_MAP(longer, "function longer(a: str, b: str) -> str\nThe longer one; "
                    "fails for two empty ones.")

/* No columns hold what these take and give. */
static peri_list_str words(int64_t n)
{
  return (peri_list_str){NULL, (size_t)n};
}

static void words_call(peri_cx *cx, const peri_slot *a, peri_slot *r)
{
  (void)cx;
  peri_set_list_str(r, words(a[0].i64));
}
WITHOUT_MAP(words, "function words(n: i64) -> list_str\nNothing.")

static int64_t total(peri_list_i64 list)
{
  return (int64_t)list.len;
}

static void total_call(peri_cx *cx, const peri_slot *a, peri_slot *r)
{
  (void)cx;
  r->i64 = total(peri_get_list_i64(&a[0]));
}
WITHOUT_MAP(total, "function total(list: list_i64) -> i64\nHow many.")

PERI_PLUGIN("program_probe", "1.0.0", "perigee", "MIT", "Shows its calls.");

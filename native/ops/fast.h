/* fast.h - functions whose loops over columns are not the usual ones.
 *
 * FAST_FN is PERI_FN_TOTAL with a second loop, for machines with AVX2.  It
 * computes what is null too, which is what total means.
 *
 * MAPPED_FN is PERI_FN, and MAPPED_FN_CX is PERI_FN_PURE_CX, with a loop of its
 * own: OPS_MAP(name) { ... } must follow. */
#ifndef OPS_FAST_H
#define OPS_FAST_H
#include <perigee/plugin.h>

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2")))
#ifdef PERIGEE_PLAIN_ONLY /* for tests, on a machine that has it */
#define HAS_WIDE false
#else
#define HAS_WIDE __builtin_cpu_supports("avx2")
#endif
#else
#define WIDE
#define HAS_WIDE false
#endif

#define FAST_FN(R_, NAME_, ...)                                                \
  static inline PERI_CAT(peri_c_, R_) NAME_(PERI_ARGS_(__VA_ARGS__));          \
  PERI_TEXT_(NAME_, "function " #NAME_ PERI_SIGNATURE_(__VA_ARGS__)            \
                    " -> " #R_ PERI_DOC_TEXT_(__VA_ARGS__))                    \
  static void NAME_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r)     \
  {                                                                            \
    (void)cx;                                                                  \
    PERI_CAT(peri_set_, R_)(                                                   \
      r, NAME_(PERI_EACH_(PERI_P_GET1, PERI_P_GET, __VA_ARGS__)));             \
  }                                                                            \
  static inline __attribute__((always_inline)) void NAME_##__loop(             \
    int64_t n, const peri_col *c, void *restrict out)                          \
  {                                                                            \
    for (int64_t i = 0; i < n; i++) {                                          \
      PERI_CAT(peri_put_, R_)(                                                 \
        out, NULL, i,                                                          \
        NAME_(PERI_EACH_(PERI_P_ROW1, PERI_P_ROW, __VA_ARGS__)));              \
    }                                                                          \
  }                                                                            \
  WIDE static void NAME_##__wide(int64_t n, const peri_col *c,                 \
                                 void *restrict out)                           \
  {                                                                            \
    NAME_##__loop(n, c, out);                                                  \
  }                                                                            \
  static void NAME_##__map(peri_cx *cx, int64_t n, const peri_col *c,          \
                           void *restrict out, uint8_t *restrict valid)        \
  {                                                                            \
    (void)cx;                                                                  \
    (void)valid;                                                               \
    if (HAS_WIDE) {                                                            \
      NAME_##__wide(n, c, out);                                                \
    } else {                                                                   \
      NAME_##__loop(n, c, out);                                                \
    }                                                                          \
  }                                                                            \
  PERI_ITEM_(NAME_) = {PERI_K_FUNCTION, 0, PERI_PURE | PERI_TOTAL | PERI_PLAIN, \
                       PERI_CAT(peri_text_, NAME_), (peri_anyfn)NAME_,         \
                       (peri_anyfn)NAME_##__call, (peri_anyfn)NAME_##__map,    \
                       0, 0, 0};                                               \
  static inline PERI_CAT(peri_c_, R_) NAME_(PERI_ARGS_(__VA_ARGS__))

#define OPS_MAP(NAME_)                                                         \
  static void NAME_##__map(peri_cx *cx PERI_UNUSED, int64_t n,                 \
                           const peri_col *c, void *restrict out,              \
                           uint8_t *restrict valid PERI_UNUSED)

#define MAPPED_ITEM_(FLAG_, R_, NAME_, ...)                                    \
  OPS_MAP(NAME_);                                                              \
  PERI_TEXT_(NAME_, "function " #NAME_ PERI_SIGNATURE_(__VA_ARGS__)            \
                    " -> " #R_ PERI_DOC_TEXT_(__VA_ARGS__))                    \
  PERI_ITEM_(NAME_) = {PERI_K_FUNCTION, 0, PERI_PURE | FLAG_,                  \
                       PERI_CAT(peri_text_, NAME_), (peri_anyfn)NAME_,         \
                       (peri_anyfn)NAME_##__call, (peri_anyfn)NAME_##__map,    \
                       0, 0, 0};

#define MAPPED_FN(R_, NAME_, ...)                                              \
  static inline PERI_CAT(peri_c_, R_) NAME_(PERI_ARGS_(__VA_ARGS__));          \
  static void NAME_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r)     \
  {                                                                            \
    (void)cx;                                                                  \
    PERI_CAT(peri_set_, R_)(                                                   \
      r, NAME_(PERI_EACH_(PERI_P_GET1, PERI_P_GET, __VA_ARGS__)));             \
  }                                                                            \
  MAPPED_ITEM_(PERI_PLAIN, R_, NAME_, __VA_ARGS__)                             \
  static inline PERI_CAT(peri_c_, R_) NAME_(PERI_ARGS_(__VA_ARGS__))

#define MAPPED_FN_CX(R_, NAME_, ...)                                           \
  static inline PERI_CAT(peri_c_, R_)                                          \
    NAME_(peri_cx *cx PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__));      \
  static void NAME_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r)     \
  {                                                                            \
    PERI_CAT(peri_set_, R_)(                                                   \
      r, NAME_(cx PERI_EACH_(PERI_P_GET, PERI_P_GET, __VA_ARGS__)));           \
  }                                                                            \
  MAPPED_ITEM_(PERI_WITH_CX, R_, NAME_, __VA_ARGS__)                           \
  static inline PERI_CAT(peri_c_, R_)                                          \
    NAME_(peri_cx *cx PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__))
#endif

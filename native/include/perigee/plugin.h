/* perigee/plugin.h - the authoring layer over perigee/abi.h, for gnu11 C and C++17.
 *
 *   #include <perigee/plugin.h>
 *   PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b)) { return a < b ? a : b; }
 *   PERI_PLUGIN("minmax", "1.0.0", "Ann", "MIT", "Smaller and larger of two integers.");
 *
 *   cc -O3 -fPIC -shared -fvisibility=hidden -I<include> minmax.c -o minmax.so
 *
 * What an author writes:
 *   PERI_FN, PERI_FN_CX, PERI_FN_TOTAL      functions
 *   PERI_AGGREGATE                          step, join, final
 *   PERI_KERNEL, PERI_SOURCE, PERI_SINK,
 *   PERI_DECODER, PERI_ENCODER              stages and codecs, then their hooks:
 *   PERI_OPEN(name) { ... } and so on       `cx`, `params`, `st` are in scope
 *   PERI_CLASS, PERI_METHOD                 objects for Lua
 *   PERI_RECORD, PERI_PARAMS, PERI_VARIANT  structs that the host can fill
 *   PERI_LIST, PERI_OPT, PERI_OBJECT        list_T, opt_T of a record T; obj_T, new_T of a class
 *   PERI_PLUGIN                             once
 *   PERI_INIT, PERI_FINI                    its own life
 */
#ifndef PERIGEE_PLUGIN_H
#define PERIGEE_PLUGIN_H
#if defined __GNUC__ && !defined PERI_WARN_IN_HEADER
#pragma GCC system_header
#endif
#include <perigee/abi.h>
#include <perigee/dialect.h>
#include <perigee/helpers.h>
#include <stdbool.h>
#include <string.h>

#define PERI_UNUSED __attribute__((unused))
#define PERI_CAT(a, b) PERI_CAT_(a, b)
#define PERI_CAT_(a, b) a##b
#define PERI_Q(x) PERI_Q_(x)
#define PERI_Q_(x) #x

/* --------------------------------------------------------------- value types
 * Every type T has peri_c_T, the C type; peri_get_T and peri_set_T on slots;
 * and, when columns can hold it, peri_row_T.  <stdbool.h> may make bool a
 * macro, hence "_Bool" in a decl, which the host reads as "bool". */
#define PERI_PRIM_(T_, C_, M_)                                                 \
  typedef C_ PERI_CAT(peri_c_, T_);                                            \
  PERI_UNUSED static inline C_ PERI_CAT(peri_get_, T_)(const peri_slot *s) { return (C_)s->M_; } \
  PERI_UNUSED static inline void PERI_CAT(peri_set_, T_)(peri_slot *s, C_ v) { s->M_ = v; } \
  PERI_UNUSED static inline void PERI_CAT(peri_put_, T_)(void *out, uint8_t *valid, int64_t i, C_ v) \
  { (void)valid; ((C_ *)out)[i] = v; }                                         \
  PERI_UNUSED static inline C_ PERI_CAT(peri_row_, T_)(const peri_col *c, int64_t i) \
  { return ((const C_ *)c->data)[i]; }
PERI_PRIM_(bool, bool, b)
PERI_PRIM_(i8, int8_t, i8) PERI_PRIM_(u8, uint8_t, u8)
PERI_PRIM_(i16, int16_t, i16) PERI_PRIM_(u16, uint16_t, u16)
PERI_PRIM_(i32, int32_t, i32) PERI_PRIM_(u32, uint32_t, u32)
PERI_PRIM_(i64, int64_t, i64) PERI_PRIM_(u64, uint64_t, u64)
PERI_PRIM_(f32, float, f32) PERI_PRIM_(f64, double, f64)
PERI_PRIM_(time, int64_t, i64)
PERI_PRIM_(char, uint32_t, u32) /* a code point; in Lua a string of one character */
typedef peri_str peri_c_str;
PERI_UNUSED static inline peri_str peri_get_str(const peri_slot *s) { return s->str; }
PERI_UNUSED static inline void peri_set_str(peri_slot *s, peri_str v) { s->str = v; }
PERI_UNUSED static inline void peri_put_str(void *out, uint8_t *valid, int64_t i, peri_str v)
{ (void)valid; ((peri_str *)out)[i] = v; }

/* Composites go through slot.ptr; the host gives the room for a result. */
#define PERI_COMPOSITE_(T_, C_)                                                \
  typedef C_ PERI_CAT(peri_c_, T_);                                            \
  PERI_UNUSED static inline C_ PERI_CAT(peri_get_, T_)(const peri_slot *s) { return *(const C_ *)s->ptr; } \
  PERI_UNUSED static inline void PERI_CAT(peri_set_, T_)(peri_slot *s, C_ v) { *(C_ *)s->ptr = v; }
/* Pasted without expanding: list_bool, where <stdbool.h> makes bool a macro. */
#define PERI_LIST(T_)                                                          \
  typedef struct { const PERI_CAT(peri_c_, T_) *ptr; size_t len; } peri_list_##T_; \
  PERI_COMPOSITE_(list_##T_, peri_list_##T_)
#define PERI_OPT(T_)                                                           \
  typedef struct { PERI_CAT(peri_c_, T_) value; int32_t has, reserved; } peri_opt_##T_; \
  PERI_COMPOSITE_(opt_##T_, peri_opt_##T_)                                     \
  PERI_UNUSED static inline void peri_put_opt_##T_(void *out, uint8_t *valid, int64_t i, peri_opt_##T_ v) \
  { valid[i] = v.has != 0; ((PERI_CAT(peri_c_, T_) *)out)[i] = v.value; }
/* A buffer of Lua, to be read and written: buf_f64 is {double *ptr; size_t len;}. */
#define PERI_BUF_(T_)                                                          \
  typedef struct { PERI_CAT(peri_c_, T_) *ptr; size_t len; } peri_buf_##T_;    \
  PERI_COMPOSITE_(buf_##T_, peri_buf_##T_)
PERI_LIST(bool) PERI_LIST(i8) PERI_LIST(u8) PERI_LIST(i16) PERI_LIST(u16)
PERI_LIST(i32) PERI_LIST(u32) PERI_LIST(i64) PERI_LIST(u64) PERI_LIST(f32)
PERI_LIST(f64) PERI_LIST(time) PERI_LIST(str) PERI_LIST(char)
PERI_OPT(bool) PERI_OPT(i8) PERI_OPT(u8) PERI_OPT(i16) PERI_OPT(u16)
PERI_OPT(i32) PERI_OPT(u32) PERI_OPT(i64) PERI_OPT(u64) PERI_OPT(f32)
PERI_OPT(f64) PERI_OPT(time) PERI_OPT(str) PERI_OPT(char)
PERI_BUF_(i8) PERI_BUF_(u8) PERI_BUF_(i16) PERI_BUF_(u16) PERI_BUF_(i32)
PERI_BUF_(u32) PERI_BUF_(i64) PERI_BUF_(u64) PERI_BUF_(f32) PERI_BUF_(f64)
/* A Lua table with string keys and values: { status = "i64" }. */
typedef struct peri_pair { peri_str key, value; } peri_pair;
typedef peri_pair peri_c_pair;
PERI_LIST(pair)

/* ------------------------------------------------------ items in their section */
#if __GNUC__ >= 11 || (defined __clang__ && __clang_major__ >= 13)
#define PERI_KEEP_ __attribute__((used, retain))
#else
#define PERI_KEEP_ __attribute__((used))
#endif
#ifdef PERI_STATIC /* -DPERI_STATIC=minmax: linked into the host itself */
#define PERI_SUFFIX_(x) PERI_CAT(PERI_CAT(x, _), PERI_STATIC)
#define PERI_SECTION_ "perigee_items_" PERI_Q(PERI_STATIC)
#else
#define PERI_SUFFIX_(x) x
#define PERI_SECTION_ "perigee_items"
#endif
/* Texts lie in a section of their own, readable without running the file. */
#define PERI_TEXT_(ID_, ...)                                                   \
  static const char PERI_CAT(peri_text_, ID_)[]                                \
    __attribute__((section("perigee_text"), aligned(1))) = __VA_ARGS__;
/* aligned(8) keeps the linker from padding between items of different files */
#define PERI_ITEM_(ID_)                                                        \
  static PERI_CONST_ peri_item PERI_CAT(peri_item_, ID_)                       \
    __attribute__((section(PERI_SECTION_), aligned(8))) PERI_KEEP_
PERI_ASSERT_(sizeof(peri_item) == 64, "items must pack without padding");

/* For-each over ("doc", (type, name), ...): F for the first pair, R for the
 * rest; element 0 is the doc. */
#define PERI_N_(...) PERI_N__(__VA_ARGS__, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0)
#define PERI_N__(a, b, c, d, e, f, g, h, i, N, ...) N
#define PERI_EACH_(F, R, ...) PERI_CAT(PERI_E, PERI_N_(__VA_ARGS__))(F, R, __VA_ARGS__)
#define PERI_E0(F, R, d)
#define PERI_E1(F, R, d, p) F(0, p)
#define PERI_E2(F, R, d, p, q) F(0, p) R(1, q)
#define PERI_E3(F, R, d, p, q, r) F(0, p) R(1, q) R(2, r)
#define PERI_E4(F, R, d, p, q, r, s) F(0, p) R(1, q) R(2, r) R(3, s)
#define PERI_E5(F, R, d, p, q, r, s, t) F(0, p) R(1, q) R(2, r) R(3, s) R(4, t)
#define PERI_E6(F, R, d, p, q, r, s, t, u) F(0, p) R(1, q) R(2, r) R(3, s) R(4, t) R(5, u)
#define PERI_E7(F, R, d, p, q, r, s, t, u, v) F(0, p) R(1, q) R(2, r) R(3, s) R(4, t) R(5, u) R(6, v)
#define PERI_E8(F, R, d, p, q, r, s, t, u, v, w) F(0, p) R(1, q) R(2, r) R(3, s) R(4, t) R(5, u) R(6, v) R(7, w)
#define PERI_DOC_(d, ...) d
#define PERI_T_(...) PERI_DOC_(__VA_ARGS__, 0)
#define PERI_DECL_(...) PERI_DECL__(__VA_ARGS__, 0)
#define PERI_DECL__(T, n, ...) PERI_CAT(peri_c_, T) n
#define PERI_NAME_(...) PERI_CAT(PERI_NAME, PERI_N_(__VA_ARGS__))(__VA_ARGS__)
#define PERI_NAME1(T, n) #n ": " #T
#define PERI_NAME2(T, n, range) #n ": " #T " " #range
#define PERI_P_DECL1(k, p) PERI_DECL_ p
#define PERI_P_DECL(k, p) , PERI_DECL_ p
#define PERI_ARG_(...) PERI_ARG__(__VA_ARGS__, 0)
#define PERI_ARG__(T, n, ...) n
#define PERI_P_PASS(k, p) , PERI_ARG_ p
#define PERI_P_NAME1(k, p) PERI_NAME_ p
#define PERI_P_NAME(k, p) ", " PERI_NAME_ p
#define PERI_P_GET1(k, p) PERI_CAT(peri_get_, PERI_T_ p)(a + k)
#define PERI_P_GET(k, p) , PERI_P_GET1(k, p)
#define PERI_P_ROW1(k, p) PERI_CAT(peri_row_, PERI_T_ p)(c + k, i)
#define PERI_P_ROW(k, p) , PERI_P_ROW1(k, p)
#define PERI_P_NULL(k, p) || c[k].valid
#define PERI_P_SKIP(k, p) if (!peri_valid(c + k, i)) continue;
/* The parameters of a function; (void) when there are none. */
#define PERI_ARGS_(...) PERI_CAT(PERI_A, PERI_N__(__VA_ARGS__, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0))(__VA_ARGS__)
#define PERI_A0(d) void
#define PERI_A1(...) PERI_EACH_(PERI_P_DECL1, PERI_P_DECL, __VA_ARGS__)
#define PERI_SIGNATURE_(...) "(" PERI_EACH_(PERI_P_NAME1, PERI_P_NAME, __VA_ARGS__) ")"
#define PERI_DOC_TEXT_(...) "\n" PERI_DOC_(__VA_ARGS__, 0)

/* ----------------------------------------------------------------- functions */

/* A pure function of single values, which also runs over whole columns.  Types: bool i8 u8 i16 u16 i32
 * u32 i64 u64 f32 f64 time str char (which no column holds); the result may be opt_T, a peri_opt_T with
 * `value` and `has`, and a str result must lie in the arguments or in static data.  A null argument gives
 * null without a call. */
#define PERI_FN(R_, NAME_, ...) PERI_FN_(PERI_PURE | PERI_PLAIN, R_, NAME_, NAME_, __VA_ARGS__)
/* The same for a function that is defined for any bits (no division, nothing
 * reached through a str): its column loop need not look at nulls. */
#define PERI_FN_TOTAL(R_, NAME_, ...) \
  PERI_FN_(PERI_PURE | PERI_PLAIN | PERI_TOTAL, R_, NAME_, NAME_, __VA_ARGS__)
/* Another name in C, where the name is taken, also by an overload; so PERI_FN_CX_AS
 * and PERI_FN_PURE_CX_AS: (i64, my_abs, abs, "doc", ...) */
#define PERI_FN_AS(R_, CNAME_, NAME_, ...) PERI_FN_(PERI_PURE | PERI_PLAIN, R_, CNAME_, NAME_, __VA_ARGS__)

#define PERI_FN_(FLAGS_, R_, ID_, NAME_, ...)                                  \
  static inline PERI_CAT(peri_c_, R_) ID_(PERI_ARGS_(__VA_ARGS__)) PERI_NOTHROW_; \
  PERI_TEXT_(ID_, "function " #NAME_ PERI_SIGNATURE_(__VA_ARGS__) " -> " #R_ PERI_DOC_TEXT_(__VA_ARGS__)) \
  static void ID_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r)       \
  {                                                                            \
    (void)cx; (void)a;                                                         \
    PERI_CAT(peri_set_, R_)(r, ID_(PERI_EACH_(PERI_P_GET1, PERI_P_GET, __VA_ARGS__))); \
  }                                                                            \
  static void ID_##__map(peri_cx *cx, int64_t n, const peri_col *c, void *PERI_RESTRICT_ out, uint8_t *PERI_RESTRICT_ valid) \
  {                                                                            \
    (void)cx; (void)c;                                                         \
    if (0 PERI_EACH_(PERI_P_NULL, PERI_P_NULL, __VA_ARGS__)) /* never computes on what is null: 1/0 traps */ \
      for (int64_t i = 0; i < n; i++) {                                        \
        PERI_EACH_(PERI_P_SKIP, PERI_P_SKIP, __VA_ARGS__)                      \
        PERI_CAT(peri_put_, R_)(out, valid, i, ID_(PERI_EACH_(PERI_P_ROW1, PERI_P_ROW, __VA_ARGS__))); \
      }                                                                        \
    else                                                                       \
      for (int64_t i = 0; i < n; i++)                                          \
        PERI_CAT(peri_put_, R_)(out, valid, i, ID_(PERI_EACH_(PERI_P_ROW1, PERI_P_ROW, __VA_ARGS__))); \
  }                                                                            \
  PERI_ITEM_(ID_) = {PERI_K_FUNCTION, 0, FLAGS_, PERI_CAT(peri_text_, ID_), (peri_anyfn)ID_, \
    (peri_anyfn)ID_##__call, (peri_anyfn)ID_##__map, 0, 0, 0};                 \
  static inline PERI_CAT(peri_c_, R_) ID_(PERI_ARGS_(__VA_ARGS__)) PERI_NOTHROW_

/* A function that gets `peri_cx *cx` first: it may allocate (peri_alloc), log
 * and fail (peri_fail), and use any type.  Called with single values only. */
#define PERI_FN_CX(R_, NAME_, ...) PERI_FN_CX_AS(R_, NAME_, NAME_, __VA_ARGS__)
#define PERI_FN_CX_AS(R_, ID_, NAME_, ...)                                     \
  static PERI_CAT(peri_c_, R_) ID_(peri_cx *cx PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__)); \
  PERI_TEXT_(ID_, "function " #NAME_ PERI_SIGNATURE_(__VA_ARGS__) " -> " #R_ PERI_DOC_TEXT_(__VA_ARGS__)) \
  static void ID_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r)       \
  {                                                                            \
    (void)a;                                                                   \
    PERI_TRY_ PERI_CAT(peri_set_, R_)(r, ID_(cx PERI_EACH_(PERI_P_GET, PERI_P_GET, __VA_ARGS__))); PERI_CATCH_() \
  }                                                                            \
  PERI_ITEM_(ID_) = {PERI_K_FUNCTION, 0, PERI_DIRECT_, PERI_CAT(peri_text_, ID_), (peri_anyfn)ID_, \
    (peri_anyfn)ID_##__call, 0, 0, 0, 0};                                      \
  static PERI_CAT(peri_c_, R_) ID_(peri_cx *cx PERI_UNUSED PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__))

/* A pure function that allocates or fails: gets `cx` and also runs over columns. */
#define PERI_FN_PURE_CX(R_, NAME_, ...) PERI_FN_PURE_CX_AS(R_, NAME_, NAME_, __VA_ARGS__)
#define PERI_FN_PURE_CX_AS(R_, ID_, NAME_, ...)                                \
  static PERI_CAT(peri_c_, R_) ID_(peri_cx *cx PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__)); \
  PERI_TEXT_(ID_, "function " #NAME_ PERI_SIGNATURE_(__VA_ARGS__) " -> " #R_ PERI_DOC_TEXT_(__VA_ARGS__)) \
  static void ID_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r)       \
  {                                                                            \
    (void)a;                                                                   \
    PERI_TRY_ PERI_CAT(peri_set_, R_)(r, ID_(cx PERI_EACH_(PERI_P_GET, PERI_P_GET, __VA_ARGS__))); PERI_CATCH_() \
  }                                                                            \
  static void ID_##__map(peri_cx *cx, int64_t n, const peri_col *c, void *PERI_RESTRICT_ out, uint8_t *PERI_RESTRICT_ valid) \
  {                                                                            \
    (void)c;                                                                   \
    PERI_TRY_                                                                  \
    for (int64_t i = 0; i < n && cx->failed == PERI_OK; i++) {                 \
      PERI_EACH_(PERI_P_SKIP, PERI_P_SKIP, __VA_ARGS__)                        \
      PERI_CAT(peri_put_, R_)(out, valid, i, ID_(cx PERI_EACH_(PERI_P_ROW, PERI_P_ROW, __VA_ARGS__))); \
    }                                                                          \
    PERI_CATCH_()                                                              \
  }                                                                            \
  PERI_ITEM_(ID_) = {PERI_K_FUNCTION, 0, PERI_PURE | PERI_DIRECT_, PERI_CAT(peri_text_, ID_), (peri_anyfn)ID_, \
    (peri_anyfn)ID_##__call, (peri_anyfn)ID_##__map, 0, 0, 0};             \
  static PERI_CAT(peri_c_, R_) ID_(peri_cx *cx PERI_UNUSED PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__))

/* ------------------------------------------------------- records and parameters
 * #define POINT(F) F(f64, x, "East") F(f64, y, "North")
 * PERI_RECORD(point, POINT)
 *
 * #define KEEP(P)                                                    \
 *   P(f64, limit, 0.5, "Keep rows at or above this.", 0..1)          \
 *   P(str, mode, "drop", "What to do with the rest.", drop|mark)     \
 *   P(list_str, columns, required, "Which columns.")
 * PERI_PARAMS(keep_params, KEEP)
 * Default: a literal in Lua's spelling, `{}`, `nil` (opt_T), or `required`.
 * After the doc: a range low..high (either may lack) or the choices a|b|c. */
#define PERI_SELF_ PERI_CAT(PERI_CAT(PERI_CAT(peri_self_, __INCLUDE_LEVEL__), _), __LINE__)
#define PERI_F_MEMBER(T, n, ...) PERI_CAT(peri_c_, T) n;
#define PERI_F_OFFSET(T, n, ...) (uint32_t)offsetof(PERI_SELF_, n),
#define PERI_F_COUNT(...) +1
#define PERI_F_TEXT(T, n, doc) #n ": " #T "\t" doc "\n"
#define PERI_F_PTEXT(T, n, def, doc, ...) #n ": " #T " = " #def "\t" doc "\t" #__VA_ARGS__ "\n"
#define PERI_RECORD(NAME_, FIELDS_) PERI_STRUCT_("record", NAME_, FIELDS_, PERI_F_TEXT)
#define PERI_PARAMS(NAME_, FIELDS_) PERI_STRUCT_("params", NAME_, FIELDS_, PERI_F_PTEXT)
#define PERI_STRUCT_(WORD_, NAME_, FIELDS_, TEXT_)                             \
  typedef struct NAME_ { FIELDS_(PERI_F_MEMBER) } NAME_;                       \
  PERI_COMPOSITE_(NAME_, NAME_)                                                \
  PERI_PLACES_(WORD_, NAME_, FIELDS_, TEXT_)                                   \
  PERI_ITEM_(NAME_) = {PERI_K_TYPE, 0, 0, PERI_CAT(peri_text_, NAME_), 0, 0, 0, 0, &NAME_##__layout, 0};
#define PERI_PLACES_(WORD_, NAME_, FIELDS_, TEXT_)                             \
  PERI_TEXT_(NAME_, WORD_ " " #NAME_ "\n" FIELDS_(TEXT_))                      \
  typedef NAME_ PERI_SELF_;                                                    \
  static const uint32_t NAME_##__offsets[] = {FIELDS_(PERI_F_OFFSET)};         \
  static const peri_layout NAME_##__layout PERI_UNUSED = {PERI_CAT(peri_text_, NAME_), sizeof(NAME_), \
    PERI_ALIGN_(NAME_), 0 FIELDS_(PERI_F_COUNT), 0, NAME_##__offsets};
/* Some members of a struct that is written by hand, for a class: what Lua may read of its objects. */
#define PERI_F_SAME(T, n, doc) \
  PERI_ASSERT_(PERI_SAME_(PERI_CAT(peri_c_, T), \
    __typeof__(((PERI_SELF_ *)0)->n)), "'" #n "' is not of type " #T);
#define PERI_FIELDS(NAME_, FIELDS_) \
  PERI_PLACES_("record", NAME_, FIELDS_, PERI_F_TEXT) FIELDS_(PERI_F_SAME)
/* For a stage without parameters, or without state. */
typedef struct peri_none { char unused; } peri_none;
static const uint32_t peri_none__offsets[1] PERI_UNUSED = {0};
static const peri_layout peri_none__layout PERI_UNUSED =
  {"record peri_none\n", sizeof(peri_none), 1, 0, 0, peri_none__offsets};

/* One of several: what a case holds, `none` for nothing, and its name.
 * #define SHAPE(C) C(circle, round, "By its radius") C(none, dot, "A point")
 * PERI_VARIANT(shape, SHAPE)
 * In C: s.tag == PERI_TAG(shape, round), s.u.round; PERI_CASE(shape, round, {2}).
 * In Lua: { round = { r = 2 } }, { dot = true }. */
typedef peri_none peri_c_none;
#define PERI_C_TAG(T, n, doc) char n;
#define PERI_C_OFFSET(T, n, doc) (uint32_t)offsetof(PERI_SELF_, u.n),
#define PERI_TAG(NAME_, n_) ((int32_t)offsetof(NAME_##__tags, n_))
#define PERI_CASE(NAME_, n_, ...) PERI_MAKE(NAME_, PERI_TAG(NAME_, n_), 0, {.n_ = __VA_ARGS__})
#define PERI_VARIANT(NAME_, CASES_)                                            \
  typedef struct NAME_##__tags { CASES_(PERI_C_TAG) } NAME_##__tags;           \
  typedef struct NAME_ { int32_t tag, reserved; union { CASES_(PERI_F_MEMBER) } u; } NAME_; \
  PERI_COMPOSITE_(NAME_, NAME_)                                                \
  PERI_TEXT_(NAME_, "variant " #NAME_ "\n" CASES_(PERI_F_TEXT))                \
  typedef NAME_ PERI_SELF_;                                                    \
  static const uint32_t NAME_##__offsets[] = {CASES_(PERI_C_OFFSET)};          \
  static const peri_layout NAME_##__layout PERI_UNUSED = {PERI_CAT(peri_text_, NAME_), sizeof(NAME_), \
    PERI_ALIGN_(NAME_), 0 CASES_(PERI_F_COUNT), 0, NAME_##__offsets};             \
  PERI_ITEM_(NAME_) = {PERI_K_TYPE, 0, 0, PERI_CAT(peri_text_, NAME_), 0, 0, 0, 0, &NAME_##__layout, 0};

/* --------------------------------------------------------- stages and codecs */
#define PERI_OWNER_(WORD_, KIND_, NAME_, FLAGS_, P_, S_, SIGNATURE_, DOC_)     \
  typedef P_ NAME_##__P;                                                       \
  typedef S_ NAME_##__S;                                                       \
  PERI_TEXT_(NAME_, WORD_ " " #NAME_ SIGNATURE_ " params " #P_ " state " #S_ "\n" DOC_) \
  PERI_ITEM_(NAME_) = {KIND_, 0, FLAGS_, PERI_CAT(peri_text_, NAME_), 0, 0, 0, \
    &P_##__layout, &S_##__layout, 0}
/* Each is followed by its hooks.  P and S: a PERI_PARAMS, a PERI_RECORD or any
 * plain struct declared with PERI_STATE, or peri_none.
 * Kernel: inputs and outputs as text, "value: f64, name: str"; no inputs: every
 * column of the batch; no outputs: rows of the input (out_pick, out_slice).
 * Input types: one column type, `any`, or alternatives "i64|f64". */
#define PERI_KERNEL(NAME_, FLAGS_, P_, S_, INPUTS_, OUTPUTS_, DOC_) \
  PERI_OWNER_("kernel", PERI_K_KERNEL, NAME_, FLAGS_, P_, S_, "(" INPUTS_ ") -> (" OUTPUTS_ ")", DOC_)
#define PERI_SOURCE(NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_("source", PERI_K_SOURCE, NAME_, FLAGS_, P_, S_, "", DOC_)
#define PERI_SINK(NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_("sink", PERI_K_SINK, NAME_, FLAGS_, P_, S_, "", DOC_)
#define PERI_DECODER(NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_("decoder", PERI_K_DECODER, NAME_, FLAGS_, P_, S_, "", DOC_)
#define PERI_ENCODER(NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_("encoder", PERI_K_ENCODER, NAME_, FLAGS_, P_, S_, "", DOC_)
/* A decoder beside an encoder of the same name needs another C name:
 * PERI_DECODER_AS(json_decoder, json, ...); hooks use the C name. */
#define PERI_DECODER_AS(ID_, NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_AS_("decoder", PERI_K_DECODER, ID_, NAME_, FLAGS_, P_, S_, DOC_)
#define PERI_ENCODER_AS(ID_, NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_AS_("encoder", PERI_K_ENCODER, ID_, NAME_, FLAGS_, P_, S_, DOC_)
#define PERI_SOURCE_AS(ID_, NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_AS_("source", PERI_K_SOURCE, ID_, NAME_, FLAGS_, P_, S_, DOC_)
#define PERI_SINK_AS(ID_, NAME_, FLAGS_, P_, S_, DOC_) PERI_OWNER_AS_("sink", PERI_K_SINK, ID_, NAME_, FLAGS_, P_, S_, DOC_)
#define PERI_OWNER_AS_(WORD_, KIND_, ID_, NAME_, FLAGS_, P_, S_, DOC_)         \
  typedef P_ ID_##__P;                                                         \
  typedef S_ ID_##__S;                                                         \
  PERI_TEXT_(ID_, WORD_ " " #NAME_ " params " #P_ " state " #S_ "\n" DOC_)     \
  PERI_ITEM_(ID_) = {KIND_, 0, FLAGS_, PERI_CAT(peri_text_, ID_), 0, 0, 0, &P_##__layout, &S_##__layout, 0}
/* A state that only the plugin reads: a plain C struct. */
#define PERI_STATE(NAME_)                                                      \
  static const peri_layout NAME_##__layout PERI_UNUSED =                       \
    {"record " #NAME_ "\n", sizeof(NAME_), PERI_ALIGN_(NAME_), 0, 0, peri_none__offsets}

/* One hook: a typed function for the author, a void * one for the host.  Owner: by its text's address. */
#define PERI_RETURN_void
#define PERI_RETURN_peri_status return
#define PERI_RETURN_int64_t return
#define PERI_HOOK_(ID_, NUM_, HOOK_, RET_, TYPED_, VOID_, PASS_)               \
  static RET_ ID_##__##HOOK_ TYPED_;                                           \
  static RET_ ID_##__##HOOK_##_v VOID_ { PERI_TRY_ PERI_RETURN_##RET_ ID_##__##HOOK_ PASS_; PERI_CATCH_(PERI_RETURN_##RET_) } \
  PERI_ITEM_(ID_##__##HOOK_) = {PERI_K_HOOK, NUM_, 0, PERI_CAT(peri_text_, ID_), \
    (peri_anyfn)ID_##__##HOOK_##_v, 0, 0, 0, 0, 0};                            \
  static RET_ ID_##__##HOOK_ TYPED_
#define PERI_ABOUT_(ID_) peri_cx *cx PERI_UNUSED, const ID_##__P *params PERI_UNUSED, ID_##__S *st PERI_UNUSED
#define PERI_PASS_(ID_) cx, (const ID_##__P *)p, (ID_##__S *)s
#define PERI_OPEN(ID_) PERI_HOOK_(ID_, PERI_H_OPEN, open, peri_status, (PERI_ABOUT_(ID_)), \
  (peri_cx *cx, const void *p, void *s), (PERI_PASS_(ID_)))
#define PERI_CLOSE(ID_) PERI_HOOK_(ID_, PERI_H_CLOSE, close, void, (PERI_ABOUT_(ID_)), \
  (peri_cx *cx, const void *p, void *s), (PERI_PASS_(ID_)))
#define PERI_PROCESS(ID_) PERI_HOOK_(ID_, PERI_H_PROCESS, process, peri_status, \
  (PERI_ABOUT_(ID_), const peri_batch *in PERI_UNUSED, peri_out *out PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const peri_batch *in, peri_out *out), (PERI_PASS_(ID_), in, out))
#define PERI_FLUSH(ID_) PERI_HOOK_(ID_, PERI_H_FLUSH, flush, peri_status, (PERI_ABOUT_(ID_), peri_out *out PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, peri_out *out), (PERI_PASS_(ID_), out))
#define PERI_SPLIT(ID_) PERI_HOOK_(ID_, PERI_H_SPLIT, split, int64_t, (PERI_ABOUT_(ID_), const peri_chunk *chunk PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const peri_chunk *chunk), (PERI_PASS_(ID_), chunk))
#define PERI_DECODE(ID_) PERI_HOOK_(ID_, PERI_H_DECODE, decode, peri_status, (PERI_ABOUT_(ID_), const peri_chunk *chunk PERI_UNUSED, peri_out *out PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const peri_chunk *chunk, peri_out *out), (PERI_PASS_(ID_), chunk, out))
#define PERI_PICK(ID_) PERI_HOOK_(ID_, PERI_H_PICK, pick, peri_status, (PERI_ABOUT_(ID_), const peri_chunk *chunk PERI_UNUSED, const uint32_t *rows PERI_UNUSED, int64_t n PERI_UNUSED, peri_out *out PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const peri_chunk *chunk, const uint32_t *rows, int64_t n, peri_out *out), (PERI_PASS_(ID_), chunk, rows, n, out))
#define PERI_ENCODE(ID_) PERI_HOOK_(ID_, PERI_H_ENCODE, encode, peri_status, (PERI_ABOUT_(ID_), const peri_batch *in PERI_UNUSED, peri_bytes *out PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const peri_batch *in, peri_bytes *out), (PERI_PASS_(ID_), in, out))
#define PERI_FINISH(ID_) PERI_HOOK_(ID_, PERI_H_FINISH, finish, peri_status, (PERI_ABOUT_(ID_), peri_bytes *out PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, peri_bytes *out), (PERI_PASS_(ID_), out))
#define PERI_POLL(ID_) PERI_HOOK_(ID_, PERI_H_POLL, poll, peri_status, (PERI_ABOUT_(ID_), peri_out *out PERI_UNUSED, peri_poll *poll PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, peri_out *out, peri_poll *poll), (PERI_PASS_(ID_), out, poll))
#define PERI_WRITE(ID_) PERI_HOOK_(ID_, PERI_H_WRITE, write, peri_status, (PERI_ABOUT_(ID_), const peri_batch *in PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const peri_batch *in), (PERI_PASS_(ID_), in))
#define PERI_PUT(ID_) PERI_HOOK_(ID_, PERI_H_PUT, put, peri_status, (PERI_ABOUT_(ID_), const char *bytes PERI_UNUSED, size_t len PERI_UNUSED), \
  (peri_cx *cx, const void *p, void *s, const char *bytes, size_t len), (PERI_PASS_(ID_), bytes, len))
#define PERI_SCHEMA(ID_) PERI_HOOK_(ID_, PERI_H_SCHEMA, schema, peri_status, (peri_cx *cx PERI_UNUSED, const ID_##__P *params PERI_UNUSED, peri_out *out), \
  (peri_cx *cx, const void *p, peri_out *out), (cx, (const ID_##__P *)p, out))

/* ------------------------------------------------------------------- classes
 * #define COUNTER(F) F(i64, n, "How many so far")
 * PERI_RECORD(counter, COUNTER)
 * PERI_CLASS(counter, "Counts.", (i64, start)) { self->n = start; return PERI_OK; }
 * PERI_METHOD(i64, counter, add, "Adds; the sum.", (i64, by)) { return self->n += by; }
 * PERI_DESTROY(counter) { ... }
 *
 *   local c <close> = plugin.counter(5)   c:add(1)   c.n   c:release()
 *
 * The struct is a PERI_RECORD, all of which Lua can read, or one of yours with PERI_FIELDS, or with
 * PERI_STATE when Lua shall read nothing of it.  The body of PERI_CLASS makes an object from zeroed
 * memory: `cx`, `self` and the parameters are in scope.  PERI_DESTROY runs exactly once for each object
 * that was made.  Methods may allocate and fail as PERI_FN_CX does.
 * PERI_OBJECT(counter), behind the struct, makes two types: obj_counter for parameters, a counter * of an
 * object that is not released; new_counter for results, a counter that the host moves into a new object,
 * so it cannot point into itself.  What fails makes none, and gives back itself what it has taken.
 * PERI_VIEW(counter) { *view = (peri_array){...}; return PERI_OK; } says what
 * object[i] and #object are. */
#define PERI_OBJECT(T_)                                                        \
  typedef T_ *peri_c_obj_##T_; typedef T_ peri_c_new_##T_; \
  PERI_UNUSED static inline T_ *peri_get_obj_##T_(const peri_slot *s) { return (T_ *)s->ptr; } \
  PERI_UNUSED static inline void peri_set_new_##T_(peri_slot *s, T_ v) { *(T_ *)s->ptr = v; }
#define PERI_CLASS(NAME_, ...)                                                 \
  static peri_status NAME_##__make(peri_cx *cx, NAME_ *self PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__)); \
  PERI_TEXT_(NAME_##__class, "class " #NAME_ PERI_SIGNATURE_(__VA_ARGS__) PERI_DOC_TEXT_(__VA_ARGS__)) \
  PERI_ITEM_(NAME_##__class) = {PERI_K_CLASS, 0, 0, PERI_CAT(peri_text_, NAME_##__class), 0, 0, 0, 0, \
    &NAME_##__layout, 0};                                                      \
  static peri_status NAME_##__make_v(peri_cx *cx, void *self, const peri_slot *a) \
  {                                                                            \
    (void)a;                                                                   \
    PERI_TRY_ return NAME_##__make(cx, (NAME_ *)self PERI_EACH_(PERI_P_GET, PERI_P_GET, __VA_ARGS__)); PERI_CATCH_(return) \
  }                                                                            \
  PERI_ITEM_(NAME_##__make) = {PERI_K_HOOK, PERI_H_CREATE, 0, PERI_CAT(peri_text_, NAME_##__class), \
    (peri_anyfn)NAME_##__make_v, 0, 0, 0, 0, 0};                               \
  static peri_status NAME_##__make(peri_cx *cx PERI_UNUSED, NAME_ *self PERI_UNUSED PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__))
#define PERI_DESTROY(NAME_) PERI_HOOK_(NAME_##__class, PERI_H_DESTROY, destroy, void, (peri_cx *cx PERI_UNUSED, NAME_ *self PERI_UNUSED), \
  (peri_cx *cx, void *self), (cx, (NAME_ *)self))
#define PERI_VIEW(NAME_) PERI_HOOK_(NAME_##__class, PERI_H_VIEW, view, peri_status, (peri_cx *cx PERI_UNUSED, NAME_ *self PERI_UNUSED, peri_array *view), \
  (peri_cx *cx, void *self, peri_array *view), (cx, (NAME_ *)self, view))
/* Its C function is class_name(cx, self, ...). */
#define PERI_METHOD(R_, CLASS_, NAME_, ...)                                    \
  static PERI_CAT(peri_c_, R_) CLASS_##_##NAME_(peri_cx *cx, CLASS_ *self PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__)); \
  PERI_TEXT_(CLASS_##__##NAME_, "method " #CLASS_ ":" #NAME_ PERI_SIGNATURE_(__VA_ARGS__) " -> " #R_ PERI_DOC_TEXT_(__VA_ARGS__)) \
  static void CLASS_##_##NAME_##__call(peri_cx *cx, const peri_slot *a, peri_slot *r) \
  {                                                                            \
    CLASS_ *self = (CLASS_ *)a++->ptr;                                         \
    PERI_TRY_ PERI_CAT(peri_set_, R_)(r, CLASS_##_##NAME_(cx, self PERI_EACH_(PERI_P_GET, PERI_P_GET, __VA_ARGS__))); PERI_CATCH_() \
  }                                                                            \
  static PERI_CAT(peri_c_, R_) CLASS_##_##NAME_##__fn(peri_cx *cx, void *self PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__)) \
  {                                                                            \
    return CLASS_##_##NAME_(cx, (CLASS_ *)self PERI_EACH_(PERI_P_PASS, PERI_P_PASS, __VA_ARGS__)); \
  }                                                                            \
  PERI_ITEM_(CLASS_##__##NAME_) = {PERI_K_METHOD, 0, PERI_DIRECT_, PERI_CAT(peri_text_, CLASS_##__##NAME_), \
    (peri_anyfn)CLASS_##_##NAME_##__fn, (peri_anyfn)CLASS_##_##NAME_##__call, 0, 0, 0, 0}; \
  static PERI_CAT(peri_c_, R_) CLASS_##_##NAME_(peri_cx *cx PERI_UNUSED, CLASS_ *self PERI_UNUSED PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__))

/* ---------------------------------------------------------------- aggregates */

/* PERI_AGGREGATE(result, id, name, State, "doc", (type, arg)...): the author
 * then writes
 *   static inline void        id_step(peri_cx *cx, State *st, args...)
 *   static inline peri_status id_join(peri_cx *cx, State *into, const State *from)
 *   static inline peri_status id_final(peri_cx *cx, const State *st, C type *result, uint8_t *valid)
 * and, when the state owns memory, PERI_DROP(id).  The loops, the nulls, the groups and the parallel
 * merge come from here.  A state begins zeroed.  An aggregate may have several overloads (same name,
 * other argument types), which share one State: the host picks by column type, and the last overload
 * that a stream needed makes the result.  Nulls are not stepped.  A range, as in (f64, q, 0..1), is what
 * a constant is held to when a plan is checked; other values are not. */
#define PERI_AGGREGATE(R_, ID_, NAME_, S_, ...)                                \
  typedef S_ ID_##__S;                                                         \
  static inline void ID_##_step(peri_cx *cx, S_ *st PERI_EACH_(PERI_P_DECL, PERI_P_DECL, __VA_ARGS__)); \
  static inline peri_status ID_##_join(peri_cx *cx, S_ *into, const S_ *from); \
  static inline peri_status ID_##_final(peri_cx *cx, const S_ *st, PERI_CAT(peri_c_, R_) *result, uint8_t *valid); \
  PERI_TEXT_(ID_, "aggregate " #NAME_ PERI_SIGNATURE_(__VA_ARGS__) " -> " #R_ " state " #S_ PERI_DOC_TEXT_(__VA_ARGS__)) \
  PERI_ITEM_(ID_) = {PERI_K_AGGREGATE, 0, 0, PERI_CAT(peri_text_, ID_), 0, 0, 0, 0, &S_##__layout, 0}; \
  PERI_HOOK_(ID_, PERI_H_STEP, step_all, peri_status, (peri_cx *cx, S_ *st, const uint32_t *g, int64_t n, const peri_col *c), \
    (peri_cx *cx, void *s, const uint32_t *g, int64_t n, const peri_col *c), (cx, (S_ *)s, g, n, c)) \
  {                                                                            \
    (void)c;                                                                   \
    if (0 PERI_EACH_(PERI_P_NULL, PERI_P_NULL, __VA_ARGS__))                   \
      for (int64_t i = 0; i < n; i++) {                                        \
        PERI_EACH_(PERI_P_SKIP, PERI_P_SKIP, __VA_ARGS__)                      \
        ID_##_step(cx, st + (g ? g[i] : 0) PERI_EACH_(PERI_P_ROW, PERI_P_ROW, __VA_ARGS__)); \
      }                                                                        \
    else if (g)                                                                \
      for (int64_t i = 0; i < n; i++) ID_##_step(cx, st + g[i] PERI_EACH_(PERI_P_ROW, PERI_P_ROW, __VA_ARGS__)); \
    else                                                                       \
      for (int64_t i = 0; i < n; i++) ID_##_step(cx, st PERI_EACH_(PERI_P_ROW, PERI_P_ROW, __VA_ARGS__)); \
    return cx->failed;                                                         \
  }                                                                            \
  PERI_HOOK_(ID_, PERI_H_JOIN, join_v, peri_status, (peri_cx *cx, S_ *st, const S_ *from), \
    (peri_cx *cx, void *s, void *from), (cx, (S_ *)s, (const S_ *)from)) { return ID_##_join(cx, st, from); } \
  PERI_HOOK_(ID_, PERI_H_FINAL, final_v, peri_status, (peri_cx *cx, const S_ *st, peri_slot *r, uint8_t *valid), \
    (peri_cx *cx, const void *s, peri_slot *r, uint8_t *valid), (cx, (const S_ *)s, r, valid)) \
  {                                                                            \
    PERI_CAT(peri_c_, R_) result;                                              \
    memset(&result, 0, sizeof result);                                         \
    peri_status status = ID_##_final(cx, st, &result, valid);                  \
    PERI_CAT(peri_set_, R_)(r, result);                                        \
    return status;                                                             \
  }
#define PERI_DROP(ID_) PERI_HOOK_(ID_, PERI_H_DROP, drop, void, (peri_cx *cx PERI_UNUSED, ID_##__S *st), \
  (peri_cx *cx, void *s), (cx, (ID_##__S *)s))

/* ----------------------------------------------------------- the plugin itself */
#if defined __AVX512F__
#define PERI_CPU_ (PERI_CPU_AVX2 | PERI_CPU_AVX512)
#elif defined __AVX2__
#define PERI_CPU_ PERI_CPU_AVX2
#else
#define PERI_CPU_ 0u
#endif
#ifndef PERI_TARGET_MINOR /* oldest host that this build runs on */
#define PERI_TARGET_MINOR 0
#endif
/* After PERI_PLUGIN, when a plugin has to know: PERI_INIT { ... return PERI_OK; }
 * before anything else of it is called, PERI_FINI { ... } after everything. */
#define PERI_INIT PERI_HOOK_(plugin_, PERI_H_INIT, init, peri_status, (peri_cx *cx PERI_UNUSED), (peri_cx *cx), (cx))
#define PERI_FINI PERI_HOOK_(plugin_, PERI_H_FINI, fini, void, (peri_cx *cx PERI_UNUSED), (peri_cx *cx), (cx))
#define PERI_START_ PERI_SUFFIX_(__start_perigee_items)
#define PERI_STOP_ PERI_SUFFIX_(__stop_perigee_items)
#define PERI_PLUGIN(NAME_, VERSION_, AUTHOR_, LICENSE_, ABOUT_)                \
  PERI_EXTERN_ const peri_item PERI_START_[] __attribute__((visibility("hidden")));  \
  PERI_EXTERN_ const peri_item PERI_STOP_[] __attribute__((visibility("hidden")));   \
  static const peri_note peri_the_note                                         \
    __attribute__((section(".note.perigee"), aligned(4))) PERI_KEEP_ = {       \
    8, sizeof(peri_note) - 20, PERI_NOTE_TYPE, "perigee", PERI_ABI_MAJOR, PERI_TARGET_MINOR, \
    sizeof(void *), __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__, sizeof(long), sizeof(__WCHAR_TYPE__), \
    PERI_CPU_, PERI_N_FIELDS, NAME_, VERSION_, {PERI_LAYOUT(PERI_LAYOUT_PAIR)}}; \
  PERI_TEXT_(plugin_, "plugin " NAME_ "\n" VERSION_ "\n" AUTHOR_ "\n" LICENSE_ "\n" ABOUT_) \
  PERI_ITEM_(plugin_) = {0, 0, 0, peri_text_plugin_, 0, 0, 0, 0, 0, 0};        \
  PERI_EXTERN_ __attribute__((visibility("default"))) const peri_plugin PERI_SUFFIX_(perigee_plugin_v1); \
  const peri_plugin PERI_SUFFIX_(perigee_plugin_v1) = {PERI_ABI_MAJOR, PERI_TARGET_MINOR, \
    NAME_, VERSION_, AUTHOR_, LICENSE_, ABOUT_, PERI_START_, PERI_STOP_};      \
  struct peri_semicolon
#endif

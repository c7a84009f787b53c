/* perigee/dialect.h - what C and C++ spell differently, for perigee/plugin.h.
 *
 * In C++ (17) the macros of plugin.h are the same.  Structs are made with
 * PERI_MAKE(peri_str, ptr, len) in both; functions of PERI_FN are noexcept; what
 * anything else throws becomes a failure with the exception's text, so that
 * nothing unwinds into the host. */
#ifndef PERIGEE_DIALECT_H
#define PERIGEE_DIALECT_H
#if defined __GNUC__ && !defined PERI_WARN_IN_HEADER
#pragma GCC system_header
#endif

#ifndef __cplusplus

#define PERI_MAKE(T_, ...) ((T_){__VA_ARGS__})
#define PERI_EXTERN_ extern
#define PERI_CONST_ const
#define PERI_RESTRICT_ restrict
#define PERI_ASSERT_ _Static_assert
#define PERI_ALIGN_(T_) _Alignof(T_)
#define PERI_SAME_(A_, B_) __builtin_types_compatible_p(A_, B_)
#define PERI_NOTHROW_
#define PERI_DIRECT_ PERI_WITH_CX
#define PERI_TRY_
#define PERI_CATCH_(RETURN_)

#else

#define PERI_MAKE(T_, ...) (T_{__VA_ARGS__})
#define PERI_EXTERN_ extern "C"
#define PERI_CONST_ /* clang++: two items may not differ in what it calls const */
#define PERI_RESTRICT_ __restrict
#define PERI_ASSERT_ static_assert
#define PERI_ALIGN_(T_) alignof(T_)
template <class A, class B> struct peri_same_ {
  static constexpr bool value = false;
};
template <class A> struct peri_same_<A, A> {
  static constexpr bool value = true;
};
#define PERI_SAME_(A_, B_) (peri_same_<A_, B_>::value)
#define PERI_NOTHROW_ noexcept
#define PERI_DIRECT_ 0 /* what may throw is called through what catches */

#ifdef __cpp_exceptions
#include <exception>
#include <new>
#define PERI_TRY_ try {
#define PERI_CATCH_(RETURN_)                                                   \
  } catch (const std::bad_alloc &) {                                           \
    RETURN_ peri_fail(cx, PERI_ENOMEM, "no memory");                           \
  } catch (const std::exception &e) {                                          \
    RETURN_ peri_fail(cx, PERI_EDATA, e.what());                               \
  } catch (...) {                                                              \
    RETURN_ peri_fail(cx, PERI_EBUG, "threw what is no std::exception");       \
  }
#else
#define PERI_TRY_
#define PERI_CATCH_(RETURN_)
#endif

#endif
#endif

/* measure.cpp - the plugin of script.lua in C++17, as its authors would write
 * it. */
#include <algorithm>
#include <cmath>
#include <perigee/plugin.h>
#include <stdexcept>
#include <string_view>
#include <vector>

PERI_FN(i32, min, "Smaller of two integers.", (i32, a), (i32, b))
{
  return std::min(a, b);
}

PERI_FN_CX(f64, root, "Square root; fails below zero.", (f64, x))
{
  if (x < 0) {
    throw std::invalid_argument("root of a negative number");
  }
  return std::sqrt(x);
}

PERI_FN_CX(str, shout, "In capitals.", (str, text))
{
  auto *room = static_cast<char *>(peri_alloc(cx, text.len + 1));
  if (!room) {
    throw std::bad_alloc();
  }
  std::string_view from(text.ptr, text.len);
  std::transform(from.begin(), from.end(), room, [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return {room, text.len};
}

#define REACH(P) P(f64, limit, 1, "Keeps rows at or above this.")
PERI_PARAMS(reach_params, REACH)
PERI_KERNEL(reach, PERI_STATELESS, reach_params, peri_none, "value: f64", "",
            "Keeps rows that reach the limit.");
PERI_PROCESS(reach)
{
  std::vector<uint32_t> rows;
  auto *values = static_cast<const double *>(in->cols[0].data);
  for (int64_t i = 0; i < in->n; i++) {
    if (peri_valid(&in->cols[0], i) && values[i] >= params->limit) {
      rows.push_back(static_cast<uint32_t>(i));
    }
  }
  return cx->sv->out_pick(out, rows.data(), static_cast<int64_t>(rows.size()));
}

struct spread_state {
  double low, high;
  int64_t count;

  void add(double x)
  {
    low = count == 0 ? x : std::min(low, x);
    high = count == 0 ? x : std::max(high, x);
    count++;
  }
};
PERI_STATE(spread_state);
PERI_AGGREGATE(f64, spread, spread, spread_state,
               "Largest less smallest; null of nothing.", (f64, x))
static inline void spread_step(peri_cx *, spread_state *st, double x)
{
  st->add(x);
}
static inline peri_status spread_join(peri_cx *, spread_state *into,
                                      const spread_state *from)
{
  if (from->count > 0) {
    into->add(from->low);
    into->add(from->high);
  }
  return PERI_OK;
}
static inline peri_status spread_final(peri_cx *, const spread_state *st,
                                       double *result, uint8_t *valid)
{
  *result = st->high - st->low;
  *valid = st->count > 0;
  return PERI_OK;
}

PERI_PLUGIN("measure", "1.0.0", "perigee authors", "MIT",
            "The same in several languages.");

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

#include <gradus/graph/shape.h>
#include <gradus/ops/cpu/pointwise.h>

namespace gradus::cpu {

// A fold says how entries of type T become one number: `take` an entry into a Near, `join` two Nears, `absorb` a Near
// into the Far of the whole result, `finish` that.
template <class T>
struct Sum {
  using Near = std::conditional_t<std::is_integral_v<T>, std::int64_t, T>;
  using Far = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;
  static constexpr Near near = 0;
  static constexpr Far far = 0;
  static void take(Near& sum, T x) { sum += x; }
  static void join(Near& sum, Near other) { sum += other; }
  static void absorb(Far& sum, Near other) { sum += other; }
  static T finish(Far sum) { return static_cast<T>(sum); }
};

template <class T>
struct Norm {
  using Near = double;
  using Far = double;
  static constexpr Near near = 0;
  static constexpr Far far = 0;
  static void take(Near& sum, T x) { sum += static_cast<double>(x) * static_cast<double>(x); }
  static void join(Near& sum, Near other) { sum += other; }
  static void absorb(Far& sum, Near other) { sum += other; }
  static T finish(Far sum) { return static_cast<T>(std::sqrt(sum)); }
};

template <class T>
struct Product {
  // Unsigned, so that overflow wraps.
  using Near = std::conditional_t<std::is_integral_v<T>, std::uint32_t, double>;
  using Far = Near;
  static constexpr Near near = 1;
  static constexpr Far far = 1;
  static void take(Near& product, T x) { product *= static_cast<Near>(x); }
  static void join(Near& product, Near other) { product *= other; }
  static void absorb(Far& product, Near other) { product *= other; }
  static T finish(Far product) { return static_cast<T>(product); }
};

template <class T, bool greatest>
struct Extreme {
  using Near = T;
  using Far = T;
  using Limits = std::numeric_limits<T>;
  static constexpr T lowest = Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  static constexpr T highest = Limits::has_infinity              ? Limits::infinity()
                               : std::is_same_v<T, std::uint8_t> ? T(1)  // a boolean
                                                                 : Limits::max();
  static constexpr T near = greatest ? lowest : highest;
  static constexpr T far = near;
  // NaN wins. In this form compilers make no branch of it.
  static void take(T& best, T x) {
    const T better = (greatest ? x > best : x < best) ? x : best;
    best = x != x ? x : better;
  }
  static void join(T& best, T other) { take(best, other); }
  static void absorb(T& best, T other) { take(best, other); }
  static T finish(T best) { return best; }
};

inline constexpr Index block_entries = 1024;

template <class Fold, Index lanes, class T>
typename Fold::Near fold_in_lanes(const T* x, Index n) {
  typename Fold::Near lane[lanes];
  std::fill_n(lane, lanes, Fold::near);
  const Index whole = n - n % lanes;
  for (Index i = 0; i < whole; i += lanes) {
    for (Index l = 0; l < lanes; ++l) Fold::take(lane[l], x[i + l]);
  }
  for (Index l = 0; l < n - whole; ++l) Fold::take(lane[l], x[whole + l]);
  for (Index half = lanes / 2; half > 0; half /= 2) {
    for (Index l = 0; l < half; ++l) Fold::join(lane[l], lane[l + half]);
  }
  return lane[0];
}

template <class Fold>
constexpr Index lanes_of = 128 / static_cast<Index>(sizeof(typename Fold::Near));

template <class Fold, class T>
typename Fold::Near fold_contiguous(const T* x, Index n) {
  constexpr Index lanes = lanes_of<Fold>;
  return n < lanes ? fold_in_lanes<Fold, 4>(x, n) : fold_in_lanes<Fold, lanes>(x, n);
}

// fold_contiguous of several results at a time, whose entries number i lie side by side, `step` from entry to entry:
// the same sums to the bit.
template <class Fold, Index lanes, Index results, class T>
void fold_abreast_in_lanes(const T* x, Index n, Index step, typename Fold::Near* folded) {
  typename Fold::Near lane[lanes * results];
  std::fill_n(lane, lanes * results, Fold::near);
  const auto take = [&](Index l, const T* entries) {
    for (Index r = 0; r < results; ++r) Fold::take(lane[l * results + r], entries[r]);
  };
  const Index whole = n - n % lanes;
  for (Index i = 0; i < whole; i += lanes) {
    for (Index l = 0; l < lanes; ++l) take(l, x + (i + l) * step);
  }
  for (Index l = 0; l < n - whole; ++l) take(l, x + (whole + l) * step);
  for (Index half = lanes / 2; half > 0; half /= 2) {
    for (Index i = 0; i < half * results; ++i) Fold::join(lane[i], lane[half * results + i]);
  }
  std::copy_n(lane, results, folded);
}

template <class Fold, Index results, class T>
void fold_abreast(const T* x, Index n, Index step, typename Fold::Near* folded) {
  constexpr Index lanes = lanes_of<Fold>;
  n < lanes ? fold_abreast_in_lanes<Fold, 4, results>(x, n, step, folded)
            : fold_abreast_in_lanes<Fold, lanes, results>(x, n, step, folded);
}

// A fold over blocks of entries that lie side by side. `position` counts the entries that came before.
template <class Fold, class T>
struct Blocks {
  using State = typename Fold::Far;
  static State start() { return Fold::far; }
  static void take(State& state, const T* x, Index n, Index) { Fold::absorb(state, fold_contiguous<Fold>(x, n)); }
  template <Index results>
  static void take_abreast(State* states, const T* x, Index n, Index step) {
    typename Fold::Near folded[results];
    fold_abreast<Fold, results>(x, n, step, folded);
    for (Index r = 0; r < results; ++r) Fold::absorb(states[r], folded[r]);
  }
  static auto finish(State state) { return Fold::finish(state); }
};

template <class T, bool greatest>
struct ExtremePosition {
  struct State {
    T best = Extreme<T, greatest>::near;
    Index position = -1;
  };
  static State start() { return {}; }
  static void take(State& state, const T* x, Index n, Index position) {
    const T best = fold_contiguous<Extreme<T, greatest>>(x, n);
    const bool better = greatest ? best > state.best : best < state.best;
    const bool settled = state.best != state.best;  // the first NaN stays
    if (state.position >= 0 && (settled || (!better && best == best))) return;
    state.best = best;
    const auto is_best = [best](T value) { return value == best || (best != best && value != value); };
    state.position = position + (std::find_if(x, x + n, is_best) - x);
  }
  static std::int32_t finish(State state) { return static_cast<std::int32_t>(state.position); }
};

template <class T>
struct LogSumExp {
  struct State {
    T greatest = Extreme<T, true>::near;
    double sum = 0;  // Σ e^(x - greatest)
  };
  static State start() { return {}; }
  static void take(State& state, const T* x, Index n, Index) {
    const T greatest = fold_contiguous<Extreme<T, true>>(x, n);
    if (state.greatest != state.greatest) return;
    if (!(greatest <= state.greatest)) {
      state.sum = state.sum > 0 ? state.sum * std::exp(static_cast<double>(state.greatest - greatest)) : 0;
      state.greatest = greatest;
    }
    if (!(std::abs(state.greatest) <= std::numeric_limits<T>::max())) {
      state.sum = 1;  // ∞ - ∞ would be NaN; what is infinite or NaN is the result itself
      return;
    }
    // Whole vectors: what lies beyond n is not summed.
    constexpr Index width = 64 / static_cast<Index>(sizeof(T));
    alignas(64) T shifted[block_entries];
    const Index padded = (n + width - 1) / width * width;
    std::fill(std::copy_n(x, n, shifted), shifted + padded, state.greatest);
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>, Eigen::Aligned64> entries(shifted, padded);
    entries = cpu::exp(entries - state.greatest);
    state.sum += fold_contiguous<Sum<T>>(shifted, n);
  }
  static T finish(State state) { return static_cast<T>(static_cast<double>(state.greatest) + std::log(state.sum)); }
};

}  // namespace gradus::cpu

#pragma once

#include <cmath>
#include <limits>

#include <Eigen/Core>

// Functions of one number for elementwise kernels, each the same to the bit wherever an entry lies in a tile. Eigen's
// own compute a tile's ends with the C library and its middle with vectors, which differ; and its exp and sqrt go wrong
// where the result overflows, its logistic loses three digits near -9.
namespace gradus::cpu {

namespace vector {

using namespace Eigen::internal;

template <class P>
using Scalar = typename unpacket_traits<P>::type;

template <class P>
P constant(double value) {
  return pset1<P>(static_cast<Scalar<P>>(value));
}

// What Eigen has vector code for in both dtypes, or only in float32; the rest goes number by number to the C library.
struct BothDtypes {
  template <class T>
  static constexpr bool vectorized = packet_traits<T>::Vectorizable && packet_traits<T>::HasExp;
};
struct OnlyFloat32 {
  template <class T>
  static constexpr bool vectorized = std::is_same_v<T, float> && BothDtypes::vectorized<T>;
};

/// Overflows to infinity and underflows to 0 (below the normal numbers, within a factor of 4). Inlined always: a call
/// for every vector would load its constants each time.
template <class P>
EIGEN_ALWAYS_INLINE P exponential(const P& x) {
  using T = Scalar<P>;
  if constexpr (std::is_same_v<P, T>) {
    return std::exp(x);
  } else {
    constexpr bool single = std::is_same_v<T, float>;
    P y;
    if constexpr (single) {
      y = pexp_float(x);
    } else {
      y = pexp_double(x);
    }
    const P infinity = constant<P>(std::numeric_limits<T>::infinity());
    y = pselect(pcmp_lt(constant<P>(single ? 88.72283 : 709.782712893384), x), infinity, y);
    return pselect(pcmp_lt(x, constant<P>(single ? -88.72 : -709.78)), pzero(y), y);
  }
}

struct Exponential : BothDtypes {
  template <class P>
  P operator()(const P& x) const {
    return exponential(x);
  }
};

struct Sigmoid : BothDtypes {
  template <class P>
  P operator()(const P& x) const {
    const P one = constant<P>(1);
    return pdiv(one, padd(one, exponential<P>(pnegate(x))));
  }
};

// e^-|x| / (1 + e^-|x|)², which keeps its digits where y(1 - y) has lost them.
template <class P>
EIGEN_ALWAYS_INLINE P logistic_density(const P& x) {
  const P one = constant<P>(1);
  const P e = exponential<P>(pnegate(pabs(x)));
  const P sum = padd(one, e);
  return pdiv(e, pmul(sum, sum));
}

struct SigmoidPrime : BothDtypes {
  template <class P>
  P operator()(const P& x) const {
    return logistic_density(x);
  }
};

struct TanhPrime : BothDtypes {
  template <class P>
  P operator()(const P& x) const {
    return pmul(constant<P>(4), logistic_density<P>(padd(x, x)));
  }
};

struct Silu : BothDtypes {
  template <class P>
  P operator()(const P& x) const {
    return pdiv(x, padd(constant<P>(1), exponential<P>(pnegate(x))));
  }
};

struct Logarithm : BothDtypes {
  template <class P>
  P operator()(const P& x) const {
    return plog(x);
  }
};

struct Log1p : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    return plog1p(x);
  }
};

struct Expm1 : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    if constexpr (std::is_same_v<P, Scalar<P>>) {
      return std::expm1(x);
    } else {
      // Eigen's is right but for overflow, where its exp is not.
      return pselect(pcmp_lt(constant<P>(80), x), exponential(x), pexpm1(x));
    }
  }
};

struct Softplus : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    return padd(pmax(x, constant<P>(0)), plog1p<P>(exponential<P>(pnegate(pabs(x)))));
  }
};

struct Sine : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    return psin(x);
  }
};

struct Cosine : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    return pcos(x);
  }
};

struct Tanh : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    return ptanh(x);
  }
};

// In float32 a Chebyshev fit whose relative error is below 1.2e-7 everywhere: Press et al., Numerical Recipes, 2nd ed.,
// section 6.2 (erfcc).
template <class P>
EIGEN_ALWAYS_INLINE P complementary_error(const P& x) {
  if constexpr (std::is_same_v<P, Scalar<P>>) {
    return std::erfc(x);
  } else {
    constexpr double coefficients[] = {0.17087277,  -0.82215223, 1.48851587, -1.13520398, 0.27886807,
                                       -0.18628806, 0.09678418,  0.37409196, 1.00002368,  -1.26551223};
    const P z = pabs(x), two = constant<P>(2);
    const P t = pdiv(two, padd(two, z));
    P exponent = constant<P>(coefficients[0]);
    for (int i = 1; i < 10; ++i) exponent = padd(pmul(exponent, t), constant<P>(coefficients[i]));
    const P right = pmul(t, exponential<P>(psub(exponent, pmul(z, z))));
    return pselect(pcmp_lt(x, pzero(x)), psub(two, right), right);
  }
}

struct ComplementaryError : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    return complementary_error(x);
  }
};

struct Gelu : OnlyFloat32 {
  template <class P>
  P operator()(const P& x) const {
    const P tail = complementary_error<P>(pmul(x, constant<P>(-0.70710678118654752440)));
    return pmul(pmul(constant<P>(0.5), x), tail);
  }
};

// The ends of a tile go through the vector code as well.
template <class T, class Function>
struct Pointwise {
  T operator()(const T& x) const {
    if constexpr (Function::template vectorized<T>) {
      return pfirst(Function{}(pset1<typename packet_traits<T>::type>(x)));
    } else {
      return Function{}(x);
    }
  }
  template <class P>
  P packetOp(const P& x) const {
    return Function{}(x);
  }
};

template <class Function, class Array>
auto each(const Array& x) {
  return x.unaryExpr(Pointwise<typename Array::Scalar, Function>());
}

}  // namespace vector

template <class Array>
auto exp(const Array& x) {
  return vector::each<vector::Exponential>(x);
}
template <class Array>
auto expm1(const Array& x) {
  return vector::each<vector::Expm1>(x);
}
template <class Array>
auto log(const Array& x) {
  return vector::each<vector::Logarithm>(x);
}
template <class Array>
auto log1p(const Array& x) {
  return vector::each<vector::Log1p>(x);
}
template <class Array>
auto sin(const Array& x) {
  return vector::each<vector::Sine>(x);
}
template <class Array>
auto cos(const Array& x) {
  return vector::each<vector::Cosine>(x);
}
template <class Array>
auto tanh(const Array& x) {
  return vector::each<vector::Tanh>(x);
}
template <class Array>
auto tanh_prime(const Array& x) {
  return vector::each<vector::TanhPrime>(x);
}
template <class Array>
auto sigmoid(const Array& x) {
  return vector::each<vector::Sigmoid>(x);
}
template <class Array>
auto sigmoid_prime(const Array& x) {
  return vector::each<vector::SigmoidPrime>(x);
}
template <class Array>
auto softplus(const Array& x) {
  return vector::each<vector::Softplus>(x);
}
template <class Array>
auto silu(const Array& x) {
  return vector::each<vector::Silu>(x);
}
template <class Array>
auto erfc(const Array& x) {
  return vector::each<vector::ComplementaryError>(x);
}
template <class Array>
auto gelu(const Array& x) {
  return vector::each<vector::Gelu>(x);
}

/// Correctly rounded, where Eigen's vector code is an approximation that makes NaN of infinity. The compiler vectorises
/// it.
template <class Array>
auto sqrt(const Array& x) {
  using T = typename Array::Scalar;
  return x.unaryExpr([](T value) { return std::sqrt(value); });
}

}  // namespace gradus::cpu

template <class T, class Function>
struct Eigen::internal::functor_traits<gradus::cpu::vector::Pointwise<T, Function>> {
  enum { Cost = 20, PacketAccess = Function::template vectorized<T> };
};

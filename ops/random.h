#pragma once

#include <cstdint>
#include <optional>

#include <gradus/graph/tensor.h>

namespace gradus {

// Random tensors are functions of a key, drawn by Philox 4×32-10 (Salmon et al., SC 2011) when the graph is evaluated:
// the same bits for any number of threads, and no new plan for a new key. A call with a seed always gives the same
// numbers; one without takes the next stream of the program's generator, so that no two draws are alike. No gradient
// passes through a draw; shift and scale one instead (mean + deviation * normal(…)).

/// Restarts the program's generator, from which all draws without a seed come. It starts as `seed(0)`: a program that
/// draws in the same order gives the same numbers every time.
void seed(std::int64_t seed);

/// Where the program's generator is: its seed, and how many streams of it have been given out.
struct GeneratorState {
  std::uint64_t seed = 0, stream = 0;
};
GeneratorState generator_state();
/// From here on draws without a seed are those that followed when the state was taken.
void set_generator_state(const GeneratorState& state);

struct UniformOptions {
  double from = 0, to = 1;
  Dtype dtype = Dtype::float32;
  std::optional<std::int64_t> seed = {};  ///< none: the next stream of the program's generator
};

/// Numbers spread evenly over [from, to), with 24 random bits in float32 and 53 in float64. Any shape. Throws
/// ValueError unless from <= to and both are finite, DtypeError unless the dtype is floating.
Tensor uniform(const Shape& shape, const UniformOptions& options = {}, Where where = Where::current());

struct NormalOptions {
  double mean = 0, deviation = 1;
  Dtype dtype = Dtype::float32;
  std::optional<std::int64_t> seed = {};  ///< none: the next stream of the program's generator
};

/// Gaussian numbers, by the transform of Box and Muller (1958). The seed gives the same numbers, to float32's digits,
/// in both dtypes. Throws ValueError unless mean and deviation are finite and deviation >= 0, DtypeError unless the
/// dtype is floating.
Tensor normal(const Shape& shape, const NormalOptions& options = {}, Where where = Where::current());

struct DrawOptions {
  Dtype dtype = Dtype::float32;
  std::optional<std::int64_t> seed = {};  ///< none: the next stream of the program's generator
};

/// 1 with the given probability, else 0; in any dtype. Throws ValueError unless 0 <= probability <= 1.
Tensor bernoulli(
    const Shape& shape, double probability, const DrawOptions& options = {}, Where where = Where::current());

struct SeedOptions {
  std::optional<std::int64_t> seed = {};  ///< none: the next stream of the program's generator
};

/// int32 numbers, from <= k < to, each as likely as the others to within (to − from)/2³². Throws ValueError unless from
/// < to and both fit int32.
Tensor random_integers(
    const Shape& shape, Index from, Index to, const SeedOptions& options = {}, Where where = Where::current());

/// 0 … n−1 in random order, every order as likely as the others: int32 [n]. Throws ValueError unless 0 <= n < 2³¹.
Tensor permutation(Index n, const SeedOptions& options = {}, Where where = Where::current());

struct DropoutOptions {
  bool training = true;                   ///< false: x as it is
  std::optional<std::int64_t> seed = {};  ///< none: the next stream of the program's generator
};

/// Sets entries of x to 0 with the given probability and divides the others by 1 − probability, so that the mean stays
/// and evaluation simply leaves dropout out. (The book, chapter 6, scales the other way round: it keeps x as it is in
/// training and multiplies by 1 − probability in evaluation. Both networks are the same but for the scale of their
/// weights.) The gradient passes where x did. x: floating, any shape. Throws ValueError unless 0 <= probability < 1. N.
/// Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting", 2014.
Tensor dropout(const Operand& x, double probability, const DropoutOptions& options = {});

}  // namespace gradus

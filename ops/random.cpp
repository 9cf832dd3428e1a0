#include <gradus/ops/random.h>

#include <cmath>
#include <limits>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include <gradus/graph/inspect.h>
#include <gradus/graph/operation.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/cpu/random.h>
#include <gradus/ops/logic.h>

namespace gradus {

namespace {

struct Generator {
  std::mutex mutex;
  GeneratorState state;
};

Generator& generator() {
  static Generator generator;
  return generator;
}

std::int32_t low_word(std::uint64_t bits) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(bits));
}
std::int32_t high_word(std::uint64_t bits) {
  return low_word(bits >> 32);
}

// Draws with a seed of their own use a stream that the generator does not reach.
constexpr std::uint64_t stream_of_explicit_seeds = std::numeric_limits<std::uint64_t>::max();

// A leaf: another key is another value in the same plan.
Tensor new_key(const std::optional<std::int64_t>& given, Where where) {
  std::uint64_t seed = 0, stream = stream_of_explicit_seeds;
  if (!given) forbid_in_rules("draw numbers of the program's generator", where);
  if (given) {
    seed = static_cast<std::uint64_t>(*given);
  } else {
    const std::scoped_lock lock(generator().mutex);
    seed = generator().state.seed;
    stream = generator().state.stream++;
  }
  return tensor<std::int32_t>({low_word(seed), high_word(seed), low_word(stream), high_word(stream)}, {4}, where);
}

Shape drawn_shape(const Call& call) {
  call.require(call[0].shape() == Shape{4}, "a key has 4 entries: seed low, seed high, stream low, stream high");
  call.require_dtype(call[0].dtype() == Dtype::int32, "a key is int32");
  return Shape(call.integers());
}

// The integers are the shape, so the dtype has its place among the reals.
Dtype drawn_dtype(const Call& call) {
  const auto dtype = static_cast<Dtype>(call.real(0));
  call.require_dtype(is_floating(dtype), fmt::format("draws float32 or float64, not {}", name_of(dtype)));
  return dtype;
}

Dtype whole_numbers(const Call&) {
  return Dtype::int32;
}

Attributes attributes_of_draw(const Shape& shape, Dtype dtype) {
  return Attributes(shape.sizes(), {static_cast<double>(dtype)});
}

constexpr const char* discontinuous = "a draw depends on its key in no smooth way";
const Domain key_domain{.from = -1000, .to = 1000, .dtype = Dtype::int32};

}  // namespace

void seed(std::int64_t seed) {
  set_generator_state({.seed = static_cast<std::uint64_t>(seed)});
}

GeneratorState generator_state() {
  const std::scoped_lock lock(generator().mutex);
  return generator().state;
}

void set_generator_state(const GeneratorState& state) {
  const std::scoped_lock lock(generator().mutex);
  generator().state = state;
}

namespace {

Tensor draw_uniform(const Operand& key, const Shape& shape, Dtype dtype);
Tensor draw_normal(const Operand& key, const Shape& shape, Dtype dtype);

}  // namespace

const Registered uniform_op = Operation{
    .name = "uniform",
    .formula = "0 <= y < 1, by Philox from the key",
    .inputs = {"key"},
    .shape = drawn_shape,
    .dtype = drawn_dtype,
    .no_derivative = discontinuous,
    .prepare = cpu::uniform,
    .domains = {key_domain},
    .samples =
        {
            {{{4}},
             [](const Tensors& in) {
               return draw_uniform(in[0], {2, 3}, Dtype::float64);
             }},
            {{{4}}, [](const Tensors& in) { return draw_uniform(in[0], {}, Dtype::float64); }},
            {{{4}},
             [](const Tensors& in) {
               return draw_uniform(in[0], {0, 3}, Dtype::float32);
             }},
            {{{4}},
             [](const Tensors& in) {
               return draw_uniform(in[0], {5, 1031}, Dtype::float32);
             }},
        },
    .misfits =
        {
            {{{3}}, "4 entries", [](const Tensors& in) { return draw_uniform(in[0], {2}, Dtype::float32); }},
            {{{4}}, "float32 or float64", [](const Tensors& in) { return draw_uniform(in[0], {2}, Dtype::int32); }},
            {{{4}},
             "int32",
             [](const Tensors& in) { return draw_uniform(in[0], {2}, Dtype::float32); },
             {Domain{.dtype = Dtype::float64}}},
        },
};

const Registered normal_op = Operation{
    .name = "normal",
    .formula = "y ~ N(0, 1), by Philox from the key",
    .inputs = {"key"},
    .shape = drawn_shape,
    .dtype = drawn_dtype,
    .no_derivative = discontinuous,
    .prepare = cpu::normal,
    .domains = {key_domain},
    .samples =
        {
            {{{4}},
             [](const Tensors& in) {
               return draw_normal(in[0], {2, 3}, Dtype::float64);
             }},
            {{{4}}, [](const Tensors& in) { return draw_normal(in[0], {}, Dtype::float64); }},
            {{{4}},
             [](const Tensors& in) {
               return draw_normal(in[0], {3, 0}, Dtype::float32);
             }},
            {{{4}},
             [](const Tensors& in) {
               return draw_normal(in[0], {5, 1031}, Dtype::float32);
             }},
        },
    .misfits =
        {
            {{{4, 1}}, "4 entries", [](const Tensors& in) { return draw_normal(in[0], {2}, Dtype::float32); }},
            {{{4}}, "float32 or float64", [](const Tensors& in) { return draw_normal(in[0], {2}, Dtype::boolean); }},
        },
};

namespace {

Tensor draw_uniform(const Operand& key, const Shape& shape, Dtype dtype) {
  return apply(uniform_op, {key}, attributes_of_draw(shape, dtype));
}

Tensor draw_normal(const Operand& key, const Shape& shape, Dtype dtype) {
  return apply(normal_op, {key}, attributes_of_draw(shape, dtype));
}

void require_floating(std::string_view function, Dtype dtype, Where where) {
  if (is_floating(dtype)) return;
  throw DtypeError(fmt::format(
      "{}{}: draws float32 or float64, not {}; see random_integers and bernoulli", at(where), function,
      name_of(dtype)));
}

}  // namespace

Tensor uniform(const Shape& shape, const UniformOptions& options, Where where) {
  const auto& [from, to, dtype, seed] = options;
  require_floating("uniform", dtype, where);
  if (!(from <= to && std::isfinite(from) && std::isfinite(to))) {
    throw ValueError(fmt::format("{}uniform: [{}, {}) is not a range; from <= to, both finite", at(where), from, to));
  }
  Tensor y = draw_uniform(Operand(new_key(seed, where), where), shape, dtype);
  if (to - from != 1) y = Operand(y, where) * (to - from);
  if (from != 0) y = Operand(y, where) + from;
  return y;
}

Tensor normal(const Shape& shape, const NormalOptions& options, Where where) {
  const auto& [mean, deviation, dtype, seed] = options;
  require_floating("normal", dtype, where);
  if (!(std::isfinite(mean) && std::isfinite(deviation) && deviation >= 0)) {
    throw ValueError(fmt::format(
        "{}normal: mean {} and deviation {} must be finite, the deviation not negative", at(where), mean, deviation));
  }
  Tensor y = draw_normal(Operand(new_key(seed, where), where), shape, dtype);
  if (deviation != 1) y = Operand(y, where) * deviation;
  if (mean != 0) y = Operand(y, where) + mean;
  return y;
}

const Registered bernoulli_op = Operation{
    .name = "bernoulli",
    .formula = "y = 1 where uniform < probability, else 0",
    .inputs = {"key"},
    .no_derivative = discontinuous,
    .expand =
        [](const Call& c) {
          const Tensor u = draw_uniform(c[0], Shape(c.integers()), Dtype::float32);
          return cast(u < c.real(0), static_cast<Dtype>(c.real(1)));
        },
    .domains = {key_domain},
    .samples =
        {{{{4}},
          [](const Tensors& in) {
            return apply(bernoulli_op, {in[0]}, Attributes({3, 2}, {0.5, double(Dtype::float64)}));
          }}},
    .misfits =
        {{{{5}},
          "4 entries",
          [](const Tensors& in) {
            return apply(bernoulli_op, {in[0]}, Attributes({3, 2}, {0.5, 0}));
          }}},
};

Tensor bernoulli(const Shape& shape, double probability, const DrawOptions& options, Where where) {
  if (!(probability >= 0 && probability <= 1)) {
    throw ValueError(fmt::format("{}bernoulli: the probability is {}, but must be in [0, 1]", at(where), probability));
  }
  return apply(
      bernoulli_op, {Operand(new_key(options.seed, where), where)},
      Attributes(shape.sizes(), {probability, static_cast<double>(options.dtype)}));
}

const Registered random_integers_op = Operation{
    .name = "random_integers",
    .formula = "from <= y < to, by Philox from the key",
    .inputs = {"key"},
    .shape = drawn_shape,
    .dtype = whole_numbers,
    .no_derivative = discontinuous,
    .prepare = cpu::random_integers,
    .domains = {key_domain},
    .samples =
        {
            {{{4}},
             [](const Tensors& in) {
               return apply(random_integers_op, {in[0]}, Attributes({2, 3}, {-5, 5}));
             }},
            {{{4}},
             [](const Tensors& in) {
               return apply(random_integers_op, {in[0]}, Attributes({0}, {0, 1}));
             }},
            {{{4}},
             [](const Tensors& in) {
               return apply(random_integers_op, {in[0]}, Attributes({9001}, {0, 9}));
             }},
        },
    .misfits =
        {{{{2}},
          "4 entries",
          [](const Tensors& in) {
            return apply(random_integers_op, {in[0]}, Attributes({2}, {0, 2}));
          }}},
};

Tensor random_integers(const Shape& shape, Index from, Index to, const SeedOptions& options, Where where) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (from >= to || from < Limits::min() || to > Index{Limits::max()} + 1) {
    throw ValueError(
        fmt::format("{}random_integers: there is no int32 number from {} to below {}", at(where), from, to));
  }
  return apply(
      random_integers_op, {Operand(new_key(options.seed, where), where)},
      Attributes(shape.sizes(), {static_cast<double>(from), static_cast<double>(to)}));
}

const Registered permutation_op = Operation{
    .name = "permutation",
    .formula = "y = 0 ... n-1 in random order, by Philox from the key",
    .inputs = {"key"},
    .shape = drawn_shape,
    .dtype = whole_numbers,
    .no_derivative = discontinuous,
    .prepare = cpu::permutation,
    .domains = {key_domain},
    .samples =
        {
            {{{4}}, [](const Tensors& in) { return apply(permutation_op, {in[0]}, {7}); }},
            {{{4}}, [](const Tensors& in) { return apply(permutation_op, {in[0]}, {1}); }},
            {{{4}}, [](const Tensors& in) { return apply(permutation_op, {in[0]}, {0}); }},
        },
    .misfits = {{{{3}}, "4 entries", [](const Tensors& in) { return apply(permutation_op, {in[0]}, {7}); }}},
};

Tensor permutation(Index n, const SeedOptions& options, Where where) {
  if (n < 0 || n > std::numeric_limits<std::int32_t>::max()) {
    throw ValueError(fmt::format("{}permutation: {} numbers cannot be put in order; 0 <= n < 2^31", at(where), n));
  }
  return apply(permutation_op, {Operand(new_key(options.seed, where), where)}, {n});
}

const Registered dropout_op = Operation{
    .name = "dropout",
    .formula = "y = x / (1 - p) where uniform >= p, else 0",
    .inputs = {"x", "key"},
    .expand =
        [](const Call& c) {
          c.require_dtype(is_floating(c[0].dtype()), "takes float32 or float64; cast first");
          const double probability = c.real(0);
          const Tensor kept = draw_uniform(c[1], c[0].shape(), Dtype::float32) >= probability;
          return c[0] * (cast(kept, c[0].dtype()) * (1 / (1 - probability)));
        },
    .domains = {Domain{}, key_domain},
    .samples =
        {
            {{{3, 4}, {4}},
             [](const Tensors& in) {
               return apply(dropout_op, {in[0], in[1]}, Attributes({}, {0.5}));
             }},
            {{{}, {4}},
             [](const Tensors& in) {
               return apply(dropout_op, {in[0], in[1]}, Attributes({}, {0.1}));
             }},
            {{{0, 2}, {4}},
             [](const Tensors& in) {
               return apply(dropout_op, {in[0], in[1]}, Attributes({}, {0.1}));
             }},
        },
    .misfits =
        {
            {{{2, 3}, {4}},
             "cast first",
             [](const Tensors& in) {
               return apply(dropout_op, {in[0], in[1]}, Attributes({}, {0.5}));
             },
             {Domain{.dtype = Dtype::int32}, key_domain}},
            {{{2, 3}}, "in [0, 1)", [](const Tensors& in) { return dropout(in[0], 1.0); }},
        },
};

Tensor dropout(const Operand& x, double probability, const DropoutOptions& options) {
  if (!(probability >= 0 && probability < 1)) {
    fail_value("dropout", x, fmt::format("the probability is {}, but must be in [0, 1)", probability));
  }
  if (!options.training || probability == 0) return x.tensor();
  return apply(dropout_op, {x, Operand(new_key(options.seed, x.where()), x.where())}, Attributes({}, {probability}));
}

}  // namespace gradus

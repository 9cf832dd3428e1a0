#include <algorithm>
#include <cmath>
#include <functional>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>
#include <gradus/graph/plan/plan.h>

#include "graph/random_words.h"

using namespace gradus;

namespace {

using Words = std::vector<std::uint16_t>;

/// Gives the next layer its weights.
using Weights = std::function<Tensor(const Shape&)>;

/// What one layer makes of values [examples, channels, height, width]: x, and others that were there before.
class Layer {
 public:
  Layer(const Tensors& values, const Weights& weights, std::uint16_t word)
      : values_(values), weights_(weights), x_(recent(word / 32)), number_(word / 128) {}

  Tensor of_kind(int kind) const {
    const Index c = x_.size(1), height = x_.size(2), width = x_.size(3);
    const bool is_small = c * height * width <= 200, has_patches = height > 1 && width > 1;
    switch (kind) {
      case 0:
        return conv2d(x_, weights_({filters(), c, 3, 3}), weights_({filters()}), {.padding = 1});
      case 1:
        return relu(conv2d(x_, weights_({filters(), c, 3, 2}), weights_({filters()}), {.stride = 2, .padding = 1}));
      case 2:
        return max_pool2d(tanh(conv2d(x_, weights_({filters(), c, 2, 2}), {.padding = 1})), 2);
      case 3:
        return conv2d(x_, weights_({2 * c, 1, 3, 3}), {.padding = 2, .dilation = 2, .groups = c});
      case 4:
        return is_small ? conv_transpose2d(x_, weights_({c, filters(), 2, 2}), {.stride = 2}) : x_ * 0.5;
      case 5:
        return relu(x_);
      case 6:
        return sigmoid(x_ + weights_({c, 1, 1}));
      case 7:
        return has_patches ? max_pool2d(x_, 2) : tanh(x_);
      case 8:
        return max_pool2d(relu(x_), 3, {.stride = 2, .padding = 1});
      case 9:
        return has_patches ? average_pool2d(x_, 2, {.stride = 1}) : x_ * 0.5;
      case 10:
        return x_ + tanh(alike());
      case 11:
        return x_ * alike();
      case 12:
        return concatenate({x_, slice(alike(), 1, 0, 1)}, 1);
      case 13:
        return slice(x_, 1 + number_ % 3, 0, (x_.size(1 + number_ % 3) + 1) / 2);
      case 14:
        return swap_axes(x_, 2, 3);
      case 15:
        return batch_norm(x_, weights_({c}), weights_({c}));
      case 16:
        return c * height * width > 4 ? layer_norm(x_, 1.0, 0.0, {.axes = 3}) : x_;
      case 17:
        return is_small ? upsample_nearest(x_, 2) : x_ - mean(x_, 0, true);
      case 18:
        return x_ * sigmoid(global_average_pool(x_));
      case 19:
        return permute(matmul(permute(x_, {0, 2, 3, 1}), weights_({c, filters()})), {0, 3, 1, 2});
      case 20:
        return x_ + reshape(matmul(flatten(x_, 1), weights_({c * height * width, c})), {x_.size(0), c, 1, 1});
      case 21:
        return pad(x_, 2, 1, 0, 0.5);
      default:
        return conv2d(pad(x_, 3, 1, 0), weights_({filters(), c, 1, 1}));
    }
  }

 private:
  const Tensor& recent(int back) const {
    return values_[values_.size() - 1 - static_cast<std::size_t>(back) % std::min<std::size_t>(values_.size(), 4)];
  }
  // Which library convolves depends on how many there are.
  Index filters() const { return std::array<Index, 6>{1, 3, 4, 8, 12, 16}[static_cast<std::size_t>(number_) % 6]; }
  // Another value of x's shape, if there is one.
  const Tensor& alike() const {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const Tensor& other = values_[(i + static_cast<std::size_t>(number_)) % values_.size()];
      if (other.shape() == x_.shape() && other.node() != x_.node()) return other;
    }
    return x_;
  }

  const Tensors& values_;
  const Weights& weights_;
  const Tensor& x_;
  int number_;
};

Tensor drawn(const Shape& shape, std::size_t seed, Dtype dtype) {
  return uniform(shape, {.from = -1, .to = 1, .dtype = dtype, .seed = static_cast<std::int64_t>(seed)}).detach();
}

/// A cost that every layer has a part in.
Tensor cost_of(const Words& words, const Tensor& images, const Weights& weights) {
  Tensors values{images};
  for (const std::uint16_t word : words) values.push_back(Layer(values, weights, word).of_kind(word % 32 % 23));
  Tensor cost = mean(square(values.back()));
  for (const Tensor& value : values) cost = cost + mean(sin(value));
  return cost;
}

/// Weights small enough that a layer's results are about as large as what it is given.
Tensor initial(const Shape& shape, std::size_t seed, Dtype dtype) {
  const Index inputs = shape.rank() == 4 ? shape.count() / shape[0] : shape.rank() == 2 ? shape[0] : 1;
  return (drawn(shape, seed, dtype) * std::sqrt(2.0 / static_cast<double>(inputs))).detach();
}

struct Way {
  const char* passes = "all";
  int threads = 1;
  Dtype dtype = Dtype::float64;
  Index examples = 2;
};

template <class Work>
std::vector<double> in_this(const Way& way, Work&& work) {
  plan::set_passes(way.passes);
  clear_plan_cache();
  set_threads(way.threads);
  const Tensors found = work();
  std::vector<double> all;
  for (const Tensor& tensor : found) {
    for (const double value : tensor.values()) all.push_back(value);
  }
  plan::set_passes("all");
  set_threads(0);
  return all;
}

/// The cost, its gradients and, of small networks, the gradients of their squares.
std::vector<double> differentiated(const Words& words, const Way& way) {
  return in_this(way, [&] {
    Tensors inputs{drawn({way.examples, 2, 7, 6}, 0, way.dtype)};
    const Tensor cost = cost_of(words, inputs[0], [&](const Shape& shape) {
      inputs.push_back(initial(shape, inputs.size(), way.dtype));
      return inputs.back();
    });
    Tensors wanted = gradients(cost, inputs, Missing::zeros);
    if (words.size() < 6) {
      Tensor squares = square(cost);
      for (const Tensor& gradient : wanted) squares = squares + sum(square(gradient));
      for (const Tensor& second : gradients(squares, inputs, Missing::zeros)) wanted.push_back(second);
    }
    wanted.push_back(cost);
    evaluate(wanted);
    return wanted;
  });
}

/// The parameters after two steps.
std::vector<double> trained(const Words& words, const Way& way) {
  return in_this(way, [&] {
    Parameters parameters;
    const auto cost = [&] {
      std::size_t used = 0;
      return cost_of(words, drawn({way.examples, 2, 7, 6}, 0, way.dtype), [&](const Shape& shape) {
        if (used == parameters.size()) parameters.emplace_back(initial(shape, used + 1, way.dtype));
        return parameters[used++].tensor();
      });
    };
    const Tensor first = cost();
    if (parameters.empty()) return Tensors{first};
    Momentum optimizer(parameters, {.learning_rate = 0.01, .momentum = 0.5});
    optimizer.step(first);
    optimizer.step(cost());
    return Tensors(parameters.begin(), parameters.end());
  });
}

double difference(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double apart = std::abs(a[i] - b[i]) / (1 + std::abs(a[i]));
    if (!(apart <= most)) most = apart;
  }
  return most;
}

bool is_moderate(const std::vector<double>& values) {
  return std::ranges::all_of(values, [](double value) { return std::abs(value) < 1000; });
}

}  // namespace

TEST_CASE("every set of passes gives what the plain plan gives, for random convolutional networks") {
  CHECK(rc::check([] {
    const Words words = *random_words(1, 13);
    const auto plain = differentiated(words, {.passes = ""});
    RC_PRE(is_moderate(plain));
    for (const char* passes :
         {"all", "simplify,arrange", "fuse,epilogue,arrange", "simplify,fuse,prologue,side_values"}) {
      const double apart = difference(plain, differentiated(words, {.passes = passes}));
      RC_LOG(std::string(passes) + ": " + std::to_string(apart));
      RC_ASSERT(apart < 1e-9);
    }
  }));
}

TEST_CASE("random convolutional networks in float32 are those in float64") {
  CHECK(rc::check([] {
    const Words words = *random_words(1, 13);
    const auto expected = differentiated(words, {});
    RC_PRE(is_moderate(expected));
    const double apart = difference(expected, differentiated(words, {.dtype = Dtype::float32}));
    RC_LOG(std::to_string(apart));
    RC_ASSERT(apart < 1e-3);
  }));
}

TEST_CASE("random convolutional networks learn the same with all passes, and to the bit on any number of threads") {
  CHECK(rc::check([] {
    const Words words = *random_words(1, 13);
    const auto plain = trained(words, {.passes = ""});
    RC_PRE(is_moderate(plain));
    RC_ASSERT(difference(plain, trained(words, {})) < 1e-7);
    const auto one = trained(words, {.dtype = Dtype::float32, .examples = 20});
    for (const int threads : {2, 5}) {
      RC_ASSERT(trained(words, {.threads = threads, .dtype = Dtype::float32, .examples = 20}) == one);
    }
  }));
}

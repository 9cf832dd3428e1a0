#include <gradus/graph/gradient_check.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>

namespace gradus {

namespace {

/// What is checked: differentiable inputs only, any number of results.
using System = std::function<Tensors(const Tensors&)>;
using Numbers = std::vector<double>;

constexpr double epsilon = std::numeric_limits<double>::epsilon();
/// Up to so many entries of the results, each gets a row of the Jacobian of its own.
constexpr std::size_t most_whole_rows = 256;
constexpr int random_rows = 2;

struct Input {
  std::string name;   ///< as the user gave it
  std::string label;  ///< in messages: the name in quotes, or the position
  Shape shape;
  Numbers values;
};

class Random {
 public:
  explicit Random(std::int64_t seed) : engine_(static_cast<std::uint64_t>(seed)) {}
  /// In ±[0.5, 1.5]: never 0, hardly ever 1, either of which would hide a missing factor.
  double cotangent() {
    const double sign = (engine_() >> 63) != 0 ? 1 : -1;
    return sign * (0.5 + static_cast<double>(engine_() >> 11) * 0x1p-53);
  }

 private:
  std::mt19937_64 engine_;
};

Numbers values_of(const Tensors& tensors) {
  evaluate(tensors);
  Numbers all;
  for (const Tensor& part : tensors) {
    const Numbers values = part.values<double>();
    all.insert(all.end(), values.begin(), values.end());
  }
  return all;
}

Tensor leaf_of(const Input& input, const Numbers& values) {
  const Tensor leaf = tensor(values, input.shape);
  return input.name.empty() ? leaf : leaf.named(input.name);
}

/// Fresh leaves each time: an evaluated graph may have dropped its inputs.
Tensors leaves_of(const std::vector<Input>& inputs) {
  Tensors leaves;
  for (const Input& input : inputs) leaves.push_back(leaf_of(input, input.values));
  return leaves;
}

std::string position_text(const Shape& shape, Index flat) {
  Shape position = shape;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    position[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  return position.text();
}

/// A vector of weights for the results' entries: one row of the Jacobian, or a mixture of all rows.
struct Row {
  Numbers weights;
  Index entry = -1;            ///< the only entry with a weight; -1: all have one
  std::vector<Numbers> found;  ///< the automatic gradient, one part an input
};

/// The derivative along one direction of one input, for every entry of the results.
struct Difference {
  Numbers value, error;
};

class Check {
 public:
  Check(
      System system, std::vector<Input> inputs, std::vector<std::string> result_names, int order,
      double least_magnitude, const GradientCheckOptions& options)
      : system_(std::move(system)),
        inputs_(std::move(inputs)),
        result_names_(std::move(result_names)),
        order_(order),
        options_(options),
        random_(options.seed + order) {
    const Tensors results = system_(leaves_of(inputs_));
    for (const Tensor& result : results) {
      if (result.dtype() != Dtype::float64) {
        throw DtypeError(fmt::format(
            "gradient_check: the function's result is {}; only float64 has enough digits", name_of(result.dtype())));
      }
      shapes_.push_back(result.shape());
      for (Index i = 0; i < result.count(); ++i) block_of_.push_back(shapes_.size() - 1);
    }
    base_ = values_of(results);
    magnitude_.assign(shapes_.size(), least_magnitude);
    for (std::size_t r = 0; r < base_.size(); ++r) {
      magnitude_[block_of_[r]] = std::max(magnitude_[block_of_[r]], std::abs(base_[r]));
    }
  }

  /// The largest entry of the results, of this order and of those before.
  double magnitude() const {
    return std::accumulate(
        magnitude_.begin(), magnitude_.end(), 0.0, [](double a, double b) { return std::max(a, b); });
  }

  bool repeats_itself() const {
    const Numbers again = values_of(system_(leaves_of(inputs_)));
    // Bit for bit, so that NaN repeats itself too.
    return std::equal(again.begin(), again.end(), base_.begin(), base_.end(), [](double a, double b) {
      return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
    });
  }

  void run(GradientCheckResult& result) {
    make_rows();
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      if (options_.directions) {
        compare_along_directions(i, result);
      } else {
        compare_every_entry(i, result);
      }
    }
  }

 private:
  void make_rows() {
    const auto random_row = [&] {
      Row row{Numbers(base_.size()), -1, {}};
      for (double& weight : row.weights) weight = random_.cotangent();
      return row;
    };
    const int mixtures = options_.directions ? options_.direction_count : random_rows;
    for (int k = 0; k < mixtures; ++k) rows_.push_back(random_row());
    if (!options_.directions && base_.size() <= most_whole_rows) {
      for (std::size_t r = 0; r < base_.size(); ++r) {
        Row row{Numbers(base_.size(), 0.0), static_cast<Index>(r), {}};
        row.weights[r] = random_.cotangent();
        rows_.push_back(std::move(row));
      }
    }
    for (Row& row : rows_) row.found = automatic(row);
  }

  std::vector<Numbers> automatic(const Row& row) const {
    const Tensors x = leaves_of(inputs_);
    const Tensors results = system_(x);
    Tensors cotangents;
    auto from = row.weights.begin();
    for (const Shape& shape : shapes_) {
      cotangents.push_back(tensor(Numbers(from, from + shape.count()), shape));
      from += shape.count();
    }
    const Tensors found = vjp(results, cotangents, x, Missing::zeros);
    evaluate(found);
    std::vector<Numbers> parts;
    for (const Tensor& part : found) parts.push_back(part.values<double>());
    return parts;
  }

  /// Richardson's extrapolation of central differences at two steps; how far it moved is the estimate of the error.
  Difference difference(std::size_t i, const Numbers& direction, double step) const {
    const auto at = [&](double factor) {
      Numbers moved = inputs_[i].values;
      for (std::size_t j = 0; j < moved.size(); ++j) moved[j] += factor * direction[j];
      Tensors x = leaves_of(inputs_);
      x[i] = leaf_of(inputs_[i], moved);
      return values_of(system_(x));
    };
    const Numbers up = at(step), down = at(-step), far_up = at(2 * step), far_down = at(-2 * step);
    Difference d{Numbers(base_.size()), Numbers(base_.size())};
    for (std::size_t r = 0; r < base_.size(); ++r) {
      const double near = (up[r] - down[r]) / (2 * step);
      const double far = (far_up[r] - far_down[r]) / (4 * step);
      d.value[r] = (4 * near - far) / 3;
      d.error[r] = std::abs(near - far) / 3 + 4 * epsilon * magnitude_[block_of_[r]] / step;
    }
    return d;
  }

  /// The same, with smaller steps where a kink nearby or a high curvature keeps the two steps apart.
  Difference settled(std::size_t i, const Numbers& direction, double step) const {
    Difference best = difference(i, direction, step);
    for (const double shrink : {0x1p-5, 0x1p-10}) {
      double size = 0, error = 0;
      for (std::size_t r = 0; r < base_.size(); ++r) {
        size = std::max(size, std::abs(best.value[r]));
        error = std::max(error, best.error[r]);
      }
      if (error <= 1e-5 * size) break;
      const Difference finer = difference(i, direction, step * shrink);
      for (std::size_t r = 0; r < base_.size(); ++r) {
        if (finer.error[r] < best.error[r]) {
          best.value[r] = finer.value[r];
          best.error[r] = finer.error[r];
        }
      }
    }
    return best;
  }

  /// A power of two, so that x ± step is as exact as can be.
  double step_at(double x) const { return std::exp2(std::round(std::log2(options_.step * (1 + std::abs(x))))); }

  void compare_every_entry(std::size_t i, GradientCheckResult& result) {
    const std::size_t count = inputs_[i].values.size();
    std::vector<Difference> columns;
    Numbers direction(count, 0.0);
    for (std::size_t j = 0; j < count; ++j) {
      direction[j] = 1;
      columns.push_back(settled(i, direction, step_at(inputs_[i].values[j])));
      direction[j] = 0;
    }
    Numbers scale(shapes_.size(), 0.0);
    for (const Difference& column : columns) {
      for (std::size_t r = 0; r < base_.size(); ++r) {
        scale[block_of_[r]] = std::max(scale[block_of_[r]], std::abs(column.value[r]));
      }
    }
    for (const Row& row : rows_) {
      for (std::size_t j = 0; j < count; ++j) {
        const auto [numerical, error, size] = weighted(columns[j], row, scale);
        compare(row, i, static_cast<Index>(j), row.found[i][j], numerical, error, size, result);
      }
    }
  }

  void compare_along_directions(std::size_t i, GradientCheckResult& result) {
    const std::size_t count = inputs_[i].values.size();
    if (count == 0) return;
    std::vector<Difference> columns;
    Numbers found(rows_.size(), 0.0), scale(shapes_.size(), 0.0);
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      // Of length about 1 however many entries there are.
      Numbers direction(count);
      for (std::size_t j = 0; j < count; ++j) {
        direction[j] =
            random_.cotangent() * (1 + std::abs(inputs_[i].values[j])) / std::sqrt(static_cast<double>(count));
        found[k] += rows_[k].found[i][j] * direction[j];
      }
      columns.push_back(settled(i, direction, step_at(0)));
      for (std::size_t r = 0; r < base_.size(); ++r) {
        scale[block_of_[r]] = std::max(scale[block_of_[r]], std::abs(columns[k].value[r]));
      }
    }
    for (std::size_t k = 0; k < rows_.size(); ++k) {
      const auto [numerical, error, size] = weighted(columns[k], rows_[k], scale);
      compare(rows_[k], i, -1, found[k], numerical, error, size, result);
    }
  }

  struct Weighted {
    double value = 0, error = 0, scale = 0;
  };
  Weighted weighted(const Difference& column, const Row& row, const Numbers& scale) const {
    Weighted sum;
    for (std::size_t r = 0; r < base_.size(); ++r) {
      sum.value += row.weights[r] * column.value[r];
      sum.error += std::abs(row.weights[r]) * column.error[r];
      if (row.weights[r] != 0) sum.scale = std::max(sum.scale, scale[block_of_[r]]);
    }
    return sum;
  }

  void compare(
      const Row& row, std::size_t i, Index entry, double found, double numerical, double error, double scale,
      GradientCheckResult& result) {
    const double off = std::abs(found - numerical), bound = 4 * error + options_.tolerance * scale;
    ++result.comparisons;
    double ratio = off == 0 ? 0 : off / bound;
    if (!(off <= bound && std::isfinite(off))) {  // so that NaN fails
      ++result.failures;
      if (!std::isfinite(ratio)) ratio = std::numeric_limits<double>::infinity();
      // A single entry of a result says more than a mixture of all.
      const std::pair severity(row.entry >= 0, ratio);
      if (result.message.empty() || severity > severity_) {
        severity_ = severity;
        result.message = text(row, i, entry, found, numerical, bound);
      }
    }
    result.worst = std::max(result.worst, ratio);
  }

  std::string text(const Row& row, std::size_t i, Index entry, double found, double numerical, double bound) const {
    std::string of = "the results weighted at random";
    if (row.entry >= 0) {
      const std::size_t block = block_of_[static_cast<std::size_t>(row.entry)];
      Index before = 0;
      for (std::size_t b = 0; b < block; ++b) before += shapes_[b].count();
      of = fmt::format("{} at {}", result_names_[block], position_text(shapes_[block], row.entry - before));
      const double weight = row.weights[static_cast<std::size_t>(row.entry)];
      found /= weight, numerical /= weight, bound /= std::abs(weight);
    } else if (base_.size() == 1) {
      of = result_names_[0] + " times a random number";
    }
    const std::string by = entry < 0 ? "along a random direction" : "at " + position_text(inputs_[i].shape, entry);
    return fmt::format(
        "order {}, input {} {}, of {}: automatic {:.12g}, numerical {:.12g} (they may differ by {:.2g})", order_,
        inputs_[i].label, by, of, found, numerical, bound);
  }

  System system_;
  std::vector<Input> inputs_;
  std::vector<std::string> result_names_;
  int order_;
  GradientCheckOptions options_;
  Random random_;
  std::vector<Shape> shapes_;          ///< of the results
  std::vector<std::size_t> block_of_;  ///< which result an entry belongs to
  Numbers base_;                       ///< the results' entries, one after the other
  Numbers magnitude_;                  ///< what rounding is relative to: the largest entry of each result
  std::vector<Row> rows_;
  std::pair<bool, double> severity_;  ///< of the failure that the message tells of
};

/// (x, cotangents) → the gradient by each x, weighted by the cotangents.
System gradient_of(System system, std::size_t count) {
  return [system = std::move(system), count](const Tensors& all) {
    const auto middle = all.begin() + static_cast<std::ptrdiff_t>(count);
    const Tensors x(all.begin(), middle), cotangents(middle, all.end());
    return vjp(system(x), cotangents, x, Missing::zeros);
  };
}

std::vector<Input> read(const Tensors& tensors) {
  std::vector<Input> inputs;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const Tensor& x = tensors[i];
    if (x.dtype() == Dtype::float32) {
      throw DtypeError(fmt::format(
          "gradient_check: input {} {} is float32 {}; only float64 has enough digits", i,
          x.name().empty() ? "(unnamed)" : "'" + x.name() + "'", x.shape().text()));
    }
    if (x.dtype() != Dtype::float64) continue;
    std::string label = x.name().empty() ? std::to_string(i) : "'" + x.name() + "'";
    inputs.push_back({x.name(), std::move(label), x.shape(), x.values<double>()});
  }
  if (inputs.empty())
    throw ValueError("gradient_check: none of the inputs is float64; there is nothing to differentiate");
  return inputs;
}

/// The function as a system of its float64 inputs.
System system_of(const Function& function, const Tensors& tensors) {
  return [&function, &tensors](const Tensors& x) {
    Tensors all = tensors;
    auto next = x.begin();
    for (Tensor& input : all) {
      if (input.dtype() == Dtype::float64) input = *next++;
    }
    return Tensors{function(all)};
  };
}

}  // namespace

GradientCheckResult gradient_check(
    const Function& function, const Tensors& inputs, const GradientCheckOptions& options) {
  if (options.order < 1) throw ValueError(fmt::format("gradient_check: order {} is not 1 or more", options.order));
  std::vector<Input> points = read(inputs);
  System system = system_of(function, inputs);
  std::vector<std::string> result_names{"the result"};
  Random random(options.seed);
  const bool entries = std::any_of(points.begin(), points.end(), [](const Input& i) { return !i.values.empty(); });

  GradientCheckResult result;
  // Terms of a gradient may cancel, but their rounding stays.
  double magnitude = 0;
  for (int order = 1; order <= options.order; ++order) {
    Check check(system, points, result_names, order, magnitude, options);
    magnitude = check.magnitude();
    if (order == 1 && !check.repeats_itself()) {
      result.message = "the function gives other values on a second call; its random numbers need a fixed seed";
      return result;
    }
    check.run(result);
    if (result.failures > 0 || order == options.order) break;

    const Tensors results = system(leaves_of(points));
    system = gradient_of(system, points.size());
    std::vector<std::string> gradient_names;
    for (const Input& point : points) gradient_names.push_back("the gradient by " + point.label);
    for (std::size_t r = 0; r < results.size(); ++r) {
      Input cotangent{"", "(cotangent of " + result_names[r] + ")", results[r].shape(), Numbers()};
      for (Index n = 0; n < results[r].count(); ++n) cotangent.values.push_back(random.cotangent());
      points.push_back(std::move(cotangent));
    }
    result_names = std::move(gradient_names);
  }
  if (result.failures > 0) {
    result.message += fmt::format("; {} of {} comparisons failed", result.failures, result.comparisons);
  }
  result.passed = result.failures == 0 && (result.comparisons > 0 || !entries);
  return result;
}

}  // namespace gradus

#include <gradus/ops/layers/normalization.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>
#include <gradus/graph/node.h>
#include <gradus/graph/operation.h>
#include <gradus/graph/operators.h>
#include <gradus/ops/arguments.h>
#include <gradus/ops/movement.h>
#include <gradus/ops/standardization.h>
#include <gradus/ops/standardized.h>

namespace gradus {

namespace {

// Given back, so that members are made of what is right.
double usable_epsilon(std::string_view layer, double epsilon, Where where) {
  if (epsilon > 0 && std::isfinite(epsilon)) return epsilon;
  throw ValueError(fmt::format("{}{}: epsilon is {}, but must be above 0 and finite", at(where), layer, epsilon));
}

Index some_channels(std::string_view layer, Index channels, Where where) {
  if (channels >= 1) return channels;
  throw ValueError(fmt::format("{}{}: {} channels; there must be at least 1", at(where), layer, channels));
}

void require_channels(std::string_view layer, const Operand& x, Index channels) {
  const Tensor& tensor = x.tensor();
  if (tensor.empty() || tensor.rank() < 2 || tensor.shape()[1] == channels) return;  // the operation says the rest
  fail_shape(
      layer, x, fmt::format("the layer is one of {} channels, but axis 1 of x has {}", channels, tensor.shape()[1]));
}

// Without scale and shift no operation would notice before the statistics are taken in.
void require_dtype(const Operand& x, Dtype dtype) {
  if (x.tensor().empty() || x.tensor().dtype() == dtype) return;
  throw DtypeError(fmt::format(
      "{}BatchNorm: the layer is one of {}; cast x, or make the layer with {{.dtype = …}}; x is {}", at(x.where()),
      name_of(dtype), describe(x.tensor())));
}

std::string full_name(const std::string& layer, std::string_view parameter) {
  return layer.empty() ? std::string(parameter) : fmt::format("{}.{}", layer, parameter);
}

}  // namespace

ScaleAndShift::ScaleAndShift(const Shape& shape, const NormalizationOptions& options, Where where) {
  if (!options.scale_and_shift) return;
  parameters_.emplace_back(full(shape, 1, options.dtype, where), full_name(options.name, "scale"), where);
  parameters_.emplace_back(full(shape, 0, options.dtype, where), full_name(options.name, "shift"), where);
}

LayerNorm::LayerNorm(const Shape& sizes, const NormalizationOptions& options, Where where)
    : sizes_(sizes), epsilon_(usable_epsilon("LayerNorm", options.epsilon, where)), trained_(sizes, options, where) {
  if (sizes.rank() == 0) {
    throw ShapeError(at(where) + "LayerNorm: no sizes; give those of the last axes, as in LayerNorm({64})");
  }
}

Tensor LayerNorm::operator()(const Operand& x) const {
  const Shape& shape = x.tensor().empty() ? sizes_ : x.tensor().shape();
  const int first = shape.rank() - sizes_.rank();
  for (int axis = 0; axis < sizes_.rank(); ++axis) {
    if (first >= 0 && shape[first + axis] == sizes_[axis]) continue;
    fail_shape(
        "LayerNorm", x, fmt::format("the last axes of x must be {}, which the layer was made for", sizes_.text()));
  }
  return layer_norm(x, trained_.scale(), trained_.shift(), {.axes = sizes_.rank(), .epsilon = epsilon_});
}

GroupNorm::GroupNorm(Index groups, Index channels, const NormalizationOptions& options, Where where)
    : groups_(groups),
      channels_(some_channels("GroupNorm", channels, where)),
      epsilon_(usable_epsilon("GroupNorm", options.epsilon, where)),
      trained_({channels}, options, where) {
  if (groups >= 1 && channels % groups == 0) return;
  throw ValueError(fmt::format(
      "{}GroupNorm: {} groups; the number must divide that of the channels, {}", at(where), groups, channels));
}

Tensor GroupNorm::operator()(const Operand& x) const {
  require_channels("GroupNorm", x, channels_);
  return group_norm(x, groups_, trained_.scale(), trained_.shift(), {.epsilon = epsilon_});
}

InstanceNorm::InstanceNorm(Index channels, const NormalizationOptions& options, Where where)
    : channels_(some_channels("InstanceNorm", channels, where)),
      epsilon_(usable_epsilon("InstanceNorm", options.epsilon, where)),
      trained_({channels}, options, where) {}

Tensor InstanceNorm::operator()(const Operand& x) const {
  require_channels("InstanceNorm", x, channels_);
  return instance_norm(x, trained_.scale(), trained_.shift(), {.epsilon = epsilon_});
}

/// The running statistics, and those of batches that are not part of them yet.
struct BatchNorm::Statistics {
  struct Batch {
    Tensor mean, variance;  ///< as the cost's graph holds them, so that its evaluation leaves their values
    double correction = 1;  ///< n / (n − 1)

    bool evaluated() const { return mean.evaluated() && variance.evaluated(); }
  };

  Parameter mean, variance;
  double momentum;
  std::mutex mutex;
  std::vector<Batch> batches;

  Statistics(Index channels, const BatchNormOptions& options, Where where)
      : mean(full({channels}, 0, options.dtype, where), full_name(options.name, "running_mean"), where),
        variance(full({channels}, 1, options.dtype, where), full_name(options.name, "running_variance"), where),
        momentum(options.momentum) {}

  /// Evaluates what nobody has. A graph that is stale was never run, and never will be.
  void evaluate_batches(Where where) const {
    for (const Batch& batch : batches) {
      if (batch.evaluated()) continue;
      try {
        evaluate({batch.mean, batch.variance}, where);
      } catch (const StaleError&) {
        continue;
      }
    }
  }

  void take_in_evaluated(Where where) {
    const auto left = std::stable_partition(batches.begin(), batches.end(), std::mem_fn(&Batch::evaluated));
    if (left == batches.begin()) return;
    Tensor new_mean = mean, new_variance = variance;
    for (auto batch = batches.begin(); batch != left; ++batch) {
      new_mean += momentum * (reshape(batch->mean, mean.shape()) - new_mean);
      new_variance += momentum * (reshape(batch->variance, mean.shape()) * batch->correction - new_variance);
    }
    assign({{mean, new_mean}, {variance, new_variance}}, {}, where);
    batches.erase(batches.begin(), left);
  }

  void take_in_all(Where where) {
    if (batches.empty()) return;
    evaluate_batches(where);
    take_in_evaluated(where);
    batches.clear();
  }
};

BatchNorm::BatchNorm(Index channels, const BatchNormOptions& options, Where where)
    : channels_(some_channels("BatchNorm", channels, where)),
      epsilon_(usable_epsilon("BatchNorm", options.epsilon, where)),
      trained_(
          {channels}, {.scale_and_shift = options.scale_and_shift, .dtype = options.dtype, .name = options.name},
          where),
      statistics_(std::make_shared<Statistics>(channels, options, where)) {
  if (options.momentum >= 0 && options.momentum <= 1) return;
  throw ValueError(fmt::format("{}BatchNorm: the momentum is {}, but must be in [0, 1]", at(where), options.momentum));
}

Tensor BatchNorm::operator()(const Operand& x, const BatchNormUse& use) const {
  require_channels("BatchNorm", x, channels_);
  require_dtype(x, statistics_->mean.dtype());
  if (use.training) return standardized_by_batch(x);
  return batch_norm_with_statistics(
      x, running_mean(x.where()), running_variance(x.where()), trained_.scale(), trained_.shift(),
      {.epsilon = epsilon_});
}

// Mean and variance are nodes of the graph that is trained on, and held here: whoever evaluates that leaves their
// values.
Tensor BatchNorm::standardized_by_batch(const Operand& x) const {
  const Tensor& tensor = x.tensor();
  const Index entries = tensor.empty() ? 0 : tensor.count() / channels_;
  // What batch_norm refuses, in its words.
  if (tensor.empty() || tensor.rank() < 2 || tensor.rank() > 2 + most_spatial_axes || entries < 2) return batch_norm(x);
  const ScopedOrigin origin(x.where());
  const Standardization found = standardization_by_channels(tensor, 0, trained_.scale(), trained_.shift(), epsilon_);
  const auto n = static_cast<double>(entries);
  Statistics::Batch batch{found.mean, found.variance, n / (n - 1)};
  const std::scoped_lock lock(statistics_->mutex);
  statistics_->take_in_evaluated(x.where());
  statistics_->batches.push_back(std::move(batch));
  return found.y;
}

Parameter BatchNorm::running_mean(Where where) const {
  const std::scoped_lock lock(statistics_->mutex);
  statistics_->take_in_all(where);
  return statistics_->mean;
}

Parameter BatchNorm::running_variance(Where where) const {
  const std::scoped_lock lock(statistics_->mutex);
  statistics_->take_in_all(where);
  return statistics_->variance;
}

}  // namespace gradus

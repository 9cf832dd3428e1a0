#pragma once

#include <memory>
#include <string>

#include <gradus/graph/parameter.h>

namespace gradus {

// The operations of ops/standardization.h with their parameters, which start at scale 1 and shift 0. Shapes and errors
// are theirs; a layer also throws ShapeError where x has not the channels that it was made for.

struct NormalizationOptions {
  double epsilon = 1e-5;
  bool scale_and_shift = true;  ///< false: nothing is trained
  Dtype dtype = Dtype::float32;
  std::string name = {};  ///< "norm1" names the parameters "norm1.scale" and "norm1.shift"
};

/// The trained part of a normalisation layer.
class ScaleAndShift {
 public:
  ScaleAndShift(const Shape& shape, const NormalizationOptions& options, Where where);

  /// 1 and 0 where there are no parameters.
  Tensor scale() const { return parameters_.empty() ? Tensor(1.0) : parameters_[0].tensor(); }
  Tensor shift() const { return parameters_.empty() ? Tensor(0.0) : parameters_[1].tensor(); }
  const Parameters& parameters() const { return parameters_; }

 private:
  Parameters parameters_;
};

/// layer_norm over last axes of these sizes: LayerNorm norm({64}).
class LayerNorm {
 public:
  /// Throws ShapeError where there is no axis, ValueError where epsilon is not above 0.
  explicit LayerNorm(const Shape& sizes, const NormalizationOptions& options = {}, Where where = Where::current());

  Tensor operator()(const Operand& x) const;
  /// scale, shift; none without.
  const Parameters& parameters() const { return trained_.parameters(); }

 private:
  Shape sizes_;
  double epsilon_;
  ScaleAndShift trained_;
};

/// group_norm of so many groups of channels.
class GroupNorm {
 public:
  /// Throws ValueError unless `groups` divides `channels`, both are positive, and epsilon is above 0.
  GroupNorm(Index groups, Index channels, const NormalizationOptions& options = {}, Where where = Where::current());

  Tensor operator()(const Operand& x) const;
  /// scale, shift; none without.
  const Parameters& parameters() const { return trained_.parameters(); }

 private:
  Index groups_, channels_;
  double epsilon_;
  ScaleAndShift trained_;
};

/// instance_norm. (PyTorch's has no scale and shift unless asked for; this one has, unless asked not to.)
class InstanceNorm {
 public:
  /// Throws ValueError unless there are channels and epsilon is above 0.
  explicit InstanceNorm(Index channels, const NormalizationOptions& options = {}, Where where = Where::current());

  Tensor operator()(const Operand& x) const;
  /// scale, shift; none without.
  const Parameters& parameters() const { return trained_.parameters(); }

 private:
  Index channels_;
  double epsilon_;
  ScaleAndShift trained_;
};

struct BatchNormOptions {
  double epsilon = 1e-5;
  double momentum = 0.1;        ///< how far the running statistics move towards those of each batch
  bool scale_and_shift = true;  ///< false: nothing is trained
  Dtype dtype = Dtype::float32;
  std::string name = {};  ///< "norm1" names the parameters "norm1.scale", "norm1.running_mean", …
};

/// How a layer is used that does one thing in training and another in inference; as in DropoutOptions.
struct BatchNormUse {
  bool training = true;  ///< false: the running statistics take the place of the batch's
};

/// batch_norm in training; in inference batch_norm_with_statistics of the running mean and variance, which start at 0
/// and 1 and follow every batch that is trained on:
///
///     running ← running + momentum (batch − running),
///
/// with the batch's unbiased variance Σ(x − mean)²/(n − 1), as in PyTorch.
///
///     BatchNorm norm(16);
///     optimizer.step(cost(norm(x)));               // norm.parameters() among those of the optimiser
///     Tensor y = norm(x, {.training = false});
///
/// The batch's statistics are part of the training's graph and cost no evaluation of their own. They are taken in when
/// the layer is used or asked for its running statistics next. A batch whose graph has not been evaluated by then is
/// evaluated when the running statistics are needed; if a parameter behind it has moved on, it cannot be any more, and
/// does not count. Copies of a layer share parameters and statistics.
class BatchNorm {
 public:
  /// Throws ValueError unless there are channels, 0 <= momentum <= 1, and epsilon is above 0.
  explicit BatchNorm(Index channels, const BatchNormOptions& options = {}, Where where = Where::current());

  Tensor operator()(const Operand& x, const BatchNormUse& use = {}) const;
  /// scale, shift; none without.
  const Parameters& parameters() const { return trained_.parameters(); }
  /// [channels], up to the last batch. Not for an optimiser. What is assigned to them stays until the next batch.
  Parameter running_mean(Where where = Where::current()) const;
  Parameter running_variance(Where where = Where::current()) const;

 private:
  struct Statistics;
  Tensor standardized_by_batch(const Operand& x) const;

  Index channels_;
  double epsilon_;
  ScaleAndShift trained_;
  std::shared_ptr<Statistics> statistics_;
};

}  // namespace gradus

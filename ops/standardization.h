#pragma once

#include <gradus/graph/tensor.h>

namespace gradus {

// What is known as normalisation layers: entries are moved and scaled to mean 0 and variance 1 over some group of them,
//
//     y = (x − mean) / √(variance + epsilon) · scale + shift,
//
// with the variance of all there is, Σ(x − mean)²/n. Only the group differs. Where there are channels they are axis 1,
// as in PyTorch: x is [examples, channels, spatial axes…] with none to three spatial axes.
//
// Floating dtypes, all inputs alike (DtypeError otherwise); the result has x's shape. Scale and shift are numbers or
// tensors that are trained too; left out, nothing is scaled and shifted. The variance is taken of the centred entries:
// far from 0 no more is lost than the entries themselves have lost, a part |mean| / deviation of the last digit.
//
// Throws ShapeError where x, scale or shift has another shape than is asked for, and where a group holds one entry, of
// which nothing would be left but 0; ValueError unless epsilon is above 0 and finite. Of no groups nothing is made.

struct StandardizationOptions {
  double epsilon = 1e-5;  ///< added to the variance: entries that are all the same become 0, not NaN
};

struct LayerNormOptions {
  Index axes = 1;  ///< how many of the last axes belong together
  double epsilon = 1e-5;
};

/// Over the last axes, example by example. x: rank 1 or more; scale and shift have the shape of these axes. Throws
/// ShapeError unless x has that many axes, which must be at least one. J. L. Ba, J. R. Kiros, G. E. Hinton, "Layer
/// normalization", 2016.
Tensor layer_norm(
    const Operand& x, const Operand& scale = 1.0, const Operand& shift = 0.0, const LayerNormOptions& options = {});

/// Over all examples and positions of a channel, as in training. x: [examples, channels, …]; scale and shift:
/// [channels]. S. Ioffe, C. Szegedy, "Batch normalization: accelerating deep network training by reducing internal
/// covariate shift", ICML 2015.
Tensor batch_norm(
    const Operand& x, const Operand& scale = 1.0, const Operand& shift = 0.0,
    const StandardizationOptions& options = {});

/// batch_norm with the mean and the variance given, as in inference. mean and variance: [channels], or numbers. Each
/// entry is by itself, so that there is no group that could be too small.
Tensor batch_norm_with_statistics(
    const Operand& x, const Operand& mean, const Operand& variance, const Operand& scale = 1.0,
    const Operand& shift = 0.0, const StandardizationOptions& options = {});

/// Over `groups` equal groups of channels with all their positions, example by example. x: [examples, channels, …];
/// scale and shift: [channels]. With one group this is layer_norm over all axes but the first, but for their shapes.
/// Throws ShapeError unless `groups` divides the channels, ValueError unless it is at least 1. Y. Wu, K. He, "Group
/// normalization", ECCV 2018.
Tensor group_norm(
    const Operand& x, Index groups, const Operand& scale = 1.0, const Operand& shift = 0.0,
    const StandardizationOptions& options = {});

/// Over the positions of a channel, example by example. x: [examples, channels, …] with one spatial axis at least;
/// scale and shift: [channels]. D. Ulyanov, A. Vedaldi, V. Lempitsky, "Instance normalization: the missing ingredient
/// for fast stylization", 2016.
Tensor instance_norm(
    const Operand& x, const Operand& scale = 1.0, const Operand& shift = 0.0,
    const StandardizationOptions& options = {});

}  // namespace gradus

#pragma once

#include <gradus/graph/tensor.h>

// Costs: one number from what a network puts out and what it should have put out. Where examples are counted, they are
// the rows: the sizes of the first axis. A tensor of rank 0 or 1 is one example. Outputs and targets have one shape and
// one floating dtype; anything else throws ShapeError or DtypeError, since [n, 1] against [n] would broadcast to n²
// errors in silence. A cost of no examples is NaN.

namespace gradus {

/// C = 1/(2n) Σ_x ‖y(x) − a‖², the book's (6), for n examples: half the squared distance, averaged over examples, not
/// over entries. The 2 goes away in the gradient, (30): (a − y)/n.
Tensor quadratic_cost(const Operand& output, const Operand& target);

/// C = −(1/n) Σ_x Σ_j [y_j ln a_j + (1 − y_j) ln(1 − a_j)], the book's (63), (57) for one output. Activations and
/// targets lie in [0, 1]. 0 ln 0 counts as 0 and ln 0 as the lowest finite number, as the book's `nan_to_num` has it.
/// An activation that has rounded to 0 or 1 has lost its gradient: with sigmoid outputs, prefer
/// cross_entropy_with_logits.
Tensor cross_entropy(const Operand& activations, const Operand& target);

/// The same for activations sigmoid(z), from z: max(z, 0) − z y + ln(1 + e^{−|z|}), finite and exact for any finite z.
/// The gradient is the book's (66): (a − y)/n.
Tensor cross_entropy_with_logits(const Operand& z, const Operand& target);

/// C = −(1/n) Σ_x ln a_y, the book's (80). Activations are probabilities along the last axis, [n, classes] (or
/// [classes]: one example). Labels are int32 without that axis, or floating one-hot (or other) distributions shaped
/// like the activations, for which C = −(1/n) Σ_x Σ_j y_j ln a_j. Further axes in front of the last count as examples.
/// Throws ValueError in evaluation where a label is no class.
Tensor log_likelihood(const Operand& activations, const Operand& labels);

/// The same for activations softmax(z), from z, by log_softmax: finite for any finite z. The gradient is the book's
/// (84): (a − y)/n. Labels as in log_likelihood.
Tensor log_likelihood_with_logits(const Operand& z, const Operand& labels);

/// The mean over all entries of (output − target)².
Tensor mean_squared_error(const Operand& output, const Operand& target);
/// The mean over all entries of |output − target|.
Tensor mean_absolute_error(const Operand& output, const Operand& target);
/// The mean over all entries of d²/2 where |d| <= delta, else delta (|d| − delta/2), d = output − target. Throws
/// ValueError unless delta > 0. P. J. Huber, "Robust estimation of a location parameter", 1964.
Tensor huber(const Operand& output, const Operand& target, double delta = 1);
/// The mean over all entries of max(0, 1 − target · output); targets are −1 or 1.
Tensor hinge(const Operand& output, const Operand& target);

/// x ln y entry by entry, where 0 ln 0 is 0 and ln 0 the lowest finite number. x and y broadcast.
Tensor x_log_y(const Operand& x, const Operand& y);
/// −y ln σ(z) − (1 − y) ln(1 − σ(z)) entry by entry, without forming σ(z). z and y broadcast.
Tensor logistic_loss(const Operand& z, const Operand& y);

}  // namespace gradus

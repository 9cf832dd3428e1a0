#pragma once

#include <functional>
#include <string>
#include <vector>

#include <gradus/graph/tensor.h>

namespace gradus {

struct GradientCheckOptions {
  int order = 2;            ///< 1: the gradient; 2: the gradient of the gradient too; 3: and so on
  bool directions = false;  ///< true: compare along random directions (cheap); false: every entry of every Jacobian
  int direction_count = 4;  ///< how many an input, in that mode
  double tolerance = 1e-8;  ///< allowed |automatic − numerical| relative to the Jacobian's scale, beyond the
                            ///< difference's own error estimate
  double step = 1e-4;       ///< of the differences, relative to 1 + |x|; shrunk by itself where they do not settle
  std::int64_t seed = 1;    ///< of cotangents and directions
};

struct GradientCheckResult {
  bool passed = false;
  Index comparisons = 0;  ///< never 0 in a check that passed, unless no input has an entry
  Index failures = 0;     ///< how many of them were off
  double worst = 0;       ///< the largest |automatic − numerical| / allowed; above 1 fails
  std::string message;    ///< the worst entry: order, input, position, both figures; empty if all is well
  explicit operator bool() const { return passed; }
};

/// A function of some tensors, built as graph.
using Function = std::function<Tensor(const Tensors&)>;

/// Compares the derivatives of `function` at the float64 `inputs` with central differences of its values, at two steps
/// so that each difference estimates its own error. The book's (46), made sharp. Integer and boolean inputs are held
/// fixed. Order 2 is the same check of (inputs, cotangent) → gradient. Stops at the first order that fails. The
/// function must give the same values each time: one that draws random numbers needs a fixed seed. On a kink (relu at
/// 0) there is no derivative to compare with; keep the inputs off it.
/// Throws DtypeError on float32 inputs or results, whose digits do not suffice, and ValueError without any float64
/// input.
GradientCheckResult gradient_check(
    const Function& function, const Tensors& inputs, const GradientCheckOptions& options = {});

}  // namespace gradus

#include "perceptrons.h"

namespace chapter1 {

using namespace gradus;

Tensor fires(const Tensor& x, const Tensor& w, const Tensor& b) {
  return step(matmul(x, w) + b);
}

Tensor softly_fires(const Tensor& x, const Tensor& w, const Tensor& b) {
  return sigmoid(matmul(x, w) + b);
}

Tensor all_inputs(Index bits) {
  std::vector<double> rows;
  for (Index number = 0; number < Index{1} << bits; ++number) {
    for (Index bit = bits - 1; bit >= 0; --bit) rows.push_back(static_cast<double>(number >> bit & 1));
  }
  return tensor(rows, {Index{1} << bits, bits});
}

Tensor vector(std::initializer_list<double> entries) {
  return tensor(entries);
}

Index count_equal(const Tensor& a, const Tensor& b) {
  return count_nonzero(equal(a, b)).item<std::int32_t>();
}

}  // namespace chapter1

#include <program/comparison.h>

#include <gradus/gradus.h>

namespace program {

using namespace gradus;

double relative_difference(const Tensors& a, const Tensors& b) {
  Tensors differences, sizes;
  for (std::size_t i = 0; i < b.size(); ++i) {
    differences.push_back(max(absolute(a[i] - b[i])));
    sizes.push_back(max(absolute(b[i])));
  }
  return (max(stack(differences)) / max(stack(sizes))).item();
}

double worse(double a, double b) {
  return !(b <= a) ? b : a;
}

}  // namespace program

#pragma once

#include <functional>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include <gradus/graph/operation.h>

// What every operation is checked with. The registry is the only list: an operation's samples, or, for elementwise
// ones, the family's.
namespace checks {

/// Of gradient checks: what is left of float64 after a rule, its sums and an extrapolated difference; measured, with a
/// digit to spare.
inline constexpr double tolerance = 1e-10;

/// One way to call an operation.
struct Case {
  const gradus::Registered* operation = nullptr;
  std::string name;  ///< "add [2, 3] [3]"
  std::vector<gradus::Shape> shapes;
  std::vector<gradus::Domain> domains;  ///< one an input
  gradus::Tensor (*build)(const gradus::Tensors& inputs) = nullptr;
  bool same_tensor = false;  ///< f(x, x): the only input is given in every place

  gradus::Index entries() const;
};

/// Entries of the inputs, as numbers whatever their dtype.
using Values = std::vector<std::vector<double>>;

/// Sorted by name, without those that other tests define ("test_…").
std::vector<const gradus::Registered*> operations();
std::vector<Case> cases_of(const gradus::Registered& operation);
/// A case with every size above 1 multiplied, if the operation takes that.
bool blow_up(Case& sample, gradus::Index factor);

/// Numbers from the domains: both sides of every kink, none near a kink, no two of them close to each other, so that
/// differences never cross a kink or a tie. The same each time.
Values draw(const Case& sample);
/// The same with every number rounded to float32.
Values rounded(Values values);

/// The operation's inputs as leaves; floating ones get `floating` as their dtype.
gradus::Tensors leaves(const Case& sample, const Values& values, gradus::Dtype floating = gradus::Dtype::float64);
gradus::Tensor leaf(const std::vector<double>& values, const gradus::Shape& shape, gradus::Dtype dtype);
gradus::Tensor result(const Case& sample, const gradus::Tensors& inputs);
gradus::Tensors floating(const gradus::Tensors& tensors);

/// The entries as numbers, whatever their dtype.
std::vector<double> numbers(const gradus::Tensor& tensor);

/// A leaf of ±[0.5, 1.5] in the shape and dtype of `like`; entries are exact in float32.
gradus::Tensor cotangent_for(const gradus::Tensor& like);

/// The value as bytes, to compare bit for bit.
std::string raw(const gradus::Tensor& tensor);

/// Calls `body` with each case of each operation; what is thrown fails with the name of the case.
void each_case(const std::function<void(const Case&)>& body);
/// The same for one call.
void guarded(const std::string& name, const std::function<void()>& body);

/// The largest |a − b| over `scale`, the largest |b|; infinite where one is NaN and the other is not.
double distance(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace checks

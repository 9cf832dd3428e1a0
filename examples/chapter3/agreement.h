#pragma once

#include <string>

#include <gradus/gradus.h>
#include <program/run.h>

namespace chapter3 {

using namespace gradus;

/// A table of equations of the book against automatic derivatives, or any two ways to the same numbers.
class Agreement {
 public:
  explicit Agreement(program::Run& run) : run_(&run) {}

  /// Prints how far apart the two are, relative to the book's.
  void check(const std::string& equation, const Tensors& ours, const Tensors& of_the_book);
  void check(const std::string& equation, const Tensor& ours, const Tensor& of_the_book) {
    check(equation, Tensors{ours}, Tensors{of_the_book});
  }
  /// The worst of the table, which should be rounding of float64 and no more.
  program::Summary worst() const;

 private:
  program::Run* run_;
  double worst_ = 0;
  bool begun_ = false;
};

}  // namespace chapter3

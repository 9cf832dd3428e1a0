#include "agreement.h"

#include <program/comparison.h>

namespace chapter3 {

void Agreement::check(const std::string& equation, const Tensors& ours, const Tensors& of_the_book) {
  if (!begun_) run_->say("{:<64}{:>10}{:>22}", "", "numbers", "relative difference");
  begun_ = true;
  Index count = 0;
  for (const Tensor& part : of_the_book) count += part.count();
  const double difference = program::relative_difference(ours, of_the_book);
  run_->say("{:<64}{:>10}{:>22.1e}", equation, count, difference);
  worst_ = program::worse(worst_, difference);
}

program::Summary Agreement::worst() const {
  return {
      .quantity = "largest relative difference of the two ways", .measured = worst_, .band = program::Band{0, 1e-12}};
}

}  // namespace chapter3

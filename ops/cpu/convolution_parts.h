#pragma once

#include <algorithm>

#include <gradus/graph/alignment.h>
#include <gradus/ops/cpu/convolution.h>

namespace gradus::cpu {

/// What kernels of convolutions have in common whose parts are so many examples each, the last one fewer.
class ExamplesInParts : public Kernel {
 public:
  Index parts() const override { return part_count; }
  double cost() const override { return static_cast<double>(sizes.examples) * example_cost(); }

 protected:
  /// A part is worth another thread's attention from `least` ns on.
  ExamplesInParts(const ConvolutionSizes& given, double least) : sizes(given) {
    const auto wanted = std::clamp<Index>(
        static_cast<Index>(static_cast<double>(given.examples) * example_cost() / least), 1, most_parts);
    part_examples = (given.examples + wanted - 1) / wanted;
    part_count = (given.examples + part_examples - 1) / part_examples;
  }

  Index examples_of(Index part) const { return std::min(part_examples, sizes.examples - part * part_examples); }
  Index x_example() const { return sizes.x_example(); }
  Index y_example() const { return sizes.y_example(); }
  Index x_start(Index part) const { return part * part_examples * x_example(); }
  Index y_start(Index part) const { return part * part_examples * y_example(); }
  /// What a part computes of an output of so many entries an example.
  EntryRuns part_of(Index part, Index example) const {
    return {.first = part * part_examples * example, .length = examples_of(part) * example};
  }

  ConvolutionSizes sizes;
  Index part_examples = 0, part_count = 0;

 private:
  static constexpr Index most_parts = 32;
  // Products over few channels load as much as they multiply.
  double example_cost() const {
    const Index channels = sizes.channels / sizes.groups;
    const double share = static_cast<double>(channels) / static_cast<double>(channels + 1);
    return static_cast<double>(sizes.multiplications()) / (70 * share);
  }
};

}  // namespace gradus::cpu

#pragma once

#include <vector>

#include <gradus/graph/kernel.h>

namespace gradus::plan {

/// A sequence of tile functions over registers that hold one tile each. Registers 0 … inputs−1 are the inputs; every
/// instruction fills the next one.
struct ElementwiseProgram {
  struct Input {
    Layout layout;  ///< broadcast to `shape`
    Dtype dtype;
  };
  struct Instruction {
    Tile tile;
    std::vector<int> inputs;  ///< registers
    Dtype dtype;              ///< of the result
  };
  Shape shape;
  std::vector<Input> inputs;
  std::vector<Instruction> instructions;
  std::vector<int> outputs;  ///< registers that are written to memory, dense
};

/// Runs a program tile by tile, so that what lies between two instructions stays in the L1 cache.
KernelPointer elementwise_kernel(ElementwiseProgram program);

}  // namespace gradus::plan

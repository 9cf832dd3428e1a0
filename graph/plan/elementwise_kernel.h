#pragma once

#include <memory>
#include <vector>

#include <gradus/graph/plan/tile_runner.h>

namespace gradus::plan {

/// Runs a program over all entries of its shape.
KernelPointer elementwise_kernel(ElementwiseProgram program);

/// Input 0 of a kernel, computed by a program of one output whose inputs are the first of the kernel's.
std::shared_ptr<const EntrySource> entry_source(ElementwiseProgram program);

/// Runs a kernel, and after each of its parts a program over the entries that it computed, if it can say which; if it
/// has one part only, over all. Output 0 is the kernel's, the others are the program's. Input i of the program is input
/// `sources[i]` of the step; −1: the kernel's result.
KernelPointer epilogue_kernel(
    std::shared_ptr<const Kernel> kernel, ElementwiseProgram program, std::vector<int> sources);

}  // namespace gradus::plan

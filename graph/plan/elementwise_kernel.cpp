#include <gradus/graph/plan/elementwise_kernel.h>

#include <algorithm>
#include <cstring>
#include <numeric>

#include <gradus/graph/plan/gather.h>

namespace gradus::plan {

namespace {

constexpr Index tile_entries = 512;
constexpr Index part_entries = 1 << 14;
// Registers start on cache lines.
constexpr Index register_bytes = tile_entries * 8;

enum class Reading {
  in_place,  // dense: the tile is where the memory is
  once,      // the same entries for every tile: gathered before the first
  gathered,  // gathered for every tile
};

// After how many entries a broadcast layout repeats: 1 for a scalar, the size of a row for a bias; 0 if it never does.
Index period_of(const Layout& layout) {
  Index period = 1;
  int axis = layout.shape.rank() - 1;
  for (; axis >= 0 && (layout.stride(axis) != 0 || layout.shape[axis] == 1); --axis) period *= layout.shape[axis];
  for (; axis >= 0; --axis) {
    if (layout.stride(axis) != 0 && layout.shape[axis] != 1) return 0;
  }
  return period;
}

class ElementwiseKernel final : public Kernel {
 public:
  explicit ElementwiseKernel(ElementwiseProgram program)
      : program_(std::move(program)), count_(program_.shape.count()) {
    for (const auto& input : program_.inputs) gathers_.emplace_back(input.layout, bytes_of(input.dtype));
    choose_readings();
    step_ = tile_ * std::max<Index>(1, part_entries / tile_);
    output_of_.assign(program_.inputs.size() + program_.instructions.size(), -1);
    for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
      output_of_[static_cast<std::size_t>(program_.outputs[i])] = static_cast<int>(i);
    }
  }

  Index parts() const override { return std::max<Index>(1, (count_ + step_ - 1) / step_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const Index first = begin * step_, last = std::min(count_, end * step_);
    if (first >= last) return;
    std::byte* scratch = scratch_for_registers();
    const void* registers[max_registers];
    gather_once(inputs, scratch, registers, std::min(tile_, last - first));
    for (Index at = first; at < last; at += tile_) {
      run_tile(inputs, outputs, scratch, registers, at, std::min(tile_, last - at));
    }
  }

 private:
  static constexpr std::size_t max_registers = 64;

  void choose_readings() {
    for (const auto& input : program_.inputs) {
      if (input.layout.is_dense()) {
        readings_.push_back(Reading::in_place);
        continue;
      }
      const Index period = period_of(input.layout);
      const Index together = period > 0 ? std::lcm(tile_unit_, period) : 0;
      if (together > 0 && together <= tile_entries) {
        tile_unit_ = together;
        readings_.push_back(Reading::once);
      } else {
        readings_.push_back(Reading::gathered);
      }
    }
    tile_ = tile_entries / tile_unit_ * tile_unit_;
  }

  std::byte* scratch_for_registers() const {
    thread_local std::vector<std::byte> memory;
    const std::size_t bytes = static_cast<std::size_t>(register_bytes) * output_of_.size() + 64;
    if (memory.size() < bytes) memory.resize(bytes);
    const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
    return memory.data() + ((64 - address % 64) % 64);
  }

  void gather_once(const void* const* inputs, std::byte* scratch, const void** registers, Index count) const {
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      if (readings_[i] != Reading::once) continue;
      std::byte* to = scratch + static_cast<std::size_t>(register_bytes) * i;
      gathers_[i].copy(inputs[i], to, 0, count);
      registers[i] = to;
    }
  }

  void run_tile(
      const void* const* inputs, void* const* outputs, std::byte* scratch, const void** registers, Index at,
      Index count) const {
    for (std::size_t i = 0; i < readings_.size(); ++i) {
      if (readings_[i] == Reading::in_place) {
        registers[i] = static_cast<const std::byte*>(inputs[i]) + at * bytes_of(program_.inputs[i].dtype);
      } else if (readings_[i] == Reading::gathered) {
        std::byte* to = scratch + static_cast<std::size_t>(register_bytes) * i;
        gathers_[i].copy(inputs[i], to, at, count);
        registers[i] = to;
      }
    }
    std::size_t result = readings_.size();
    for (const auto& instruction : program_.instructions) {
      const void* operands[4];
      for (std::size_t k = 0; k < instruction.inputs.size(); ++k) {
        operands[k] = registers[static_cast<std::size_t>(instruction.inputs[k])];
      }
      const int output = output_of_[result];
      void* to = output >= 0 ? static_cast<std::byte*>(outputs[output]) + at * bytes_of(instruction.dtype)
                             : scratch + static_cast<std::size_t>(register_bytes) * result;
      instruction.tile(operands, to, count);
      registers[result++] = to;
    }
  }

  ElementwiseProgram program_;
  Index count_;
  std::vector<Gather> gathers_;
  std::vector<Reading> readings_;
  std::vector<int> output_of_;  // by register; −1: stays in the cache
  Index tile_unit_ = 1;         // a tile is a whole number of these, so that what repeats starts anew in each
  Index tile_ = tile_entries;
  Index step_ = part_entries;  // entries of one part, a whole number of tiles
};

}  // namespace

KernelPointer elementwise_kernel(ElementwiseProgram program) {
  return std::make_unique<ElementwiseKernel>(std::move(program));
}

}  // namespace gradus::plan

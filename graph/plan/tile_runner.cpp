#include <gradus/graph/plan/tile_runner.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>

#include <gradus/graph/error.h>
#include <gradus/graph/plan/multiply_add.h>

namespace gradus::plan {

namespace {

constexpr Index tile_entries = 512;
constexpr std::size_t cache_line = 64;
// What is larger comes from memory: the next tile is asked for while this one is worked on.
constexpr Index least_entries_to_prefetch = Index{1} << 18;

void prefetch(const void* tile, Index bytes) {
  const char* next = static_cast<const char*>(tile) + bytes;
  for (Index line = 0; line < bytes; line += static_cast<Index>(cache_line)) __builtin_prefetch(next + line, 0, 2);
}

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

}  // namespace

TileRunner::TileRunner(ElementwiseProgram program)
    : program_(with_products_added(std::move(program))), tile_(tile_entries) {
  const std::size_t registers = program_.inputs.size() + program_.instructions.size();
  if (registers > max_registers) throw Error("plan: more operations were fused than a tile has registers for");
  for (const auto& input : program_.inputs) gathers_.emplace_back(input.layout, bytes_of(input.dtype));
  output_of_.assign(registers, -1);
  for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
    output_of_[static_cast<std::size_t>(program_.outputs[i])] = static_cast<int>(i);
  }
  prefetches_ = program_.shape.count() >= least_entries_to_prefetch;
  choose_readings();
  choose_slots();
}

void TileRunner::choose_readings() {
  for (const auto& input : program_.inputs) {
    const Index period = period_of(input.layout);
    periods_.push_back(period);
    if (input.is_number || input.layout.is_dense()) {
      readings_.push_back(input.is_number ? Reading::number : Reading::in_place);
      continue;
    }
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

// A register's memory goes to another one after its last use, so that few of them fill the cache.
void TileRunner::choose_slots() {
  const std::size_t inputs = program_.inputs.size();
  slots_.assign(output_of_.size(), no_slot);
  std::vector<std::size_t> last_use(output_of_.size(), 0);
  for (std::size_t k = 0; k < program_.instructions.size(); ++k) {
    for (const int input : program_.instructions[k].inputs) last_use[static_cast<std::size_t>(input)] = k;
  }
  slot_bytes_ = 0;
  for (const auto& input : program_.inputs) slot_bytes_ = std::max(slot_bytes_, tile_entries * bytes_of(input.dtype));
  for (const auto& one : program_.instructions) slot_bytes_ = std::max(slot_bytes_, tile_entries * bytes_of(one.dtype));
  std::vector<int> free;
  const auto take = [&] {
    if (free.empty()) return slot_count_++;
    const int slot = free.back();
    free.pop_back();
    return slot;
  };
  for (std::size_t i = 0; i < inputs; ++i) {
    if (readings_[i] == Reading::once || readings_[i] == Reading::gathered) slots_[i] = take();
  }
  for (std::size_t k = 0; k < program_.instructions.size(); ++k) {
    if (output_of_[inputs + k] < 0) slots_[inputs + k] = take();
    std::vector<int> read = program_.instructions[k].inputs;
    std::sort(read.begin(), read.end());
    read.erase(std::unique(read.begin(), read.end()), read.end());
    for (const int input : read) {
      const auto reg = static_cast<std::size_t>(input);
      const bool stays = reg < inputs && readings_[reg] == Reading::once;
      if (last_use[reg] == k && slots_[reg] != no_slot && !stays) free.push_back(slots_[reg]);
    }
  }
}

std::byte* TileRunner::scratch() const {
  thread_local std::vector<std::byte> memory;
  const std::size_t bytes = static_cast<std::size_t>(slot_bytes_ * slot_count_) + cache_line;
  if (memory.size() < bytes) memory.resize(bytes);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.data());
  return memory.data() + ((cache_line - address % cache_line) % cache_line);
}

// Gathers one period of an input and copies it until the tile is full.
void TileRunner::fill_with_period(std::size_t input, const void* from, std::byte* to, Index count) const {
  const auto bytes = [&](Index entries) {
    return static_cast<std::size_t>(entries * bytes_of(program_.inputs[input].dtype));
  };
  Index filled = std::min(periods_[input], count);
  gathers_[input].copy(from, to, 0, filled);
  for (; filled < count; filled = std::min(2 * filled, count)) {
    std::memcpy(to + bytes(filled), to, bytes(std::min(filled, count - filled)));
  }
}

void TileRunner::run(
    const void* const* inputs, void* const* outputs, Index first, Index last, Index output_first) const {
  if (first >= last) return;
  const void* registers[max_registers];
  void* targets[max_registers];
  for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
    const Dtype dtype = program_.instructions[static_cast<std::size_t>(program_.outputs[i]) - readings_.size()].dtype;
    targets[i] = static_cast<std::byte*>(outputs[i]) + (first - output_first) * bytes_of(dtype);
  }
  std::byte* const memory = scratch();
  const bool repeats = first % tile_unit_ == 0;
  for (std::size_t i = 0; repeats && i < readings_.size(); ++i) {
    if (readings_[i] != Reading::once) continue;
    registers[i] = slot(memory, i);
    fill_with_period(i, inputs[i], slot(memory, i), std::min(tile_, last - first));
  }
  for (Index at = first; at < last; at += tile_) {
    const Index count = std::min(tile_, last - at);
    run_tile(inputs, targets, memory, registers, at, count, repeats);
    for (std::size_t i = 0; i < program_.outputs.size(); ++i) {
      const Dtype dtype = program_.instructions[static_cast<std::size_t>(program_.outputs[i]) - readings_.size()].dtype;
      targets[i] = static_cast<std::byte*>(targets[i]) + count * bytes_of(dtype);
    }
  }
}

// `outputs` point at where the tile's own first entry goes.
void TileRunner::run_tile(
    const void* const* inputs, void* const* outputs, std::byte* scratch, const void** registers, Index at, Index count,
    bool repeats) const {
  for (std::size_t i = 0; i < readings_.size(); ++i) {
    if (readings_[i] == Reading::number) {
      registers[i] = inputs[i];
    } else if (readings_[i] == Reading::in_place) {
      registers[i] = static_cast<const std::byte*>(inputs[i]) + at * bytes_of(program_.inputs[i].dtype);
      if (prefetches_) prefetch(registers[i], count * bytes_of(program_.inputs[i].dtype));
    } else if (readings_[i] == Reading::gathered || !repeats) {
      registers[i] = slot(scratch, i);
      gathers_[i].copy(inputs[i], slot(scratch, i), at, count);
    }
  }
  std::size_t result = readings_.size();
  for (const auto& instruction : program_.instructions) {
    const void* operands[4];
    for (std::size_t k = 0; k < instruction.inputs.size(); ++k) {
      operands[k] = registers[static_cast<std::size_t>(instruction.inputs[k])];
    }
    const int output = output_of_[result];
    void* to = output >= 0 ? outputs[output] : slot(scratch, result);
    instruction.tile(operands, to, count);
    registers[result++] = to;
  }
}

}  // namespace gradus::plan

#pragma once

#include <vector>

#include <gradus/graph/operation.h>
#include <gradus/graph/plan/gather.h>

namespace gradus::plan {

/// A sequence of tile functions over registers that hold one tile each. Registers 0 … inputs−1 are the inputs; every
/// instruction fills the next one.
struct ElementwiseProgram {
  struct Input {
    Layout layout;  ///< broadcast to `shape`
    Dtype dtype;
    bool is_number = false;  ///< instructions read its one entry
  };
  struct Instruction {
    const Operation* operation;
    Tile tile;
    std::vector<int> inputs;  ///< registers
    Dtype dtype;              ///< of the result
  };
  Shape shape;
  std::vector<Input> inputs;
  std::vector<Instruction> instructions;
  std::vector<int> outputs;  ///< registers that are written to memory, dense
};

/// Runs a program over entries, tile by tile, so that what lies between two instructions stays in the L1 cache. Several
/// threads may use one runner.
class TileRunner {
 public:
  static constexpr std::size_t max_registers = 64;

  explicit TileRunner(ElementwiseProgram program);

  const Shape& shape() const { return program_.shape; }
  std::size_t output_count() const { return program_.outputs.size(); }
  /// Entries of a whole tile: runs that start at a multiple of it gather what repeats only once.
  Index tile() const { return tile_; }
  /// Computes entries [first, last). `outputs` point at where entry `output_first` goes.
  void run(const void* const* inputs, void* const* outputs, Index first, Index last, Index output_first = 0) const;

 private:
  enum class Reading {
    in_place,  // dense: the tile is where the memory is
    number,    // one entry, read where it is
    once,      // the same entries for every tile: gathered before the first
    gathered,  // gathered for every tile
  };
  static constexpr int no_slot = -1;

  void choose_readings();
  void choose_slots();
  void fill_with_period(std::size_t input, const void* from, std::byte* to, Index count) const;
  std::byte* scratch() const;
  std::byte* slot(std::byte* scratch, std::size_t reg) const { return scratch + slot_bytes_ * slots_[reg]; }
  void run_tile(
      const void* const* inputs, void* const* outputs, std::byte* scratch, const void** registers, Index at,
      Index count, bool repeats) const;

  ElementwiseProgram program_;
  std::vector<Gather> gathers_;
  std::vector<Reading> readings_;
  std::vector<Index> periods_;  // of inputs: after how many entries they repeat, 0 if never
  std::vector<int> output_of_;  // by register; −1: stays in the cache
  std::vector<int> slots_;      // by register: which piece of the scratch memory holds it
  int slot_count_ = 0;
  Index slot_bytes_;
  Index tile_unit_ = 1;  // a tile is a whole number of these, so that what repeats starts anew in each
  Index tile_;
  bool prefetches_ = false;
};

}  // namespace gradus::plan

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include <gradus/graph/attributes.h>

namespace gradus {

/// Where the entries of a value lie: entry (i, j, …) is at base + offset + i·strides[0] + j·strides[1] + …, in entries.
struct Layout {
  Shape shape;
  std::array<Index, max_rank> strides{};
  Index offset = 0;

  static Layout dense(const Shape& shape);
  /// Row-major without gaps (offset apart). Axes of size 1 may have any stride.
  bool is_dense() const;
  /// The same entries with axis order[i] as axis i, for the axes that there are.
  Layout permuted(const std::array<int, max_rank>& order) const;
  Index stride(int axis) const { return strides[static_cast<std::size_t>(axis)]; }
  Index& stride(int axis) { return strides[static_cast<std::size_t>(axis)]; }
  bool operator==(const Layout&) const = default;
};

/// Entries of a value in row-major order: `count` runs of `length` entries, each `stride` entries after the one before.
struct EntryRuns {
  Index first = 0, length = 0, stride = 0, count = 1;
};

/// Computes entries of a value that lies nowhere in memory, for a kernel that asks for them as it goes.
class EntrySource {
 public:
  virtual ~EntrySource() = default;
  /// Writes entries [first, first + count) of the row-major sequence to `to`. `inputs` are those of the kernel.
  virtual void read(const void* const* inputs, Index first, Index count, void* to) const = 0;
};

/// What a kernel is prepared for, once a plan.
struct KernelRequest {
  std::vector<Layout> inputs;
  std::vector<Dtype> dtypes;  ///< of the inputs
  Layout output;              ///< always dense
  Dtype dtype = Dtype::float32;
  Attributes attributes;
  /// For operations with `streams`: where input 0 comes from; the kernel's inputs are then what the source reads.
  std::shared_ptr<const EntrySource> source = nullptr;
  /// For operations with `accumulates`: out ← Π addend factors·addend + sign·Π factors·result. The inputs of the kernel
  /// are the operation's, then the addend, dense and of the output's shape, then the factors and those of the addend,
  /// scalars of the output's dtype. The addend may lie where the output does.
  struct Accumulation {
    double sign = 1;
    int factors = 0, addend_factors = 0;

    /// How many inputs there are beside the operation's.
    int inputs() const { return 1 + factors + addend_factors; }
  };
  std::optional<Accumulation> accumulation = {};
  /// Products of float32 are to round their factors; ProductPrecision::bfloat16.
  bool bfloat16 = false;
};

/// One prepared computation. It holds what could be worked out once: loop bounds, packed constants, library primitives.
/// Several threads may run one kernel at a time, so running changes nothing in it.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// Pieces that can be computed independently. Depends on shapes alone, never on the number of threads, and the result
  /// is the same to the bit however they are grouped.
  virtual Index parts() const { return 1; }
  /// Estimated nanoseconds on one thread; 0 leaves the estimate to the planner (bytes touched).
  virtual double cost() const { return 0; }
  /// Which entries of the dense output a part computes; nothing if the kernel cannot say.
  virtual std::optional<EntryRuns> entries([[maybe_unused]] Index part) const { return {}; }
  /// Memory for what lies between input and output, aligned to 64 bytes: its address stands behind the output's.
  virtual Index scratch_bytes() const { return 0; }
  /// With scratch memory only: what comes before the first part and after the last one, on one thread.
  virtual void start([[maybe_unused]] const void* const* inputs, [[maybe_unused]] void* const* outputs) const {}
  virtual void finish([[maybe_unused]] const void* const* inputs, [[maybe_unused]] void* const* outputs) const {}
  /// Computes parts [begin, end). Inputs point at their first entry (offset applied).
  virtual void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const = 0;
};

using KernelPointer = std::unique_ptr<Kernel>;

/// A kernel from a function of (inputs, outputs, begin, end), for those that need no class of their own.
template <class Run>
KernelPointer make_kernel(Index parts, double cost, Run run) {
  class Made final : public Kernel {
   public:
    Made(Index parts, double cost, Run run) : parts_(parts), cost_(cost), run_(std::move(run)) {}
    Index parts() const override { return parts_; }
    double cost() const override { return cost_; }
    void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
      run_(inputs, outputs, begin, end);
    }

   private:
    Index parts_;
    double cost_;
    Run run_;
  };
  return std::make_unique<Made>(parts, cost, std::move(run));
}

/// Computes one tile of n contiguous entries: the elementwise core that the executor fuses.
using Tile = void (*)(const void* const* inputs, void* output, Index n);

/// A tile function a dtype (of the operation's last input); null where the operation does not take it.
using Tiles = std::array<Tile, dtype_count>;

}  // namespace gradus

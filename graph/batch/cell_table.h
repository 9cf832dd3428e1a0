#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include <gradus/graph/batch/cell_plan.h>

namespace gradus::batch {

/// All kinds of cells that were seen. To be used with graph_mutex held.
class CellTable {
 public:
  /// The one in use. It is replaced by an empty one when the plan cache is cleared, or when it has grown too large; who
  /// runs cells holds on to theirs.
  static std::shared_ptr<CellTable> current();
  static void clear();

  /// The kind that continues `before` (null: nothing) with one operation, whose inputs are then said in order.
  void begin(const CellKind* before, const Node& operation);
  void chained();
  void slot(CellKind::Slot::Use use, const Node& node);
  /// A shared leaf that the cell has already, by its place among these.
  void shared_again(std::uint32_t at);
  const CellKind* end();

 private:
  struct Entry {
    std::vector<std::uint64_t> words;
    CellKind kind;
  };
  void word(std::uint64_t value);
  std::span<const CellKind::Slot> known_slots() const;
  std::unique_ptr<Entry> new_entry() const;

  static constexpr std::size_t most_kinds = 4096;
  std::unordered_multimap<std::uint64_t, std::unique_ptr<Entry>> entries_;
  // Of the operation between begin and end.
  const CellKind* before_ = nullptr;
  const Node* operation_ = nullptr;
  std::vector<int> inputs_;
  std::vector<CellKind::Slot> slots_;
  std::vector<std::uint64_t> words_;
  std::uint64_t hash_ = 0;
};

}  // namespace gradus::batch

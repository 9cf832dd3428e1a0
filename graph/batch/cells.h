#pragma once

#include <vector>

#include <gradus/graph/batch/cell_table.h>
#include <gradus/graph/plan/recording.h>

namespace gradus::batch {

/// One occurrence of a cell in a graph.
struct Cell {
  const CellKind* kind = nullptr;
  std::uint32_t output = 0;  ///< position of the node whose value it makes
  std::uint32_t level = 0;   ///< after all cells that it reads
  std::uint32_t group = 0;
  std::uint32_t row = 0;                 ///< among the cells of its group
  std::vector<std::uint32_t> instances;  ///< positions of what differs from cell to cell: values and constants
  std::vector<std::uint32_t> shared;     ///< positions of leaves that cells have in common
};

/// Cells of one kind that do not depend on each other and share what they can: computed together.
struct Group {
  const CellKind* kind = nullptr;
  std::uint32_t level = 0;
  std::vector<std::uint32_t> cells;
};

/// A recorded graph as cells: chains of operations of which each reads one computed value, cut where somebody holds or
/// reads a value a second time. Its memory is used again for the next graph.
struct CellGraph {
  static constexpr std::uint32_t none = ~std::uint32_t{0};
  std::vector<Cell> cells;
  std::size_t cell_count = 0;  ///< of `cells`, which only grows
  std::vector<Group> groups;   ///< in an order in which they can run
  std::size_t group_count = 0;
  std::vector<std::uint32_t> cell_of;   ///< by position: the cell that makes a node's value; none for leaves
  std::size_t operations = 0;           ///< nodes that are operations
  Index bytes = 0;                      ///< of all their values
  std::size_t repeated_operations = 0;  ///< of these, how many need no run of their own when groups are
};

/// Finds the cells of a recording. Call with graph_mutex held; the graph holds as long as the table lives.
void find_cells(const plan::Recording& recording, CellTable& table, CellGraph& graph);

/// Whether enough of a graph is repetition that running it group by group beats planning it.
bool is_repetitive(const CellGraph& graph);

}  // namespace gradus::batch

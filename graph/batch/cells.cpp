#include <gradus/graph/batch/cells.h>

#include <algorithm>
#include <bit>

#include <gradus/graph/batch/cell_table.h>

namespace gradus::batch {

namespace {

// Longer chains are cut: their kinds would take memory with the square of their length.
constexpr std::size_t most_steps = 16;
// A small constant is data to each of its readers: cells that read different ones can still be one.
constexpr Index most_copied = 256;

class CellFinder {
 public:
  CellFinder(const plan::Recording& recording, CellTable& table, CellGraph& graph)
      : recording_(recording), table_(table), graph_(graph) {}

  void run() {
    graph_.cell_count = graph_.operations = 0;
    graph_.bytes = 0;
    graph_.cell_of.assign(recording_.nodes.size(), CellGraph::none);
    kept_.assign(recording_.nodes.size(), false);
    for (const std::uint32_t position : recording_.kept) kept_[position] = true;
    std::size_t edge = 0;
    for (std::uint32_t v = 0; v < recording_.nodes.size(); ++v) {
      const std::uint32_t count = recording_.input_counts[v];
      if (count == plan::Recording::leaf) continue;
      add_operation(v, std::span(recording_.edges).subspan(edge, count));
      edge += count;
      ++graph_.operations;
      graph_.bytes += recording_.nodes[v]->bytes();
    }
  }

 private:
  bool is_leaf(std::uint32_t v) const { return recording_.input_counts[v] == plan::Recording::leaf; }

  // The cell that an operation goes on with: that of the only value that it reads, if nobody else reads it.
  std::uint32_t cell_to_continue(std::span<const std::uint32_t> inputs) const {
    std::uint32_t only = CellGraph::none;
    for (const std::uint32_t input : inputs) {
      if (is_leaf(input)) continue;
      if (only != CellGraph::none) return CellGraph::none;
      only = input;
    }
    if (only == CellGraph::none || recording_.uses[only] != 1 || kept_[only]) return CellGraph::none;
    const std::uint32_t cell = graph_.cell_of[only];
    return graph_.cells[cell].kind->steps.size() < most_steps ? cell : CellGraph::none;
  }

  Cell& new_cell() {
    if (graph_.cell_count == graph_.cells.size()) graph_.cells.emplace_back();
    Cell& cell = graph_.cells[graph_.cell_count++];
    cell.kind = nullptr;
    cell.level = 0;
    cell.instances.clear();
    cell.shared.clear();
    return cell;
  }

  void add_operation(std::uint32_t v, std::span<const std::uint32_t> inputs) {
    const std::uint32_t continued = cell_to_continue(inputs);
    Cell& cell = continued == CellGraph::none ? new_cell() : graph_.cells[continued];
    const Node& node = *recording_.nodes[v];
    table_.begin(cell.kind, node);
    for (const std::uint32_t input : inputs) {
      if (is_leaf(input)) {
        add_leaf(cell, input);
      } else if (continued != CellGraph::none) {
        table_.chained();
      } else {
        const Node& read = *recording_.nodes[input];
        cell.level = std::max(cell.level, graph_.cells[graph_.cell_of[input]].level + 1);
        cell.instances.push_back(input);
        table_.slot(CellKind::Slot::Use::instance, read);
      }
    }
    cell.kind = table_.end();
    cell.output = v;
    graph_.cell_of[v] = static_cast<std::uint32_t>(&cell - graph_.cells.data());
  }

  // Parameters, numbers and constants of several readers are what cells have in common; other constants are data.
  void add_leaf(Cell& cell, std::uint32_t leaf) {
    using Use = CellKind::Slot::Use;
    const Node& node = *recording_.nodes[leaf];
    if (node.is_number()) {
      cell.shared.push_back(leaf);
      table_.slot(Use::number, node);
    } else if (node.parameter || (recording_.uses[leaf] > 1 && node.bytes() > most_copied)) {
      const auto known = std::find(cell.shared.begin(), cell.shared.end(), leaf);
      if (known != cell.shared.end()) {
        table_.shared_again(static_cast<std::uint32_t>(known - cell.shared.begin()));
      } else {
        cell.shared.push_back(leaf);
        table_.slot(Use::shared, node);
      }
    } else {
      cell.instances.push_back(leaf);
      table_.slot(Use::instance, node);
    }
  }

  const plan::Recording& recording_;
  CellTable& table_;
  CellGraph& graph_;
  std::vector<bool> kept_;
};

// Groups by level, kind and what is shared; in order of levels.
class Grouping {
 public:
  Grouping(const plan::Recording& recording, CellGraph& graph) : recording_(recording), graph_(graph) {}

  void run() {
    graph_.group_count = graph_.repeated_operations = 0;
    order_.resize(graph_.cell_count);
    for (std::uint32_t i = 0; i < order_.size(); ++i) order_[i] = i;
    std::stable_sort(order_.begin(), order_.end(), [&](std::uint32_t a, std::uint32_t b) {
      return graph_.cells[a].level < graph_.cells[b].level;
    });
    std::size_t first_of_level = 0;
    std::uint32_t level = 0;
    for (const std::uint32_t c : order_) {
      Cell& cell = graph_.cells[c];
      if (cell.level != level) first_of_level = graph_.group_count;
      level = cell.level;
      join(c, cell, first_of_level);
    }
  }

 private:
  void join(std::uint32_t c, Cell& cell, std::size_t first) {
    std::size_t g = first;
    while (g < graph_.group_count && !belongs(cell, graph_.groups[g])) ++g;
    if (g == graph_.group_count) {
      if (g == graph_.groups.size()) graph_.groups.emplace_back();
      ++graph_.group_count;
      graph_.groups[g].kind = cell.kind;
      graph_.groups[g].level = cell.level;
      graph_.groups[g].cells.clear();
    } else {
      graph_.repeated_operations += cell.kind->steps.size();
    }
    cell.group = static_cast<std::uint32_t>(g);
    cell.row = static_cast<std::uint32_t>(graph_.groups[g].cells.size());
    graph_.groups[g].cells.push_back(c);
  }

  bool belongs(const Cell& cell, const Group& group) const {
    if (cell.kind != group.kind || !cell.kind->batchable || !cell.kind->has_instances) return false;
    const Cell& other = graph_.cells[group.cells.front()];
    for (std::size_t i = 0; i < cell.shared.size(); ++i) {
      if (cell.shared[i] == other.shared[i]) continue;
      const Node &a = *recording_.nodes[cell.shared[i]], &b = *recording_.nodes[other.shared[i]];
      if (!a.is_number() || !b.is_number()) return false;
      if (std::bit_cast<std::uint64_t>(a.number) != std::bit_cast<std::uint64_t>(b.number)) return false;
    }
    return true;
  }

  const plan::Recording& recording_;
  CellGraph& graph_;
  std::vector<std::uint32_t> order_;
};

}  // namespace

void find_cells(const plan::Recording& recording, CellTable& table, CellGraph& graph) {
  CellFinder(recording, table, graph).run();
  Grouping(recording, graph).run();
}

bool is_repetitive(const CellGraph& graph) {
  constexpr std::size_t least_operations = 32;
  // Values stay until the end of a run, where a plan would use their memory again; and what is large enough to keep a
  // thread busy gains more from a plan, whose tasks run at once.
  constexpr Index most_bytes = Index{1} << 25, most_bytes_a_value = 4096;
  const auto operations = static_cast<Index>(graph.operations);
  return graph.operations >= least_operations && graph.bytes <= std::min(most_bytes, most_bytes_a_value * operations) &&
         2 * graph.repeated_operations >= graph.operations;
}

}  // namespace gradus::batch

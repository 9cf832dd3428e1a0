#include <gradus/graph/batch/run.h>

#include <algorithm>
#include <cstring>

namespace gradus::batch {

std::byte* Arena::take(Index bytes) {
  bytes = (bytes + 63) / 64 * 64;
  while (chunk_ < chunks_.size() && used_ + bytes > chunks_[chunk_]->bytes()) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) chunks_.emplace_back(Buffer::allocate(std::max(bytes, least_chunk)));
  std::byte* taken = static_cast<std::byte*>(chunks_[chunk_]->data()) + used_;
  used_ += bytes;
  return taken;
}

void Arena::reset() {
  chunk_ = 0;
  used_ = 0;
}

bool Run::prepare(const plan::Recording& recording, const CellGraph& graph) {
  recording_ = &recording;
  graph_ = &graph;
  if (runs_.size() < graph.group_count) runs_.resize(graph.group_count);
  for (std::size_t g = 0; g < graph.group_count; ++g) {
    const Group& group = graph.groups[g];
    runs_[g].plan = group.kind->plan(static_cast<Index>(group.cells.size()));
    if (!runs_[g].plan) return false;
  }
  return true;
}

void Run::forward() {
  for (std::size_t g = 0; g < graph_->group_count; ++g) run_forward(g);
}

const std::byte* Run::value(std::uint32_t position) const {
  const Cell& cell = graph_->cells[graph_->cell_of[position]];
  const GroupRun& run = runs_[cell.group];
  return run.results[run.plan->value] + cell.row * cell.kind->bytes();
}

const void* Run::data_of(std::uint32_t position) const {
  if (graph_->cell_of[position] != CellGraph::none) return value(position);
  return leaf(position).value.load(std::memory_order_acquire)->data();
}

void Run::bind_slots(std::size_t g) {
  const Group& group = graph_->groups[g];
  GroupRun& run = runs_[g];
  run.slots.clear();
  run.numbers.clear();
  const Cell& first = graph_->cells[group.cells.front()];
  for (const CellKind::Slot& slot : group.kind->slots) {
    using Use = CellKind::Slot::Use;
    const bool is_number = slot.use == Use::number;
    run.numbers.push_back(is_number ? leaf(first.shared[slot.at]).number : 0);
    if (is_number) {
      run.slots.push_back(nullptr);
    } else if (slot.use == Use::shared) {
      run.slots.push_back(data_of(first.shared[slot.at]));
    } else {
      run.slots.push_back(gather(group, slot));
    }
  }
}

// The values of a slot one behind another: where they lie, if they do so already.
const void* Run::gather(const Group& group, const CellKind::Slot& slot) {
  const Index bytes = slot.shape.count() * bytes_of(slot.dtype);
  const auto data = [&](std::size_t row) {
    return static_cast<const std::byte*>(data_of(graph_->cells[group.cells[row]].instances[slot.at]));
  };
  const std::byte* first = data(0);
  std::size_t in_order = 1;
  while (in_order < group.cells.size() && data(in_order) == first + static_cast<Index>(in_order) * bytes) ++in_order;
  if (in_order == group.cells.size()) return first;
  std::byte* gathered = arena_.take(bytes * static_cast<Index>(group.cells.size()));
  for (std::size_t row = 0; row < group.cells.size(); ++row) {
    std::memcpy(gathered + static_cast<Index>(row) * bytes, data(row), static_cast<std::size_t>(bytes));
  }
  return gathered;
}

void Run::bind(const CellOperand& operand, const Group& group, const GroupRun& run, const Tensors& constants) {
  using Source = CellOperand::Source;
  const void* data = nullptr;
  double number = 0;
  switch (operand.source) {
    case Source::slot:
      data = run.slots[operand.index];
      number = run.numbers[operand.index];
      break;
    case Source::result:
      data = run.results[operand.index];
      break;
    case Source::cotangent:
      data = run.cotangent;
      break;
    case Source::accumulator:
      data = accumulator(group, group.kind->slots[run.plan->accumulated[operand.index]]);
      break;
    case Source::constant: {
      const Node& constant = *constants[operand.index].node();
      if (const Buffer* value = constant.value.load(std::memory_order_acquire)) data = value->data();
      number = constant.number;
    }
  }
  bindings_.leaves.push_back(const_cast<void*>(data));
  bindings_.numbers.push_back(number);
}

void Run::run_forward(std::size_t g) {
  const Group& group = graph_->groups[g];
  GroupRun& run = runs_[g];
  bind_slots(g);
  run.results.clear();
  for (const Index bytes : run.plan->result_bytes) run.results.push_back(arena_.take(bytes));
  run.cotangent = nullptr;
  run.any_reached = false;
  run.reached.assign(group.cells.size(), false);
  bindings_.leaves.clear();
  bindings_.numbers.clear();
  for (const CellOperand& operand : run.plan->forward_leaves) bind(operand, group, run, run.plan->constants);
  bindings_.outputs.assign(run.results.begin(), run.results.end());
  plan::run(*run.plan->forward, bindings_);
}

std::byte* Run::cotangent_of(std::size_t g) {
  GroupRun& run = runs_[g];
  const Group& group = graph_->groups[g];
  if (!run.cotangent) run.cotangent = arena_.take(group.kind->bytes() * static_cast<Index>(group.cells.size()));
  return run.cotangent;
}

void Run::backward(
    std::uint32_t cost, const std::vector<ParameterCell*>& parameters, const std::vector<std::byte*>& gradients) {
  parameters_ = &parameters;
  gradients_ = &gradients;
  parameter_reached_.assign(parameters.size(), false);
  const Cell& cell = graph_->cells[graph_->cell_of[cost]];
  std::byte* cotangent = cotangent_of(cell.group) + cell.row * cell.kind->bytes();
  const double one = 1;
  const float single_one = 1;
  cell.kind->dtype == Dtype::float64 ? std::memcpy(cotangent, &one, sizeof one)
                                     : std::memcpy(cotangent, &single_one, sizeof single_one);
  runs_[cell.group].reached[cell.row] = true;
  runs_[cell.group].any_reached = true;
  for (std::size_t g = graph_->group_count; g-- > 0;) {
    if (runs_[g].any_reached && runs_[g].plan->has_backward) run_backward(g);
  }
}

void Run::run_backward(std::size_t g) {
  const Group& group = graph_->groups[g];
  GroupRun& run = runs_[g];
  const Index bytes = group.kind->bytes();
  for (std::size_t row = 0; row < run.reached.size(); ++row) {
    if (!run.reached[row])
      std::memset(run.cotangent + static_cast<Index>(row) * bytes, 0, static_cast<std::size_t>(bytes));
  }
  const BackwardPlan& plan = nothing_accumulated(group, *run.plan) ? run.plan->first : run.plan->adding;
  bindings_.leaves.clear();
  bindings_.numbers.clear();
  bindings_.outputs.clear();
  for (const CellOperand& operand : plan.leaves) bind(operand, group, run, plan.constants);
  in_place_.clear();
  for (std::uint32_t buffer = 0; buffer < plan.bytes.size(); ++buffer) {
    std::byte* target = claim_target(group, plan, buffer);
    in_place_.push_back(target != nullptr);
    bindings_.outputs.push_back(target ? target : arena_.take(plan.bytes[buffer]));
  }
  plan::run(*plan.plan, bindings_);
  for (const auto& [slot, buffer] : plan.cotangents) {
    if (in_place_[buffer]) continue;
    scatter(group, group.kind->slots[slot], static_cast<const std::byte*>(bindings_.outputs[buffer]));
  }
}

// What is the cotangent of one slot alone can be written where it belongs.
std::byte* Run::claim_target(const Group& group, const BackwardPlan& plan, std::uint32_t buffer) {
  const auto belongs = [&](const BackwardPlan::Cotangent& cotangent) { return cotangent.buffer == buffer; };
  if (std::ranges::count_if(plan.cotangents, belongs) != 1) return nullptr;
  return claim_rows(group, group.kind->slots[std::ranges::find_if(plan.cotangents, belongs)->slot]);
}

bool Run::nothing_accumulated(const Group& group, const CellPlan& plan) const {
  return std::ranges::all_of(plan.accumulated, [&](std::uint32_t slot) {
    const std::size_t parameter = parameter_of(group, group.kind->slots[slot]);
    return parameter == parameters_->size() || !parameter_reached_[parameter];
  });
}

std::size_t Run::parameter_of(const Group& group, const CellKind::Slot& slot) const {
  const Cell& first = graph_->cells[group.cells.front()];
  const ParameterCell* cell = leaf(first.shared[slot.at]).parameter.get();
  return static_cast<std::size_t>(std::ranges::find(*parameters_, cell) - parameters_->begin());
}

std::byte* Run::accumulator(const Group& group, const CellKind::Slot& slot) {
  const std::size_t i = parameter_of(group, slot);
  const Index bytes = slot.shape.count() * bytes_of(slot.dtype);
  // Nobody asks for the gradient of some other parameter.
  if (i == parameters_->size()) return arena_.take(bytes);
  std::byte* const sum = (*gradients_)[i];
  if (!parameter_reached_[i]) std::memset(sum, 0, static_cast<std::size_t>(bytes));
  parameter_reached_[i] = true;
  return sum;
}

std::byte* Run::claim_rows(const Group& group, const CellKind::Slot& slot) {
  if (slot.use == CellKind::Slot::Use::shared) {
    const std::size_t i = parameter_of(group, slot);
    if (i == parameters_->size()) return nullptr;
    parameter_reached_[i] = true;
    return (*gradients_)[i];
  }
  const std::uint32_t position = graph_->cells[group.cells.front()].instances[slot.at];
  const std::uint32_t first = graph_->cell_of[position];
  if (first == CellGraph::none) return nullptr;
  const Cell& target = graph_->cells[first];
  for (std::uint32_t row = 0; row < group.cells.size(); ++row) {
    const std::uint32_t c = graph_->cell_of[graph_->cells[group.cells[row]].instances[slot.at]];
    if (c == CellGraph::none) return nullptr;
    const Cell& cell = graph_->cells[c];
    if (cell.group != target.group || cell.row != target.row + row) return nullptr;
    if (runs_[cell.group].reached[cell.row]) return nullptr;
  }
  GroupRun& reached = runs_[target.group];
  reached.any_reached = true;
  std::fill_n(reached.reached.begin() + target.row, group.cells.size(), true);
  return cotangent_of(target.group) + target.row * target.kind->bytes();
}

void Run::scatter(const Group& group, const CellKind::Slot& slot, const std::byte* from) {
  const Index bytes = slot.shape.count() * bytes_of(slot.dtype);
  if (slot.use == CellKind::Slot::Use::shared) {
    const std::size_t i = parameter_of(group, slot);
    if (i == parameters_->size()) return;
    parameter_reached_[i] = true;
    std::memcpy((*gradients_)[i], from, static_cast<std::size_t>(bytes));
    return;
  }
  for (std::size_t row = 0; row < group.cells.size(); ++row, from += bytes) {
    const std::uint32_t c = graph_->cell_of[graph_->cells[group.cells[row]].instances[slot.at]];
    if (c != CellGraph::none) add({graph_->cells[c].group, graph_->cells[c].row}, from);
  }
}

namespace {

template <class T>
void add_entries(std::byte* to, const std::byte* from, Index bytes) {
  auto* sum = reinterpret_cast<T*>(to);
  const auto* entry = reinterpret_cast<const T*>(from);
  for (Index i = 0; i < bytes / static_cast<Index>(sizeof(T)); ++i) sum[i] += entry[i];
}

}  // namespace

void Run::add(Target target, const std::byte* from) {
  const CellKind& kind = *graph_->groups[target.group].kind;
  GroupRun& run = runs_[target.group];
  const Index bytes = kind.bytes();
  std::byte* to = cotangent_of(target.group) + target.row * bytes;
  run.any_reached = true;
  if (run.reached[target.row]) {
    kind.dtype == Dtype::float64 ? add_entries<double>(to, from, bytes) : add_entries<float>(to, from, bytes);
    return;
  }
  run.reached[target.row] = true;
  std::memcpy(to, from, static_cast<std::size_t>(bytes));
}

}  // namespace gradus::batch

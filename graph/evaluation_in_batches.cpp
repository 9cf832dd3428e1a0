#include <algorithm>
#include <cstring>

#include <gradus/graph/evaluation.h>

namespace gradus {

bool Evaluation::find_repetition() {
  cell_table_ = batch::CellTable::current();
  batch::find_cells(recording_, *cell_table_, cells_);
  return batch::is_repetitive(cells_);
}

void Evaluation::run_batches(const Tensors& roots, Where where) {
  lock_parameters(where);
  try {
    batched_.forward();
  } catch (const ValueError& error) {
    throw_with_line(error, roots, {}, where);
  }
}

bool Evaluation::evaluate_in_batches(const Tensors& tensors, Where where) {
  if (!batched_.prepare(recording_, cells_)) return false;
  run_batches(tensors, where);
  keep_batched_values();
  publish(batched_outputs_);
  return true;
}

namespace {

// A rule that reads values would wait for parameters that are locked here.
std::vector<Assignment> updates(const Derivation& derivation, const Tensors& gradients, Where where) {
  const ScopedRule rule("Optimizer::update");
  return assignments_of(derivation, gradients, number_leaves(derivation), where);
}

}  // namespace

bool Evaluation::step_in_batches(const Tensors& cost, const Derivation& derivation, Where where) {
  if (!batched_.prepare(recording_, cells_)) return false;
  run_batches(cost, where);
  const Tensors gradients = gradients_in_batches(derivation);
  if (gradients.empty()) return false;
  const std::vector<Assignment> assignments = updates(derivation, gradients, where);
  keep_batched_values();
  if (!update(assignments, where)) return false;
  publish(batched_outputs_);
  move_on();
  return true;
}

Tensors Evaluation::gradients_in_batches(const Derivation& derivation) {
  std::vector<ParameterCell*> cells;
  std::vector<std::byte*> sums;
  for (const Parameter& parameter : derivation.with_respect_to) {
    ParameterCell* cell = parameter.state()->cell.get();
    const Index bytes = cell->shape.count() * bytes_of(cell->dtype);
    cells.push_back(cell);
    sums.push_back(batched_.arena().take(bytes));
  }
  // The root is recorded last.
  batched_.backward(static_cast<std::uint32_t>(recording_.nodes.size() - 1), cells, sums);
  static const auto lives_until_reset = std::make_shared<int>();
  Tensors gradients;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (!batched_.reached(i)) return {};
    gradients.push_back(tensor_over(sums[i], cells[i]->dtype, cells[i]->shape, lives_until_reset, {}));
  }
  return gradients;
}

void Evaluation::keep_batched_values() {
  std::vector<bool> depends(recording_.nodes.size(), false);
  for (std::size_t i = 0; i < recording_.leaves.size(); ++i) {
    depends[recording_.leaves[i]] = is_assigned(leaves_[i].node()->parameter.get());
  }
  plan::spread_to_readers(recording_, depends);
  batched_outputs_.clear();
  for (const std::uint32_t position : recording_.kept) {
    const Index bytes = kept_[batched_outputs_.size()].node()->bytes();
    batched_outputs_.push_back(
        {.buffer = static_cast<std::uint32_t>(buffers_.size()),
         .bytes = bytes,
         .depends_on_assigned = depends[position]});
    buffers_.emplace_back(Buffer::allocate(bytes));
    if (bytes > 0) std::memcpy(buffers_.back()->data(), batched_.value(position), static_cast<std::size_t>(bytes));
  }
}

bool Evaluation::update(const std::vector<Assignment>& assignments, Where where) {
  std::unique_lock lock(graph_mutex());
  plan::record({}, assignments, where, update_recording_);
  const bool reads_others = std::ranges::any_of(update_recording_.leaves, [&](std::uint32_t leaf) {
    const ParameterCell* cell = update_recording_.nodes[leaf]->parameter.get();
    return cell && !is_assigned(cell);
  });
  if (reads_others || !update_recording_.kept.empty()) return false;
  auto plan = plan::find_plan(update_recording_);
  lock.unlock();
  if (!plan) plan = new_plan(update_recording_);
  bindings_.leaves.clear();
  bindings_.numbers.clear();
  bindings_.outputs.clear();
  for (const std::uint32_t leaf : update_recording_.leaves) bind(*update_recording_.nodes[leaf]);
  plan::run(*plan, bindings_);
  return true;
}

}  // namespace gradus

#include <algorithm>

#include <gradus/graph/plan/draft.h>
#include <gradus/graph/plan/kernels.h>
#include <gradus/graph/plan/order.h>

namespace gradus::plan {

namespace {

class OverwritePass {
 public:
  explicit OverwritePass(Draft& draft) : draft_(draft) {}

  void run() {
    if (draft_.assignments.empty()) return;
    assignments_first(draft_);
    find_readers();
    for (std::size_t i = 0; i < draft_.assignments.size(); ++i) assign(i, may_write_in_place(draft_.assignments[i]));
    add_hazards();
    if (reorder(draft_)) return;
    // Parameters that trade places: every new value is finished elsewhere before the first is written.
    for (std::size_t i = 0; i < draft_.assignments.size(); ++i) retreat(i);
    draft_.hazards.clear();
    find_readers();
    add_hazards();
    reorder(draft_);
  }

 private:
  void find_readers() {
    readers_.assign(boost::num_vertices(draft_.graph), {});
    throwing_.clear();
    checked_.clear();
    for (const VertexId v : draft_.order) {
      if (!draft_[v].is_step()) continue;
      if (draft_[v].operation && draft_[v].operation->checks && checks_anew(v)) throwing_.push_back(v);
      for (const VertexId input : draft_[v].inputs) readers_[draft_.memory_of(input)].push_back(v);
    }
  }

  // One check of the same indices stands for all, so that several networks with the same labels need not wait for each
  // other before they learn.
  bool checks_anew(VertexId v) {
    if (draft_[v].shape.count() == 0 || !draft_[v].fused.empty()) return true;
    const IndexCheck check = draft_[v].operation->checks(request_for(draft_, v));
    const VertexId indices = draft_[v].inputs[static_cast<std::size_t>(check.input)];
    const Checked now{draft_.memory_of(indices), draft_[indices].layout, check.size};
    if (std::ranges::find(checked_, now) != checked_.end()) return false;
    checked_.push_back(now);
    return true;
  }

  // Whether a step may write a value over the old one: it makes the new value itself, reads the old one entry by entry
  // and not later than it writes, and nothing that must come before depends on it.
  bool may_write_in_place(const Draft::Assignment& assignment) const {
    const DraftVertex& value = draft_[assignment.value];
    if (value.is_view() || value.is_leaf() || value.output >= 0 || value.assigned >= 0) return false;
    for (const auto& output : draft_.outputs) {
      if (output.vertex == assignment.value) return false;
    }
    const VertexId step = draft_.step_of(assignment.value);
    const auto& inputs = draft_[step].inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (draft_.memory_of(inputs[i]) != assignment.parameter) continue;
      const bool as_it_lies = !draft_[inputs[i]].is_view() && draft_[inputs[i]].shape == value.shape;
      if (!as_it_lies || draft_.kernel_reads(step, i) || reads_after_writing(step, static_cast<int>(i), assignment))
        return false;
    }
    return !precedes_what_must_come_first(assignment, step);
  }

  // Whether an operation of the step that comes after the one that makes the value reads an input.
  bool reads_after_writing(VertexId step, int input, const Draft::Assignment& assignment) const {
    if (draft_[step].accumulation) return false;
    bool written = false;
    for (const auto& instruction : draft_[step].fused) {
      if (written && std::find(instruction.inputs.begin(), instruction.inputs.end(), input) != instruction.inputs.end())
        return true;
      written = written || instruction.value == assignment.value;
    }
    return false;
  }

  bool precedes_what_must_come_first(const Draft::Assignment& assignment, VertexId step) const {
    const auto written = draft_.written_by(step);
    if (std::all_of(written.begin(), written.end(), [&](VertexId v) { return readers_[v].empty(); })) return false;
    std::vector<bool> below(boost::num_vertices(draft_.graph), false);
    below[step] = true;
    for (const VertexId v : draft_.order) {
      const auto& inputs = draft_[v].inputs;
      if (std::any_of(inputs.begin(), inputs.end(), [&](VertexId input) { return below[input]; })) below[v] = true;
    }
    const auto is_below = [&](VertexId v) { return v != step && below[v]; };
    return std::any_of(throwing_.begin(), throwing_.end(), is_below) ||
           std::any_of(readers_[assignment.parameter].begin(), readers_[assignment.parameter].end(), is_below);
  }

  void assign(std::size_t i, bool in_place) {
    Draft::Assignment& assignment = draft_.assignments[i];
    // A view of the parameter itself must be read whole before the first entry is written over.
    if (draft_.memory_of(assignment.value) == assignment.parameter) assignment.value = add_copy(assignment.value);
    assignment.writer = in_place ? assignment.value : add_copy(assignment.value);
    draft_[assignment.writer].assigned = static_cast<int>(i);
    draft_[assignment.writer].storage = Storage::parameter;
  }

  // The writer, in place or a copy, becomes a value of this run, and a copy of that the writer.
  void retreat(std::size_t i) {
    Draft::Assignment& assignment = draft_.assignments[i];
    DraftVertex& finished = draft_[assignment.writer];
    finished.assigned = -1;
    finished.storage = Storage::arena;
    assignment.value = assignment.writer;
    assign(i, false);
  }

  VertexId add_copy(VertexId v) {
    const VertexId added = draft_.add_copy(v);
    readers_.emplace_back();
    readers_[draft_.memory_of(v)].push_back(added);
    return added;
  }

  void add_hazards() {
    for (const auto& assignment : draft_.assignments) {
      for (const VertexId reader : readers_[assignment.parameter]) add_hazard(reader, assignment.writer);
      for (const VertexId step : throwing_) add_hazard(step, assignment.writer);
    }
  }

  void add_hazard(VertexId before, VertexId writer) {
    const VertexId after = draft_.step_of(writer);
    if (before != after) draft_.hazards.emplace_back(before, after);
  }

  struct Checked {
    VertexId memory;
    Layout layout;
    Index size;
    bool operator==(const Checked&) const = default;
  };

  Draft& draft_;
  std::vector<std::vector<VertexId>> readers_;  // steps, by the vertex whose memory they read
  std::vector<VertexId> throwing_;              // each with a check that no other makes
  std::vector<Checked> checked_;
};

}  // namespace

void overwrite(Draft& draft) {
  OverwritePass(draft).run();
}

}  // namespace gradus::plan

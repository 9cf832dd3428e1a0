#include <algorithm>

#include <gradus/graph/plan/join.h>
#include <gradus/graph/plan/kernels.h>

namespace gradus::plan {

namespace {

// What a kernel of one part computes should not keep elementwise work from being shared out among threads.
constexpr Index most_entries_of_one_part = 1 << 18;
// A kernel may wait so long, in ns, for what else the step that it joins reads: less would not make a task.
constexpr double longest_wait = 2000;

class EpiloguePass {
 public:
  explicit EpiloguePass(Draft& draft) : draft_(draft), joiner_(draft) {}

  void run() {
    estimate_times();
    for (std::size_t i = 0; i < draft_.order.size(); ++i) {
      const VertexId v = draft_.order[i];
      if (joiner_.is_elementwise(v)) join_a_kernel(v);
    }
    joiner_.finish();
  }

 private:
  // When each step could begin and end if there were threads for all of them.
  void estimate_times() {
    begin_.assign(boost::num_vertices(draft_.graph), 0);
    end_ = begin_;
    for (const VertexId v : draft_.order) {
      for (const VertexId input : draft_[v].inputs) begin_[v] = std::max(begin_[v], end_[input]);
      end_[v] = begin_[v];
      if (!draft_[v].is_step()) continue;
      if (joiner_.has_kernel(v) && !kernel_of(v)) kernel_of(v) = inner_kernel_of(draft_, v);
      // Not what this machine was measured to take: joining may round differently, and must be the same everywhere.
      end_[v] += estimated_cost(draft_, v, MachineCosts());
    }
  }

  // Where the kernel of a step is kept until the step is complete.
  std::shared_ptr<const Kernel>& kernel_of(VertexId step) { return draft_[kernel_value(step)].kernel; }
  VertexId kernel_value(VertexId step) const {
    const int position = draft_[step].kernel_instruction();
    return position < 0 ? step : draft_[step].fused[static_cast<std::size_t>(position)].value;
  }

  // Whether a kernel that joins a step would hold up what others could have begun.
  bool would_wait(VertexId producer, VertexId reader) const {
    const VertexId kernel = kernel_value(producer);
    if (end_[kernel] - begin_[kernel] < longest_wait) return false;
    const auto& inputs = draft_[reader].inputs;
    return std::any_of(inputs.begin(), inputs.end(), [&](VertexId input) {
      return draft_.step_of(input) != producer && end_[input] > begin_[kernel] + longest_wait;
    });
  }

  // Of several kernels in front of a step, the one that reads most has most to gain.
  void join_a_kernel(VertexId reader) {
    std::vector<std::pair<Index, VertexId>> kernels;
    for (const VertexId input : draft_[reader].inputs) {
      const VertexId producer = joiner_.producer_of(input, reader);
      if (producer != no_vertex && joiner_.has_kernel(producer)) kernels.emplace_back(-bytes_read(producer), producer);
    }
    std::sort(kernels.begin(), kernels.end());
    kernels.erase(std::unique(kernels.begin(), kernels.end()), kernels.end());
    for (const auto& [bytes, producer] : kernels) {
      if (would_wait(producer, reader) || !says_what_a_part_computes(producer)) continue;
      if (joiner_.try_join(producer, reader)) return;
    }
  }

  Index bytes_read(VertexId v) const {
    Index bytes = 0;
    for (const VertexId input : draft_[v].inputs) bytes += draft_[input].bytes();
    return bytes;
  }

  bool says_what_a_part_computes(VertexId step) const {
    const VertexId value = kernel_value(step);
    // What may throw must not write into parameters, which updates that join it would.
    if (draft_[value].operation->checks) return false;
    const Kernel& kernel = *draft_[value].kernel;
    if (kernel.parts() == 1) return draft_[value].shape.count() <= most_entries_of_one_part;
    return kernel.entries(0).has_value();
  }

  Draft& draft_;
  Joiner joiner_;
  std::vector<double> begin_, end_;
};

}  // namespace

// Elementwise steps join the kernel whose result they work on: part by part, while it is in the cache.
void epilogue(Draft& draft) {
  EpiloguePass(draft).run();
}

}  // namespace gradus::plan

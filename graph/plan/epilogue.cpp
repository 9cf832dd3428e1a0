#include <gradus/graph/plan/join.h>
#include <gradus/graph/plan/kernels.h>

namespace gradus::plan {

namespace {

// What a kernel of one part computes should not keep elementwise work from being shared out among threads.
constexpr Index most_entries_of_one_part = 1 << 18;

class EpiloguePass {
 public:
  explicit EpiloguePass(Draft& draft) : draft_(draft), joiner_(draft) {}

  void run() {
    for (std::size_t i = 0; i < draft_.order.size(); ++i) {
      const VertexId v = draft_.order[i];
      if (joiner_.is_elementwise(v)) join_a_kernel(v);
    }
    joiner_.finish();
  }

 private:
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
      if (says_what_a_part_computes(producer) && joiner_.try_join(producer, reader)) return;
    }
  }

  Index bytes_read(VertexId v) const {
    Index bytes = 0;
    for (const VertexId input : draft_[v].inputs) bytes += draft_[input].bytes();
    return bytes;
  }

  bool says_what_a_part_computes(VertexId step) {
    const int position = draft_[step].kernel_instruction();
    const VertexId value = position < 0 ? step : draft_[step].fused[static_cast<std::size_t>(position)].value;
    // What may throw must not write into parameters, which updates that join it would.
    if (draft_[value].operation->can_throw) return false;
    if (!draft_[value].kernel) draft_[value].kernel = inner_kernel_of(draft_, step);
    const Kernel& kernel = *draft_[value].kernel;
    if (kernel.parts() == 1) return draft_[value].shape.count() <= most_entries_of_one_part;
    return kernel.entries(0).has_value();
  }

  Draft& draft_;
  Joiner joiner_;
};

}  // namespace

// Elementwise steps join the kernel whose result they work on: part by part, while it is in the cache.
void epilogue(Draft& draft) {
  EpiloguePass(draft).run();
}

}  // namespace gradus::plan

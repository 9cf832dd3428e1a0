#include <algorithm>
#include <optional>

#include <gradus/graph/plan/draft.h>
#include <gradus/graph/plan/order.h>
#include <gradus/graph/rewrite.h>

namespace gradus::plan {

namespace {

// Sums of many results of one operation: what a weight that is used over and over gets as its gradient. Where the
// operation knows how, one call makes the whole sum.
class SumCallsPass {
 public:
  explicit SumCallsPass(Draft& draft) : draft_(draft), readers_(boost::num_vertices(draft.graph), 0) {}

  void run() {
    count_readers();
    const std::vector<VertexId> order = draft_.order;
    for (std::size_t i = order.size(); i-- > 0;) {
      if (is_sum(order[i]) && !within_sum_[order[i]]) shorten(order[i]);
    }
    if (!changed_) return;
    draft_.bury_the_dead();
    reorder(draft_);
  }

 private:
  // Kept and assigned values count as read by somebody else.
  void count_readers() {
    within_sum_.assign(readers_.size(), false);
    for (const VertexId v : draft_.order) {
      for (const VertexId input : draft_[v].inputs) ++readers_[input];
    }
    for (const auto& output : draft_.outputs) readers_[output.vertex] += 2;
    for (const auto& assignment : draft_.assignments) ++readers_[assignment.value];
  }

  bool is_sum(VertexId v) const {
    const DraftVertex& vertex = draft_[v];
    if (!vertex.operation || vertex.operation->linear != std::vector<double>{1, 1}) return false;
    return is_floating(vertex.dtype) &&
           std::ranges::all_of(vertex.inputs, [&](VertexId input) { return draft_[input].shape == vertex.shape; });
  }

  // What a sum adds up, sums within it that nobody else reads taken apart.
  std::vector<VertexId> summands_of(VertexId sum) {
    std::vector<VertexId> summands, open{sum};
    while (!open.empty()) {
      const VertexId v = open.back();
      open.pop_back();
      if (v != sum && !(is_sum(v) && readers_[v] == 1)) {
        summands.push_back(v);
        continue;
      }
      within_sum_[v] = true;
      const auto& inputs = draft_[v].inputs;
      open.insert(open.end(), inputs.rbegin(), inputs.rend());
    }
    return summands;
  }

  void shorten(VertexId sum) {
    const std::vector<VertexId> summands = summands_of(sum);
    if (summands.size() < least_calls) return;
    std::vector<VertexId> left;
    std::vector<std::pair<const Registered*, std::vector<Term>>> calls;
    for (const VertexId v : summands) {
      const Registered* operation = draft_[v].operation;
      if (!operation || !operation->summed || readers_[v] != 1) {
        left.push_back(v);
        continue;
      }
      auto found = std::ranges::find(calls, operation, &std::pair<const Registered*, std::vector<Term>>::first);
      if (found == calls.end()) found = calls.insert(calls.end(), {operation, {}});
      found->second.emplace_back(draft_, v);
    }
    std::vector<VertexId> made;
    for (const auto& [operation, terms] : calls) {
      const auto one = terms.size() < least_calls ? std::nullopt : operation->summed(terms);
      if (one) {
        made.push_back(one->vertex());
      } else {
        for (const Term& term : terms) left.push_back(term.vertex());
      }
    }
    if (!made.empty()) replace(sum, made, left);
  }

  // The last addition is the sum itself, whose readers need not know.
  void replace(VertexId sum, std::vector<VertexId> summands, const std::vector<VertexId>& left) {
    changed_ = true;
    summands.insert(summands.end(), left.begin(), left.end());
    const Registered& add = *draft_[sum].operation;
    const Term whole(draft_, sum);
    while (summands.size() > 2) {
      const Term partial = whole.with(add, {{draft_, summands[0]}, {draft_, summands[1]}});
      summands.erase(summands.begin());
      summands.front() = partial.vertex();
    }
    if (summands.size() == 2) {
      draft_[sum].inputs.assign(summands.begin(), summands.end());
    } else {
      become(sum, summands.front());
    }
  }

  void become(VertexId sum, VertexId call) {
    DraftVertex& vertex = draft_[sum];
    vertex.operation = draft_[call].operation;
    vertex.attributes = draft_[call].attributes;
    vertex.inputs = draft_[call].inputs;
  }

  static constexpr std::size_t least_calls = 3;
  Draft& draft_;
  std::vector<int> readers_;
  std::vector<bool> within_sum_;
  bool changed_ = false;
};

}  // namespace

void sum_calls(Draft& draft) {
  SumCallsPass(draft).run();
}

}  // namespace gradus::plan

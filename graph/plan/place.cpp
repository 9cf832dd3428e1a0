#include <algorithm>

#include <boost/dynamic_bitset.hpp>

#include <gradus/graph/alignment.h>
#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

namespace {

// Which tasks are surely over when another begins.
class TaskAncestors {
 public:
  explicit TaskAncestors(const Draft& draft) : one_by_one_(draft.concurrency == Concurrency::none) {
    if (one_by_one_) return;
    ancestors_.assign(
        static_cast<std::size_t>(draft.tasks), boost::dynamic_bitset<>(static_cast<std::size_t>(draft.tasks)));
    auto edges = draft.task_edges;
    std::sort(edges.begin(), edges.end(), [](auto a, auto b) { return a.second < b.second; });
    for (const auto& [before, after] : edges) {
      ancestors_[static_cast<std::size_t>(after)] |= ancestors_[static_cast<std::size_t>(before)];
      ancestors_[static_cast<std::size_t>(after)].set(static_cast<std::size_t>(before));
    }
  }

  bool over(int task, int when) const {
    return one_by_one_ || task == when ||
           ancestors_[static_cast<std::size_t>(when)].test(static_cast<std::size_t>(task));
  }

 private:
  bool one_by_one_;
  std::vector<boost::dynamic_bitset<>> ancestors_;
};

struct Block {
  Index offset, size;
  std::vector<int> users;  // tasks that must be over before it is used again
};

class PlacePass {
 public:
  explicit PlacePass(Draft& draft)
      : draft_(draft),
        ancestors_(draft),
        readers_left_(boost::num_vertices(draft.graph), 0),
        users_(readers_left_.size()) {}

  void run() {
    place_numbers();
    mark_outputs();
    for (const VertexId v : draft_.order) {
      if (!draft_[v].is_step()) continue;
      for_each_memory(v, [&](VertexId memory) { ++readers_left_[memory]; });
    }
    for (const VertexId v : draft_.order) {
      if (!draft_[v].is_step()) continue;
      place_written_by(v);
      release_read_by(v);
    }
    draft_.arena_bytes = end_;
  }

 private:
  // The distinct memories that a step reads.
  void for_each_memory(VertexId v, const auto& visit) const {
    boost::container::small_vector<VertexId, 4> memories;
    for (const VertexId input : draft_[v].inputs) memories.push_back(draft_.memory_of(input));
    std::sort(memories.begin(), memories.end());
    memories.erase(std::unique(memories.begin(), memories.end()), memories.end());
    for (const VertexId memory : memories) visit(memory);
  }

  void place_numbers() {
    for (const VertexId v : draft_.order) {
      if (draft_[v].storage != Storage::number) continue;
      draft_[v].offset = end_;
      end_ += 8;
    }
    end_ = aligned_bytes(end_);
  }

  void mark_outputs() {
    for (std::size_t i = 0; i < draft_.outputs.size(); ++i) {
      DraftVertex& vertex = draft_[draft_.outputs[i].vertex];
      if (vertex.output < 0) vertex.output = static_cast<int>(i);
      vertex.storage = Storage::output;
    }
  }

  // All that a step writes lies apart, and apart from what it reads; but its last operation may write over an input.
  void place_written_by(VertexId v) {
    const int task = draft_[v].task;
    const auto written = draft_.written_by(v);
    const bool shared = written.front() != v && draft_[written.front()].dead && result_lies_in(v, written.front());
    if (shared) draft_[written.front()].base = v;
    for (const VertexId value : written) {
      DraftVertex& vertex = draft_[value];
      if (vertex.is_view() || vertex.storage != Storage::arena) continue;
      draft_.unshared_bytes += aligned_bytes(vertex.bytes());
      const bool in_place = value == v && !shared && take_over_input(v);
      if (!in_place) vertex.offset = allocate(aligned_bytes(vertex.bytes()), task);
      users_[value].push_back(task);
    }
    place_scratch(v);
    for (const VertexId value : written) {
      if (!draft_[value].is_view() && draft_[value].storage == Storage::arena && readers_left_[value] == 0)
        release(value);
    }
  }

  void place_scratch(VertexId v) {
    DraftVertex& step = draft_[v];
    const Index bytes = aligned_bytes(step.kernel->scratch_bytes());
    if (bytes == 0) return;
    draft_.unshared_bytes += bytes;
    step.scratch = allocate(bytes, step.task);
    release({step.scratch, bytes, {step.task}});
  }

  void release_read_by(VertexId v) {
    for_each_memory(v, [&](VertexId memory) {
      if (draft_[memory].storage != Storage::arena) return;
      users_[memory].push_back(draft_[v].task);
      if (--readers_left_[memory] == 0 && !taken_over(memory, v)) release(memory);
    });
  }

  // What a kernel leaves to the operations joined to it may lie where the last of these writes, if nothing that is
  // still to be read lies there.
  bool result_lies_in(VertexId v, VertexId result) const {
    const DraftVertex& vertex = draft_[v];
    if (bytes_of(vertex.dtype) != bytes_of(draft_[result].dtype)) return false;
    if (vertex.storage != Storage::parameter) return true;
    const VertexId parameter = draft_.assignments[static_cast<std::size_t>(vertex.assigned)].parameter;
    return std::none_of(vertex.inputs.begin(), vertex.inputs.end(), [&](VertexId input) {
      return draft_.memory_of(input) == parameter;
    });
  }

  bool taken_over(VertexId memory, VertexId by) const { return taken_by_.size() > memory && taken_by_[memory] == by; }

  // In place: an elementwise step may write where an input that dies with it lies.
  bool take_over_input(VertexId v) {
    const DraftVertex& vertex = draft_[v];
    if (!vertex.operation || !vertex.operation->is_elementwise()) return false;
    for (std::size_t i = 0; i < vertex.inputs.size(); ++i) {
      // A kernel that accumulates reads its factors again for every part.
      if (draft_.kernel_reads(v, i) || (vertex.accumulation && !is_addend(v, i))) continue;
      const VertexId input = vertex.inputs[i];
      const VertexId memory = draft_.memory_of(input);
      const DraftVertex& held = draft_[memory];
      if (memory != input || held.storage != Storage::arena || readers_left_[memory] != 1) continue;
      if (held.shape != vertex.shape || bytes_of(held.dtype) != bytes_of(vertex.dtype)) continue;
      if (read_through_view(vertex, memory) || !all_over(users_[memory], vertex.task)) continue;
      draft_[v].offset = held.offset;
      taken_by_.resize(readers_left_.size(), no_vertex);
      taken_by_[memory] = v;
      return true;
    }
    return false;
  }

  bool is_addend(VertexId v, std::size_t input) const {
    const auto& inputs = draft_[v].inputs;
    return input + static_cast<std::size_t>(draft_[v].accumulation->inputs()) == inputs.size() &&
           std::count(inputs.begin(), inputs.end(), inputs[input]) == 1;
  }

  bool read_through_view(const DraftVertex& vertex, VertexId memory) const {
    return std::any_of(vertex.inputs.begin(), vertex.inputs.end(), [&](VertexId input) {
      return input != memory && draft_.memory_of(input) == memory;
    });
  }

  bool all_over(const std::vector<int>& tasks, int when) const {
    return std::all_of(tasks.begin(), tasks.end(), [&](int task) { return ancestors_.over(task, when); });
  }

  Index allocate(Index size, int task) {
    if (size == 0) return 0;
    std::size_t best = free_.size();
    for (std::size_t i = 0; i < free_.size(); ++i) {
      if (free_[i].size < size || !all_over(free_[i].users, task)) continue;
      if (best == free_.size() || free_[i].size < free_[best].size) best = i;
    }
    if (best == free_.size()) {
      const Index offset = end_;
      end_ += size;
      return offset;
    }
    Block& block = free_[best];
    const Index offset = block.offset;
    block.offset += size;
    block.size -= size;
    if (block.size == 0) {
      std::swap(block, free_.back());
      free_.pop_back();
    }
    return offset;
  }

  void release(VertexId memory) {
    release({draft_[memory].offset, aligned_bytes(draft_[memory].bytes()), std::move(users_[memory])});
  }

  void release(Block block) {
    if (block.size == 0) return;
    std::sort(block.users.begin(), block.users.end());
    block.users.erase(std::unique(block.users.begin(), block.users.end()), block.users.end());
    for (std::size_t i = 0; i < free_.size();) {
      Block& other = free_[i];
      const bool touches = other.offset + other.size == block.offset || block.offset + block.size == other.offset;
      // Blocks of different users stay apart: one part may be free long before the other.
      if (!touches || (draft_.concurrency != Concurrency::none && other.users != block.users)) {
        ++i;
        continue;
      }
      block.offset = std::min(block.offset, other.offset);
      block.size += other.size;
      std::swap(other, free_.back());
      free_.pop_back();
      i = 0;
    }
    free_.push_back(std::move(block));
  }

  Draft& draft_;
  TaskAncestors ancestors_;
  std::vector<int> readers_left_;
  std::vector<std::vector<int>> users_;
  std::vector<VertexId> taken_by_;
  std::vector<Block> free_;
  Index end_ = 0;
};

}  // namespace

void place(Draft& draft) {
  PlacePass(draft).run();
}

}  // namespace gradus::plan

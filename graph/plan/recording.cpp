#include <gradus/graph/plan/recording.h>

#include <bit>
#include <cmath>

#include <fmt/format.h>

namespace gradus::plan {

void Recording::clear() {
  nodes.clear();
  edges.clear();
  input_counts.clear();
  kept.clear();
  leaves.clear();
  assigned.clear();
  signature.clear();
  uses.clear();
  stack.clear();
}

namespace {

[[noreturn]] void stale(const Node* leaf, const Node* reader, Where where) {
  const Node* built = reader ? reader : leaf;
  throw StaleError(fmt::format(
      "{}{} was built on version {} of parameter '{}', which has moved on to version {}; build it again, or evaluate "
      "it "
      "before the parameter moves",
      at(where),
      reader ? fmt::format(
                   "{} ({}{})", describe(share(const_cast<Node*>(built))), at(built->where), built->operation->name)
             : "the tensor",
      leaf->version, leaf->parameter->name, leaf->parameter->version.load()));
}

class Recorder {
 public:
  Recorder(Recording& recording, Where where)
      : recording_(recording), where_(where), walk_(next_walk()), unfinished_(next_walk()) {}

  // The position of a node, recorded with all that it is made from.
  std::uint32_t visit(Node* root) {
    push(root, nullptr);
    while (!recording_.stack.empty()) {
      auto& [node, next] = recording_.stack.back();
      if (!node->has_value() && next < node->input_count) {
        push(node->inputs()[next++], node);
        continue;
      }
      Node* const done = node;
      recording_.stack.pop_back();
      finish(done);
    }
    return root->position;
  }

  void use(std::uint32_t position) { ++recording_.uses[position]; }

 private:
  void push(Node* node, const Node* reader) {
    if (node->walk == walk_ || node->walk == unfinished_) return;
    if (node->is_stale()) stale(node, reader, where_);
    node->walk = unfinished_;
    recording_.stack.emplace_back(node, 0);
  }

  void finish(Node* node) {
    const auto position = static_cast<std::uint32_t>(recording_.nodes.size());
    recording_.nodes.push_back(node);
    recording_.uses.push_back(0);
    node->position = position;
    node->walk = walk_;
    if (node->has_value()) {
      write_leaf(node, position);
    } else {
      write_operation(node);
    }
  }

  void write_leaf(const Node* node, std::uint32_t position) {
    recording_.leaves.push_back(position);
    recording_.input_counts.push_back(Recording::leaf);
    const auto kind = static_cast<std::uint64_t>(node->kind);
    // Bit 63 tells leaves from operations, whose first word is an address.
    word(
        std::uint64_t{1} << 63 | kind << 32 | static_cast<std::uint64_t>(node->dtype) << 24 |
        static_cast<std::uint64_t>(number_class(*node)) << 16 | static_cast<std::uint64_t>(node->shape.rank()));
    for (const Index size : node->shape) word(static_cast<std::uint64_t>(size));
  }

  void write_operation(const Node* node) {
    const Attributes& attributes = node->attributes;
    recording_.input_counts.push_back(node->input_count);
    word(reinterpret_cast<std::uintptr_t>(node->operation));
    word(
        static_cast<std::uint64_t>(node->input_count) << 32 | attributes.integers().size() << 8 |
        attributes.reals().size());
    for (const Index integer : attributes.integers()) word(static_cast<std::uint64_t>(integer));
    for (const double real : attributes.reals()) word(std::bit_cast<std::uint64_t>(real));
    for (const Node* input : node->inputs()) {
      recording_.edges.push_back(input->position);
      ++recording_.uses[input->position];
      word(input->position);
    }
  }

  void word(std::uint64_t value) { recording_.signature.push_back(value); }

  Recording& recording_;
  Where where_;
  std::uint64_t walk_, unfinished_;
};

__extension__ using Wide = unsigned __int128;

std::uint64_t hash_of(const std::vector<std::uint64_t>& words) {
  // Multiply and fold, four independent lanes: the signature itself is compared in full, so speed matters more than
  // spread.
  std::uint64_t lanes[4] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9, 0x94d049bb133111eb, 0x2545f4914f6cdd1d};
  const auto mix = [](std::uint64_t lane, std::uint64_t word) {
    const Wide product = static_cast<Wide>(lane ^ word) * 0xd6e8feb86659fd93U;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  std::size_t i = 0;
  for (; i + 4 <= words.size(); i += 4) {
    for (std::size_t k = 0; k < 4; ++k) lanes[k] = mix(lanes[k], words[i + k]);
  }
  for (; i < words.size(); ++i) lanes[i % 4] = mix(lanes[i % 4], words[i]);
  return mix(mix(lanes[0], lanes[1]), mix(lanes[2], lanes[3])) + words.size();
}

void mark_kept(Recording& recording, const std::vector<std::uint32_t>& requested) {
  for (const std::uint32_t position : requested) recording.uses[position] = 0;
  for (std::uint32_t position = 0; position < recording.nodes.size(); ++position) {
    const Node* node = recording.nodes[position];
    if (recording.input_counts[position] == Recording::leaf) continue;
    // Whoever refers to a node beside the nodes recorded here may ask for its value later.
    if (node->handles() > recording.uses[position]) {
      recording.kept.push_back(position);
      recording.signature.push_back(std::uint64_t{3} << 62 | position);
    }
  }
}

}  // namespace

NumberClass number_class(const Node& node) {
  if (node.kind != NodeKind::number) return NumberClass::none;
  if (node.number == 0 && !std::signbit(node.number)) return NumberClass::zero;
  if (node.number == 1) return NumberClass::one;
  return node.number == -1 ? NumberClass::minus_one : NumberClass::any;
}

void spread_to_readers(const Recording& recording, std::vector<bool>& marked) {
  std::size_t edge = 0;
  for (std::size_t i = 0; i < recording.nodes.size(); ++i) {
    if (recording.input_counts[i] == Recording::leaf) continue;
    for (std::uint32_t k = 0; k < recording.input_counts[i]; ++k) {
      if (marked[recording.edges[edge++]]) marked[i] = true;
    }
  }
}

void record(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where, Recording& recording) {
  recording.clear();
  Recorder recorder(recording, where);
  thread_local std::vector<std::uint32_t> requested;
  requested.clear();
  for (const Tensor& tensor : tensors) {
    if (tensor.empty()) {
      throw ValueError(fmt::format("{}evaluate: tensors[{}] is an empty handle", at(where), &tensor - tensors.data()));
    }
    requested.push_back(recorder.visit(tensor.node()));
  }
  for (const Assignment& assignment : assignments) {
    const Tensor leaf = assignment.parameter.tensor();
    const std::uint32_t value = recorder.visit(assignment.value.node());
    recorder.use(value);  // the assignment's own handle asks for no value
    recording.assigned.push_back({value, recorder.visit(leaf.node())});
  }
  mark_kept(recording, requested);
  for (const auto& [value, parameter] : recording.assigned) {
    recording.signature.push_back(std::uint64_t{2} << 62 | static_cast<std::uint64_t>(value) << 31 | parameter);
  }
  recording.hash = hash_of(recording.signature);
}

}  // namespace gradus::plan

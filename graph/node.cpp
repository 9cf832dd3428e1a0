#include <gradus/graph/node.h>

#include <new>

#include <fmt/format.h>

namespace gradus {

namespace {

constexpr std::align_val_t alignment{alignof(Node)};

// Nodes are made and freed by the thousand a second in equal numbers: each thread keeps some blocks at hand.
class NodeBlocks {
 public:
  NodeBlocks() = default;
  NodeBlocks(const NodeBlocks&) = delete;
  NodeBlocks& operator=(const NodeBlocks&) = delete;
  ~NodeBlocks() {
    closed = true;
    while (first_) ::operator delete(take(), alignment);
  }
  void* take() {
    if (!first_) return ::operator new(sizeof(Node), alignment);
    Block* block = std::exchange(first_, first_->next);
    --count_;
    return block;
  }
  void give(void* memory) {
    if (count_ >= most) return ::operator delete(memory, alignment);
    first_ = new (memory) Block{first_};
    ++count_;
  }
  // Handles with static lifetime are freed after this thread's blocks are gone.
  static thread_local bool closed;

 private:
  struct Block {
    Block* next;
  };
  static constexpr int most = 4096;
  Block* first_ = nullptr;
  int count_ = 0;
};

thread_local bool NodeBlocks::closed = false;
thread_local NodeBlocks blocks;

void* take_block() {
  return NodeBlocks::closed ? ::operator new(sizeof(Node), alignment) : blocks.take();
}
void give_block(void* memory) {
  NodeBlocks::closed ? ::operator delete(memory, alignment) : blocks.give(memory);
}

thread_local const Where* origin = nullptr;
thread_local std::string_view rule;
constinit std::atomic<std::uint64_t> evaluations{0};

}  // namespace

void forget_retained(Node* node);  // plan/retained.cpp

std::mutex& graph_mutex() {
  static std::mutex* mutex = new std::mutex;
  return *mutex;
}

std::uint64_t next_walk() {
  static std::uint64_t walk = 0;
  return ++walk;
}

std::atomic<std::uint64_t>& evaluation_count() {
  return evaluations;
}

Node* new_node(NodeKind kind, const Shape& shape, Dtype dtype, Where where) {
  Node* node = new (take_block()) Node;
  node->kind = kind;
  node->shape = shape;
  node->dtype = dtype;
  node->where = origin ? *origin : where;
  node->born = evaluation_count().load(std::memory_order_relaxed);
  return node;
}

void set_inputs(Node* node, std::span<const Operand> inputs) {
  node->input_count = static_cast<std::uint32_t>(inputs.size());
  if (inputs.size() > Node::inline_inputs) node->more_inputs = std::make_unique<Node*[]>(inputs.size());
  Node** slots = node->more_inputs ? node->more_inputs.get() : node->first_inputs;
  for (const Operand& input : inputs) {
    *slots = input.tensor().node();
    retain(*slots++);
  }
}

namespace {

// Whether that was the last reference. Nobody can add one to the only one meanwhile.
bool drop_reference(Node* node) {
  return node->references.load(std::memory_order_acquire) == 1 ||
         node->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
}

}  // namespace

void release(Node* node) {
  if (!drop_reference(node)) return;
  // The dead are chained through `walk`, which nobody reads any more, so a chain of a million needs no stack.
  node->walk = 0;
  Node* dead = node;
  while (dead) {
    Node* const victim = dead;
    dead = reinterpret_cast<Node*>(victim->walk);
    if (victim->retained) forget_retained(victim);
    if (Buffer* buffer = victim->value.load(std::memory_order_relaxed)) buffer->release();
    for (Node* input : victim->inputs()) {
      if (!drop_reference(input)) continue;
      input->walk = reinterpret_cast<std::uint64_t>(dead);
      dead = input;
    }
    victim->~Node();
    give_block(victim);
  }
}

void forget_inputs(Node* node, Tensors& released) {
  for (Node* input : node->inputs()) {
    node->severed |= is_floating(input->dtype) && node->operation->differentiable();
    released.push_back(Tensor::adopt(input));
  }
  node->version = evaluation_count().load(std::memory_order_relaxed);
  node->input_count = 0;
  node->more_inputs.reset();
}

ScopedOrigin::ScopedOrigin(Where where) : where_(where), previous_(std::exchange(origin, &where_)) {}
ScopedOrigin::~ScopedOrigin() {
  origin = previous_;
}
const Where* ScopedOrigin::current() {
  return origin;
}

ScopedRule::ScopedRule(std::string_view operation) : previous_(std::exchange(rule, operation)) {}
ScopedRule::~ScopedRule() {
  rule = previous_;
}

void ScopedRule::forbid(std::string_view what, Where where) {
  if (rule.empty()) return;
  throw GradientError(fmt::format(
      "{}{}: its derivative rule must not {}: a number frozen into a rule makes higher derivatives wrong; say it as "
      "graph",
      at(where), rule, what));
}

}  // namespace gradus

#include <gradus/graph/batch/cell_table.h>

#include <algorithm>
#include <bit>

namespace gradus::batch {

namespace {

std::shared_ptr<CellTable>& table_in_use() {
  static auto* table = new std::shared_ptr<CellTable>(std::make_shared<CellTable>());
  return *table;
}

}  // namespace

std::shared_ptr<CellTable> CellTable::current() {
  if (table_in_use()->entries_.size() > most_kinds) table_in_use() = std::make_shared<CellTable>();
  return table_in_use();
}

void CellTable::clear() {
  std::shared_ptr<CellTable> old = std::make_shared<CellTable>();
  const std::scoped_lock lock(graph_mutex());
  old.swap(table_in_use());
}

void CellTable::word(std::uint64_t value) {
  words_.push_back(value);
  hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15;
  hash_ ^= hash_ >> 29;
}

std::span<const CellKind::Slot> CellTable::known_slots() const {
  return before_ ? std::span<const CellKind::Slot>(before_->slots) : std::span<const CellKind::Slot>();
}

void CellTable::begin(const CellKind* before, const Node& operation) {
  before_ = before;
  operation_ = &operation;
  inputs_.clear();
  slots_.clear();
  words_.clear();
  hash_ = 0;
  word(reinterpret_cast<std::uintptr_t>(before));
  word(reinterpret_cast<std::uintptr_t>(operation.operation));
  const Attributes& attributes = operation.attributes;
  if (attributes.empty()) return;
  word(attributes.integers().size() << 8 | attributes.reals().size());
  for (const Index integer : attributes.integers()) word(static_cast<std::uint64_t>(integer));
  for (const double real : attributes.reals()) word(std::bit_cast<std::uint64_t>(real));
}

void CellTable::chained() {
  inputs_.push_back(CellKind::chained);
  word(std::uint64_t{1} << 63);
}

void CellTable::slot(CellKind::Slot::Use use, const Node& node) {
  inputs_.push_back(static_cast<int>(known_slots().size() + slots_.size()));
  const bool instance = use == CellKind::Slot::Use::instance;
  const auto alike = [&](const CellKind::Slot& other) {
    return (other.use == CellKind::Slot::Use::instance) == instance;
  };
  const auto before = std::ranges::count_if(known_slots(), alike) + std::ranges::count_if(slots_, alike);
  CellKind::Slot& slot = slots_.emplace_back();
  slot.use = use;
  slot.at = static_cast<std::uint32_t>(before);
  slot.dtype = node.dtype;
  slot.shape = node.shape;
  slot.needs_gradient = node.needs_gradient;
  slot.number = node.number;
  const auto number = static_cast<std::uint64_t>(plan::number_class(node));
  word(
      std::uint64_t{1} << 62 | static_cast<std::uint64_t>(use) << 40 | static_cast<std::uint64_t>(node.dtype) << 32 |
      static_cast<std::uint64_t>(node.needs_gradient) << 24 | number << 16 |
      static_cast<std::uint64_t>(node.shape.rank()));
  for (const Index size : node.shape) word(static_cast<std::uint64_t>(size));
}

void CellTable::shared_again(std::uint32_t at) {
  const auto is_it = [&](const CellKind::Slot& slot) {
    return slot.use != CellKind::Slot::Use::instance && slot.at == at;
  };
  int place = 0;
  for (const std::span<const CellKind::Slot> slots : {known_slots(), std::span<const CellKind::Slot>(slots_)}) {
    const auto found = std::find_if(slots.begin(), slots.end(), is_it);
    place += static_cast<int>(found - slots.begin());
    if (found != slots.end()) break;
  }
  inputs_.push_back(place);
  word(std::uint64_t{1} << 61 | static_cast<std::uint64_t>(place));
}

const CellKind* CellTable::end() {
  auto [first, last] = entries_.equal_range(hash_);
  for (; first != last; ++first) {
    if (first->second->words == words_) return &first->second->kind;
  }
  return &entries_.emplace(hash_, new_entry())->second->kind;
}

std::unique_ptr<CellTable::Entry> CellTable::new_entry() const {
  auto entry = std::make_unique<Entry>();
  entry->words = words_;
  CellKind& kind = entry->kind;
  if (before_) {
    kind.slots = before_->slots;
    kind.steps = before_->steps;
    kind.batchable = before_->batchable;
    kind.has_instances = before_->has_instances;
  }
  kind.slots.insert(kind.slots.end(), slots_.begin(), slots_.end());
  const Registered* operation = operation_->operation;
  kind.steps.push_back({operation, operation_->attributes, inputs_});
  kind.batchable &= operation->is_elementwise() || (operation->batched && inputs_.size() <= 32);
  kind.has_instances |=
      std::ranges::any_of(slots_, [](const CellKind::Slot& slot) { return slot.use == CellKind::Slot::Use::instance; });
  kind.shape = operation_->shape;
  kind.dtype = operation_->dtype;
  kind.needs_gradient = operation_->needs_gradient;
  return entry;
}

}  // namespace gradus::batch

#include <gradus/datasets/examples.h>

#include <algorithm>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace gradus::datasets {

namespace {

// Whole pages from the system: the heap of whichever thread asks would be left with holes, and a program that runs for
// days would grow by them.
constexpr Index least_mapped = Index{1} << 16;

std::shared_ptr<std::byte> mapped_memory(std::size_t bytes) {
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return {static_cast<std::byte*>(memory), [bytes](std::byte* m) { munmap(m, bytes); }};
}

}  // namespace

std::shared_ptr<std::byte> aligned_memory(Index bytes) {
  if (bytes >= least_mapped) return mapped_memory(static_cast<std::size_t>(bytes));
  constexpr std::align_val_t cache_line{64};
  auto* memory =
      static_cast<std::byte*>(::operator new(static_cast<std::size_t>(std::max<Index>(bytes, 1)), cache_line));
  return {memory, [](std::byte* m) { ::operator delete(m, cache_line); }};
}

Tensor features_of(const Examples& examples, Index begin, Index count, Where where) {
  return tensor_over(
      examples.row(begin), examples.dtype, examples.feature_shape.with(0, count), examples.features, where);
}

Tensor labels_of(const Examples& examples, Index begin, Index count, Where where) {
  return tensor_over(examples.labels.get() + begin, Dtype::int32, Shape{count}, examples.labels, where);
}

void gather(const Examples& examples, const Index* order, Index count, std::byte* features, std::int32_t* labels) {
  const auto row_bytes = static_cast<std::size_t>(examples.row_bytes());
  for (Index i = 0; i < count; ++i) {
    std::memcpy(features + static_cast<std::size_t>(i) * row_bytes, examples.row(order[i]), row_bytes);
    labels[i] = examples.labels.get()[order[i]];
  }
}

}  // namespace gradus::datasets

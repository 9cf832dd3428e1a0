#include <gradus/graph/buffer.h>

#include <cstdint>
#include <cstdlib>
#include <new>

namespace gradus {

namespace {

constexpr std::size_t alignment = 64;
// The header takes one whole cache line, so that the data behind it are aligned when the block is.
constexpr std::size_t header = alignment;
static_assert(sizeof(Buffer) <= header);

}  // namespace

Buffer* Buffer::allocate(Index bytes) {
  const std::size_t size = (header + static_cast<std::size_t>(bytes) + alignment - 1) / alignment * alignment;
  void* block = std::aligned_alloc(alignment, size);
  if (!block) throw std::bad_alloc();
  return new (block) Buffer(static_cast<std::byte*>(block) + header, bytes);
}

Buffer* Buffer::borrow(const void* data, Index bytes, std::shared_ptr<const void> owner) {
  void* block = std::aligned_alloc(alignment, header);
  if (!block) throw std::bad_alloc();
  // Values are immutable: nothing writes through this pointer.
  Buffer* buffer = new (block) Buffer(const_cast<void*>(data), bytes);
  buffer->owner_ = std::move(owner);
  return buffer;
}

void Buffer::release() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~Buffer();
  std::free(this);
}

}  // namespace gradus

#include <gradus/graph/buffer.h>

#include <new>

#include <gradus/graph/block_memory.h>

namespace gradus {

namespace {

// The header takes one whole cache line, so that the data behind it are aligned when the block is.
constexpr std::size_t header = 64;
static_assert(sizeof(Buffer) <= header);

}  // namespace

Buffer* Buffer::allocate(Index bytes) {
  void* block = take_block(header + static_cast<std::size_t>(bytes));
  return new (block) Buffer(static_cast<std::byte*>(block) + header, bytes);
}

Buffer* Buffer::borrow(const void* data, Index bytes, std::shared_ptr<const void> owner) {
  void* block = take_block(header);
  // Values are immutable: nothing writes through this pointer.
  Buffer* buffer = new (block) Buffer(const_cast<void*>(data), bytes);
  buffer->owner_ = std::move(owner);
  return buffer;
}

void Buffer::release() {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  const std::size_t bytes = header + (borrowed() ? 0 : static_cast<std::size_t>(bytes_));
  this->~Buffer();
  give_block_back(this, bytes);
}

}  // namespace gradus

#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include <gradus/graph/dtype.h>

namespace gradus {

/// Counted memory for one value, aligned to 64 bytes unless somebody else owns it.
class Buffer {
 public:
  /// Throws std::bad_alloc.
  static Buffer* allocate(Index bytes);
  /// Memory of others, kept alive by `owner`.
  static Buffer* borrow(const void* data, Index bytes, std::shared_ptr<const void> owner);

  void* data() { return data_; }
  const void* data() const { return data_; }
  Index bytes() const { return bytes_; }
  bool borrowed() const { return owner_ != nullptr; }
  void retain() { references_.fetch_add(1, std::memory_order_relaxed); }
  void release();

 private:
  Buffer(void* data, Index bytes) : data_(data), bytes_(bytes) {}
  std::atomic<Index> references_{1};
  void* data_;
  Index bytes_;
  std::shared_ptr<const void> owner_;
};

/// A counted handle to a buffer.
class BufferHandle {
 public:
  BufferHandle() = default;
  /// Takes over one reference.
  explicit BufferHandle(Buffer* buffer) : buffer_(buffer) {}
  static BufferHandle share(Buffer* buffer) {
    if (buffer) buffer->retain();
    return BufferHandle(buffer);
  }
  BufferHandle(const BufferHandle& other) : buffer_(other.buffer_) {
    if (buffer_) buffer_->retain();
  }
  BufferHandle(BufferHandle&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  BufferHandle& operator=(BufferHandle other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~BufferHandle() {
    if (buffer_) buffer_->release();
  }
  Buffer* get() const { return buffer_; }
  Buffer* operator->() const { return buffer_; }
  explicit operator bool() const { return buffer_ != nullptr; }
  /// Gives the reference away.
  Buffer* detach() { return std::exchange(buffer_, nullptr); }

 private:
  Buffer* buffer_ = nullptr;
};

}  // namespace gradus

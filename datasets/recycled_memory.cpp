#include <gradus/datasets/recycled_memory.h>

#include <utility>

#include <gradus/datasets/examples.h>

namespace gradus::datasets {

void RecycledMemory::prepare() {
  constexpr Index page = 4096;
  const std::scoped_lock lock(mutex_);
  waiting_.reserve(kept_);
  while (waiting_.size() < kept_) {
    Piece piece = aligned_memory(bytes_);
    // The system gives a page when it is first written to.
    for (Index at = 0; at < bytes_; at += page) piece.get()[at] = std::byte{0};
    waiting_.push_back(std::move(piece));
  }
}

std::shared_ptr<std::byte> RecycledMemory::take() {
  Piece piece;
  {
    const std::scoped_lock lock(mutex_);
    waiting_.reserve(kept_);  // so that nothing can fail when pieces come back
    if (!waiting_.empty()) {
      piece = std::move(waiting_.back());
      waiting_.pop_back();
    }
  }
  if (!piece) piece = aligned_memory(bytes_);
  std::byte* memory = piece.get();
  return {memory, [owner = shared_from_this(), piece = std::move(piece)](std::byte*) mutable {
            owner->give_back(std::move(piece));
          }};
}

void RecycledMemory::give_back(Piece piece) noexcept {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() < kept_) waiting_.push_back(std::move(piece));
}

}  // namespace gradus::datasets

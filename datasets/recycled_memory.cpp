#include <gradus/datasets/recycled_memory.h>

#include <utility>

#include <gradus/datasets/examples.h>

namespace gradus::datasets {

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

#include <gradus/graph/block_memory.h>

#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

namespace gradus {

namespace {

constexpr std::size_t alignment = 64;
// Up to the first size each thread keeps some blocks of every power of two; from the second on all threads share the
// last ones; what lies between is malloc's.
constexpr std::size_t largest_small = std::size_t{1} << 15, smallest_large = std::size_t{1} << 20;
constexpr std::size_t most_small_of_a_size = 16, most_large_bytes = std::size_t{1} << 27;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool recycles = false;
#elif defined(__has_feature)
// The sanitizer must see memory that is used after it was freed.
constexpr bool recycles = !__has_feature(address_sanitizer);
#else
constexpr bool recycles = true;
#endif

void* allocate(std::size_t bytes) {
  void* block = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (!block) throw std::bad_alloc();
  return block;
}

class SmallBlocks {
 public:
  SmallBlocks() = default;
  SmallBlocks(const SmallBlocks&) = delete;
  SmallBlocks& operator=(const SmallBlocks&) = delete;
  ~SmallBlocks() {
    closed = true;
    for (Class& size : classes_) {
      while (size.first) std::free(pop(size));
    }
  }

  void* take(std::size_t bytes) {
    Class& size = class_of(bytes);
    return size.first ? pop(size) : allocate(std::bit_ceil(bytes));
  }
  void give(void* memory, std::size_t bytes) {
    Class& size = class_of(bytes);
    if (size.count == most_small_of_a_size) return std::free(memory);
    size.first = new (memory) Block{size.first};
    ++size.count;
  }
  // Values with static lifetime are freed after this thread's blocks are gone.
  static thread_local bool closed;

 private:
  struct Block {
    Block* next;
  };
  struct Class {
    Block* first = nullptr;
    std::size_t count = 0;
  };
  static void* pop(Class& size) {
    Block* block = size.first;
    size.first = block->next;
    --size.count;
    return block;
  }
  Class& class_of(std::size_t bytes) { return classes_[static_cast<std::size_t>(std::bit_width(bytes - 1))]; }
  std::array<Class, 17> classes_{};
};

thread_local bool SmallBlocks::closed = false;
thread_local SmallBlocks small_blocks;

class LargeBlocks {
 public:
  // A block of exactly this size; null if there is none.
  void* take(std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    for (std::size_t i = blocks_.size(); i-- > 0;) {
      if (blocks_[i].bytes != bytes) continue;
      void* memory = blocks_[i].memory;
      held_ -= bytes;
      blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(i));
      return memory;
    }
    return nullptr;
  }

  void give(void* memory, std::size_t bytes) {
    if (bytes > most_large_bytes) return std::free(memory);
    const std::scoped_lock lock(mutex_);
    blocks_.push_back({memory, bytes});
    held_ += bytes;
    while (held_ > most_large_bytes) {
      std::free(blocks_.front().memory);
      held_ -= blocks_.front().bytes;
      blocks_.erase(blocks_.begin());
    }
  }

 private:
  struct Block {
    void* memory;
    std::size_t bytes;
  };
  std::mutex mutex_;
  std::vector<Block> blocks_;  // the oldest first
  std::size_t held_ = 0;
};

LargeBlocks& large_blocks() {
  static auto* blocks = new LargeBlocks;
  return *blocks;
}

}  // namespace

void* take_block(std::size_t bytes) {
  if (!recycles) return allocate(bytes);
  if (bytes <= largest_small) return SmallBlocks::closed ? allocate(std::bit_ceil(bytes)) : small_blocks.take(bytes);
  if (bytes < smallest_large) return allocate(bytes);
  void* block = large_blocks().take(bytes);
  return block ? block : allocate(bytes);
}

void give_block_back(void* block, std::size_t bytes) {
  if (!recycles) return std::free(block);
  if (bytes <= largest_small) return SmallBlocks::closed ? std::free(block) : small_blocks.give(block, bytes);
  if (bytes < smallest_large) return std::free(block);
  large_blocks().give(block, bytes);
}

}  // namespace gradus

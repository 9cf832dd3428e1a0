#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

namespace gradus::plan {

/// What a graph is looked up by: `words` say all that matters of it, `hash` finds them.
struct Signature {
  std::span<const std::uint64_t> words;
  std::uint64_t hash = 0;
};

/// Values by signature. The least recently used go when there are too many, or when together they are too large.
template <class Value>
class SignatureCache {
 public:
  using Pointer = std::shared_ptr<const Value>;

  SignatureCache(std::size_t most, std::size_t most_bytes) : most_(most), most_bytes_(most_bytes) {}

  Pointer find(const Signature& signature) {
    const std::scoped_lock lock(mutex_);
    auto [first, last] = by_hash_.equal_range(signature.hash);
    for (; first != last; ++first) {
      const std::vector<std::uint64_t>& words = first->second->words;
      if (!std::equal(words.begin(), words.end(), signature.words.begin(), signature.words.end())) continue;
      by_use_.splice(by_use_.begin(), by_use_, first->second);
      ++hits_;
      return by_use_.front().value;
    }
    ++misses_;
    return nullptr;
  }

  void keep(const Signature& signature, Pointer value, std::size_t bytes) {
    const std::scoped_lock lock(mutex_);
    bytes += signature.words.size_bytes();
    // What would push out all others is not worth keeping.
    if (bytes > most_bytes_) return;
    bytes_ += bytes;
    by_use_.push_front(
        {std::vector<std::uint64_t>(signature.words.begin(), signature.words.end()), signature.hash, std::move(value),
         bytes});
    by_hash_.emplace(signature.hash, by_use_.begin());
    while (by_use_.size() > most_ || bytes_ > most_bytes_) forget_oldest();
  }

  void clear() {
    std::list<Entry> forgotten;  // destroyed without the lock
    const std::scoped_lock lock(mutex_);
    forgotten.swap(by_use_);
    by_hash_.clear();
    bytes_ = 0;
  }

  struct Statistics {
    std::size_t hits = 0, misses = 0, entries = 0;
  };
  Statistics statistics() {
    const std::scoped_lock lock(mutex_);
    return {hits_, misses_, by_use_.size()};
  }

 private:
  struct Entry {
    std::vector<std::uint64_t> words;
    std::uint64_t hash;
    Pointer value;
    std::size_t bytes;
  };

  void forget_oldest() {
    const auto oldest = std::prev(by_use_.end());
    auto [first, last] = by_hash_.equal_range(oldest->hash);
    while (first != last && first->second != oldest) ++first;
    by_hash_.erase(first);
    bytes_ -= oldest->bytes;
    by_use_.erase(oldest);
  }

  std::size_t most_, most_bytes_;
  std::mutex mutex_;
  std::list<Entry> by_use_;
  std::unordered_multimap<std::uint64_t, typename std::list<Entry>::iterator> by_hash_;
  std::size_t bytes_ = 0, hits_ = 0, misses_ = 0;
};

}  // namespace gradus::plan

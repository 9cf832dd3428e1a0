#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include <gradus/graph/dtype.h>

namespace gradus::datasets {

/// Pieces of memory of one size, which come back when nobody holds them any more: fresh pages from the system cost
/// several times what it takes to copy rows into them.
class RecycledMemory : public std::enable_shared_from_this<RecycledMemory> {
 public:
  /// At most `kept` pieces wait to be used again.
  RecycledMemory(Index bytes, std::size_t kept) : bytes_(bytes), kept_(kept) {}
  /// Makes all that will wait now, so that how much memory is in use does not depend on who is faster.
  void prepare();
  /// A piece, aligned to a cache line, its entries left as they were. The pieces may outlive this. From any thread.
  std::shared_ptr<std::byte> take();

 private:
  using Piece = std::shared_ptr<std::byte>;
  void give_back(Piece piece) noexcept;

  Index bytes_;
  std::size_t kept_;
  std::mutex mutex_;
  std::vector<Piece> waiting_;
};

}  // namespace gradus::datasets

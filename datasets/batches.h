#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>

#include <gradus/datasets/augmentation.h>
#include <gradus/graph/tensor.h>

namespace gradus::datasets {

struct Examples;
class Augmenter;

/// How an epoch is cut into mini-batches.
struct BatchOptions {
  /// Examples in a batch.
  Index size = 10;
  /// The order of the examples depends on this alone, not on the number of threads: the epoch, usually.
  std::int64_t seed = 0;
  /// Otherwise the examples come as they are stored.
  bool shuffle = true;
  /// Whether the last batch is left out where it would be smaller than the others.
  bool drop_last = false;
  /// How the images are distorted at random; the seed above is the epoch in which they look as they do.
  Augmentation augmentation = {};
};

/// A mini-batch: features [size, feature_shape...] and labels [size], int32.
struct Batch {
  Tensor images;
  Tensor labels;
};

/// The mini-batches of one epoch, for a range-for loop. Each begin() starts the same epoch anew. While the loop's body
/// runs, a worker of oneTBB copies the next rows together (about 1 MB ahead) and distorts them; without shuffling and
/// augmentation nothing is copied. Leaving the loop early waits for that worker. A batch that is kept, keeps up to 1 MB
/// of its neighbours.
class Batches {
 public:
  class Stream;

  class Iterator {
   public:
    using iterator_concept = std::input_iterator_tag;
    using value_type = Batch;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(std::shared_ptr<Stream> stream);
    const Batch& operator*() const { return *batch_; }
    const Batch* operator->() const { return batch_; }
    Iterator& operator++();
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return batch_ == nullptr; }

   private:
    std::shared_ptr<Stream> stream_;
    const Batch* batch_ = nullptr;
  };

  /// Throws as Dataset::batches.
  Batches(std::shared_ptr<const Examples> examples, const BatchOptions& options, Where where);
  Iterator begin() const;
  std::default_sentinel_t end() const { return {}; }
  /// How many batches an epoch has.
  Index size() const;

 private:
  std::shared_ptr<const Examples> examples_;
  BatchOptions options_;
  std::shared_ptr<const Augmenter> augmenter_;  // none: images as they are
  Where where_;                                 // tensors say that they come from there
};

}  // namespace gradus::datasets

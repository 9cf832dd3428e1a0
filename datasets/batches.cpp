#include <gradus/datasets/batches.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include <gradus/datasets/augmenter.h>
#include <gradus/datasets/examples.h>
#include <gradus/datasets/prefetch.h>
#include <gradus/datasets/recycled_memory.h>
#include <gradus/datasets/shuffle.h>

namespace gradus::datasets {
namespace {

using Order = std::shared_ptr<const Index>;

constexpr Index cache_line = 64;
constexpr Index chunk_bytes =
    Index{1} << 20;  // so many batches at once that handing one to a worker costs next to nothing

constexpr Index rounded_up(Index bytes) {
  return (bytes + cache_line - 1) / cache_line * cache_line;
}

// Lives as long as a pass: in memory that does not come from the heap, like the batches.
Order order_of(Index count, const BatchOptions& options) {
  const auto memory = aligned_memory(count * static_cast<Index>(sizeof(Index)));
  auto* entries = reinterpret_cast<Index*>(memory.get());
  if (options.shuffle) {
    fill_permutation({entries, static_cast<std::size_t>(count)}, options.seed);
  } else {
    std::iota(entries, entries + count, Index{0});
  }
  return {memory, entries};
}

Index batch_count(Index examples, const BatchOptions& options) {
  return examples / options.size + (!options.drop_last && examples % options.size != 0 ? 1 : 0);
}

/// What a pass goes through: rows in some order, distorted or as they are.
struct Source {
  std::shared_ptr<const Examples> examples;
  Order order;
  std::shared_ptr<const Augmenter> augmenter;
  std::int64_t epoch;

  void copy(Index first, Index count, std::byte* features, std::int32_t* labels) const {
    gather(*examples, order.get() + first, count, features, labels);
    if (!augmenter) return;
    for (Index i = 0; i < count; ++i) {
      const Index example = order.get()[first + i];
      augmenter->augment(examples->row(example), example, epoch, features + i * examples->row_bytes());
    }
  }
};

/// Several batches, copied one behind another in one piece of memory, which their tensors own together.
class Chunk {
 public:
  Chunk(Source source, std::shared_ptr<RecycledMemory> pieces, Index begin, Index end, Index batch_size)
      : source_(std::move(source)), pieces_(std::move(pieces)), begin_(begin), end_(end), batch_size_(batch_size) {}

  static Index bytes_per_batch(const Examples& examples, Index batch_size) {
    return rounded_up(batch_size * examples.row_bytes()) + rounded_up(batch_size * bytes_of(Dtype::int32));
  }

  void fill() {
    memory_ = pieces_->take();
    for (Index first = begin_; first < end_; first += batch_size_) {
      const Index count = std::min(batch_size_, end_ - first);
      source_.copy(first, count, features_at(first), labels_at(first));
    }
  }

  Batch batch(Index first, Where where) const {
    const Index count = std::min(batch_size_, end_ - first);
    return {
        tensor_over(features_at(first), examples().dtype, examples().feature_shape.with(0, count), memory_, where),
        tensor_over(labels_at(first), Dtype::int32, Shape{count}, memory_, where)};
  }

 private:
  const Examples& examples() const { return *source_.examples; }
  std::byte* features_at(Index first) const {
    return memory_.get() + (first - begin_) / batch_size_ * bytes_per_batch(examples(), batch_size_);
  }
  std::int32_t* labels_at(Index first) const {
    return reinterpret_cast<std::int32_t*>(features_at(first) + rounded_up(batch_size_ * examples().row_bytes()));
  }

  Source source_;
  std::shared_ptr<RecycledMemory> pieces_;
  Index begin_, end_, batch_size_;
  std::shared_ptr<std::byte> memory_;
};

}  // namespace

/// One pass over the examples: the chunk that is being read, and the one after it, which a worker fills.
class Batches::Stream {
 public:
  Stream(
      const std::shared_ptr<const Examples>& examples, const std::shared_ptr<const Augmenter>& augmenter,
      const BatchOptions& options, Where where)
      : source_{examples, nullptr, augmenter, options.seed},
        size_(std::min(options.size, std::max<Index>(examples->count, 1))),
        where_(where) {
    end_ = std::min(examples->count, batch_count(examples->count, options) * options.size);
    if (!options.shuffle && !augmenter) return;
    source_.order = order_of(examples->count, options);
    const Index all = (end_ + size_ - 1) / size_, each = Chunk::bytes_per_batch(*examples, size_);
    const Index batches = std::clamp<Index>(chunk_bytes / each, 1, std::max<Index>(all, 1));
    chunk_size_ = batches * size_;
    pieces_ = std::make_shared<RecycledMemory>(batches * each, 3);
    pieces_->prepare();
  }

  /// The next batch; null at the end.
  const Batch* next() {
    if (next_ >= end_) return nullptr;
    const Index first = std::exchange(next_, next_ + size_);
    if (!source_.order) {
      const Index count = std::min(size_, end_ - first);
      const Examples& examples = *source_.examples;
      batch_ = {features_of(examples, first, count, where_), labels_of(examples, first, count, where_)};
    } else {
      if (first % chunk_size_ == 0) turn_to_chunk(first);
      batch_ = chunk_->batch(first, where_);
    }
    return &batch_;
  }

 private:
  struct Ahead {
    std::shared_ptr<Chunk> chunk;
    Prefetch filling;
  };

  Ahead start(Index begin) const {
    auto chunk = std::make_shared<Chunk>(source_, pieces_, begin, std::min(begin + chunk_size_, end_), size_);
    return {chunk, Prefetch([chunk] { chunk->fill(); })};
  }

  void turn_to_chunk(Index begin) {
    Ahead now = begin == 0 ? start(0) : std::move(ahead_);
    ahead_ = begin + chunk_size_ < end_ ? start(begin + chunk_size_) : Ahead{};
    now.filling.finish();
    chunk_ = std::move(now.chunk);
  }

  Source source_;  // without an order: rows as they are stored, not copied
  Index size_;     // of a batch
  Where where_;
  Index end_ = 0;         // examples that are visited
  Index next_ = 0;        // the first example of the next batch
  Index chunk_size_ = 0;  // examples in a chunk, a multiple of size_
  std::shared_ptr<RecycledMemory> pieces_;
  std::shared_ptr<Chunk> chunk_;
  Ahead ahead_;
  Batch batch_;
};

Batches::Iterator::Iterator(std::shared_ptr<Stream> stream) : stream_(std::move(stream)), batch_(stream_->next()) {}

Batches::Iterator& Batches::Iterator::operator++() {
  batch_ = stream_->next();
  return *this;
}

Batches::Batches(std::shared_ptr<const Examples> examples, const BatchOptions& options, Where where)
    : examples_(std::move(examples)), options_(options), where_(where) {
  if (options.augmentation.distorts()) {
    augmenter_ =
        std::make_shared<const Augmenter>(options.augmentation, examples_->feature_shape, examples_->dtype, where);
  }
}

Batches::Iterator Batches::begin() const {
  return Iterator(std::make_shared<Stream>(examples_, augmenter_, options_, where_));
}

Index Batches::size() const {
  return batch_count(examples_->count, options_);
}

}  // namespace gradus::datasets

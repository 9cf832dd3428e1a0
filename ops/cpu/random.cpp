#include <gradus/ops/cpu/random.h>

#include <algorithm>
#include <numbers>
#include <numeric>
#include <utility>

#include <Eigen/Core>

#include <gradus/ops/cpu/philox.h>

namespace gradus::cpu {
namespace {

// Every batch is computed in full, also where fewer entries are wanted: an entry's bits must not depend on whether it
// falls into a vector register or into the rest after the last one.
constexpr int batch_blocks = 64;
constexpr Index batch_entries = 4 * batch_blocks;
constexpr Index part_batches = 16;

using Batch = PhiloxBatch<batch_blocks>;

// `fill` makes batch number b of a stream: batch_entries entries.
template <class T>
using Fill = void (*)(const std::int32_t* key, std::uint64_t first_block, T* entries);

template <class T>
KernelPointer batches(Index count, double nanoseconds_per_entry, Fill<T> fill) {
  const Index batch_count = (count + batch_entries - 1) / batch_entries;
  const Index parts = (batch_count + part_batches - 1) / part_batches;
  return make_kernel(
      parts, nanoseconds_per_entry * static_cast<double>(batch_count * batch_entries),
      [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
        const auto* key = static_cast<const std::int32_t*>(inputs[0]);
        auto* output = static_cast<T*>(outputs[0]);
        alignas(64) T entries[batch_entries];
        for (Index b = begin * part_batches; b < std::min(end * part_batches, batch_count); ++b) {
          fill(key, static_cast<std::uint64_t>(b) * batch_blocks, entries);
          const Index first = b * batch_entries;
          std::copy_n(entries, std::min(batch_entries, count - first), output + first);
        }
      });
}

void fill_uniform(const std::int32_t* key, std::uint64_t first_block, float* entries) {
  const Batch bits({key, Draw::uniform}, first_block);
  for (int b = 0; b < batch_blocks; ++b) {
    for (int w = 0; w < 4; ++w) {
      entries[4 * b + w] = static_cast<float>(static_cast<std::int32_t>(bits.words[w][b] >> 8)) * 0x1p-24f;
    }
  }
}

void fill_uniform(const std::int32_t* key, std::uint64_t first_block, double* entries) {
  const Batch high({key, Draw::uniform}, first_block);
  const Batch low({key, Draw::uniform_low}, first_block);
  for (int b = 0; b < batch_blocks; ++b) {
    for (int w = 0; w < 4; ++w) {
      entries[4 * b + w] = static_cast<double>(high.words[w][b]) * 0x1p-32 +
                           static_cast<double>(static_cast<std::int32_t>(low.words[w][b] >> 11)) * 0x1p-53;
    }
  }
}

/// What one Box–Muller transform needs: (0, 1] for the radius; for the angle, whole quarter turns and the rest of one,
/// between −½ and ½, which the two highest bits and the others give without rounding.
template <class T>
struct Polar {
  T radius[batch_blocks];
  T rest[batch_blocks];
  std::uint32_t quarters[batch_blocks];
};

constexpr std::uint32_t half_quarter = 1u << 29;

Polar<float> polar_of(const std::uint32_t* radius, const std::uint32_t* angle) {
  Polar<float> polar;
  for (int b = 0; b < batch_blocks; ++b) {
    polar.radius[b] = (static_cast<float>(radius[b]) + 0.5f) * 0x1p-32f;
    polar.quarters[b] = (angle[b] + half_quarter) >> 30;
    polar.rest[b] = static_cast<float>(static_cast<std::int32_t>(angle[b] << 2)) * 0x1p-32f;
  }
  return polar;
}

Polar<double> polar_of(
    const std::uint32_t* radius, const std::uint32_t* radius_low, const std::uint32_t* angle,
    const std::uint32_t* angle_low) {
  Polar<double> polar;
  for (int b = 0; b < batch_blocks; ++b) {
    polar.radius[b] = (static_cast<double>(radius[b]) + (static_cast<double>(radius_low[b]) + 0.5) * 0x1p-32) * 0x1p-32;
    polar.quarters[b] = (angle[b] + half_quarter) >> 30;
    polar.rest[b] = static_cast<double>(static_cast<std::int32_t>(angle[b] << 2)) * 0x1p-32 +
                    static_cast<double>(angle_low[b]) * 0x1p-62;
  }
  return polar;
}

/// Writes radius·cos and radius·sin to entries 0, 4, 8, … and 1, 5, 9, …, where the radius is √(−2 ln u).
template <class T>
void box_muller(const Polar<T>& polar, T* entries) {
  using Values = Eigen::Array<T, batch_blocks, 1>;
  const Values radius = (Values::Map(polar.radius).log() * T(-2)).sqrt();
  alignas(64) T cosine[batch_blocks], sine[batch_blocks];
  for (int b = 0; b < batch_blocks; ++b) {
    // Taylor's series on [−π/4, π/4]: the next term is below 1e-17.
    const T a = polar.rest[b] * (std::numbers::pi_v<T> / 2);
    const T s = a * a;
    T c = 1, d = 1;
    for (int k = 16; k >= 2; k -= 2) {
      c = 1 - c * s * (T(1) / static_cast<T>(k * (k - 1)));
      d = 1 - d * s * (T(1) / static_cast<T>(k * (k + 1)));
    }
    d *= a;
    const std::uint32_t quarters = polar.quarters[b];
    const T x = quarters & 1 ? d : c;
    const T y = quarters & 1 ? c : d;
    cosine[b] = (quarters + 1) & 2 ? -x : x;
    sine[b] = quarters & 2 ? -y : y;
  }
  for (int b = 0; b < batch_blocks; ++b) {
    entries[4 * b] = radius[b] * cosine[b];
    entries[4 * b + 1] = radius[b] * sine[b];
  }
}

void fill_normal(const std::int32_t* key, std::uint64_t first_block, float* entries) {
  const Batch bits({key, Draw::normal}, first_block);
  box_muller(polar_of(bits.words[0], bits.words[1]), entries);
  box_muller(polar_of(bits.words[2], bits.words[3]), entries + 2);
}

void fill_normal(const std::int32_t* key, std::uint64_t first_block, double* entries) {
  const Batch high({key, Draw::normal}, first_block);
  const Batch low({key, Draw::normal_low}, first_block);
  box_muller(polar_of(high.words[0], low.words[0], high.words[1], low.words[1]), entries);
  box_muller(polar_of(high.words[2], low.words[2], high.words[3], low.words[3]), entries + 2);
}

/// Whole numbers below a bound, one after another, exactly equally likely: D. Lemire, "Fast random integer generation
/// in an interval", 2019.
class Sequence {
 public:
  explicit Sequence(const PhiloxStream& stream) : stream_(stream) {}

  std::uint32_t below(std::uint32_t bound) {
    std::uint64_t product = std::uint64_t{next()} * bound;
    if (static_cast<std::uint32_t>(product) < bound) {
      const std::uint32_t threshold = (0u - bound) % bound;
      while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next()} * bound;
    }
    return static_cast<std::uint32_t>(product >> 32);
  }

 private:
  std::uint32_t next() {
    if (position_ % 4 == 0) block_ = stream_.block(position_ / 4);
    return block_[position_++ % 4];
  }

  PhiloxStream stream_;
  PhiloxBlock block_{};
  std::uint64_t position_ = 0;
};

}  // namespace

KernelPointer uniform(const KernelRequest& request) {
  const Index count = request.output.shape.count();
  if (request.dtype == Dtype::float64) return batches<double>(count, 3, fill_uniform);
  return batches<float>(count, 1.5, fill_uniform);
}

KernelPointer normal(const KernelRequest& request) {
  const Index count = request.output.shape.count();
  if (request.dtype == Dtype::float64) return batches<double>(count, 8, fill_normal);
  return batches<float>(count, 4, fill_normal);
}

KernelPointer random_integers(const KernelRequest& request) {
  const Index count = request.output.shape.count();
  const auto from = static_cast<std::int64_t>(request.attributes.reals()[0]);
  const auto range = static_cast<std::uint64_t>(static_cast<std::int64_t>(request.attributes.reals()[1]) - from);
  const Index entries_per_part = part_batches * batch_entries;
  return make_kernel(
      (count + entries_per_part - 1) / entries_per_part, 2.5 * static_cast<double>(count),
      [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
        const PhiloxStream stream(static_cast<const std::int32_t*>(inputs[0]), Draw::integers);
        auto* output = static_cast<std::int32_t*>(outputs[0]);
        const Index last = std::min(end * entries_per_part, count);
        for (Index first = begin * entries_per_part; first < last; first += 4) {
          const PhiloxBlock bits = stream.block(static_cast<std::uint64_t>(first / 4));
          for (Index i = first; i < std::min(first + 4, last); ++i) {
            const std::uint64_t step = (bits[static_cast<std::size_t>(i - first)] * range) >> 32;
            output[i] = static_cast<std::int32_t>(from + static_cast<std::int64_t>(step));
          }
        }
      });
}

KernelPointer permutation(const KernelRequest& request) {
  const Index count = request.output.shape.count();
  return make_kernel(
      1, 5.0 * static_cast<double>(count), [=](const void* const* inputs, void* const* outputs, Index, Index) {
        Sequence random(PhiloxStream(static_cast<const std::int32_t*>(inputs[0]), Draw::permutation));
        auto* output = static_cast<std::int32_t*>(outputs[0]);
        std::iota(output, output + count, 0);
        for (Index i = count - 1; i > 0; --i) {
          std::swap(output[i], output[random.below(static_cast<std::uint32_t>(i + 1))]);
        }
      });
}

}  // namespace gradus::cpu

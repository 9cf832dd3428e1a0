#include <algorithm>
#include <type_traits>

#include <gradus/ops/cpu/reduction.h>
#include <gradus/ops/cpu/reduction_loops.h>

namespace gradus::cpu {

namespace {

template <class T>
class CumulativeSum final : public Kernel {
 public:
  CumulativeSum(const Shape& shape, Index axis, bool exclusive, bool reverse)
      : length_(shape[static_cast<int>(axis)]), exclusive_(exclusive), reverse_(reverse) {
    for (int i = static_cast<int>(axis) + 1; i < shape.rank(); ++i) width_ *= shape[i];
    const Index slab = length_ * width_;
    strips_ = (width_ + strip - 1) / strip;
    units_ = slab == 0 ? 0 : shape.count() / slab * strips_;
    per_part_ = units_per_part(length_ * std::min(strip, width_));
  }

  Index parts() const override { return std::max<Index>(1, (units_ + per_part_ - 1) / per_part_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const Index last = std::min(end * per_part_, units_);
    for (Index unit = begin * per_part_; unit < last; ++unit) {
      const Index column = unit % strips_ * strip;
      const Index first = unit / strips_ * length_ * width_ + column;
      scan(
          static_cast<const T*>(inputs[0]) + first, static_cast<T*>(outputs[0]) + first,
          std::min(strip, width_ - column));
    }
  }

 private:
  static constexpr Index strip = 256;
  // int32 wraps around once it is done.
  using Far = std::conditional_t<std::is_integral_v<T>, std::int64_t, double>;

  void scan(const T* x, T* y, Index n) const {
    Far sums[strip];
    std::fill_n(sums, n, Far{0});
    for (Index step = 0; step < length_; ++step) {
      const Index row = (reverse_ ? length_ - 1 - step : step) * width_;
      for (Index i = 0; i < n; ++i) {
        const T entry = x[row + i];
        if (exclusive_) y[row + i] = static_cast<T>(sums[i]);
        sums[i] += entry;
        if (!exclusive_) y[row + i] = static_cast<T>(sums[i]);
      }
    }
  }

  Index length_, width_ = 1, strips_, units_, per_part_;
  bool exclusive_, reverse_;
};

}  // namespace

KernelPointer cumulative_sum(const KernelRequest& request) {
  const auto integers = request.attributes.integers();
  const auto make = [&]<class T>(T) -> KernelPointer {
    return std::make_unique<CumulativeSum<T>>(request.inputs[0].shape, integers[0], integers[1] != 0, integers[2] != 0);
  };
  switch (request.dtypes[0]) {
    case Dtype::float32:
      return make(float());
    case Dtype::float64:
      return make(double());
    default:
      return make(std::int32_t());
  }
}

}  // namespace gradus::cpu

#include <gradus/ops/cpu/convolution.h>

#include <algorithm>

#include <Eigen/Core>

#include <gradus/ops/cpu/accumulation.h>
#include <gradus/ops/cpu/bfloat16.h>

namespace gradus::cpu {

ConvolutionSizes::ConvolutionSizes(const Shape& x, const Shape& w, const Shape& y, const Attributes& attributes)
    : window(SlidingWindow::from(attributes, x.rank() - 2)),
      groups(attributes.integers()[static_cast<std::size_t>(window.rank)]),
      examples(x[0]),
      channels(x[x.rank() - 1]),
      filters(w[0]) {
  for (int axis = 0; axis < window.rank; ++axis) {
    entries[static_cast<std::size_t>(axis)] = x[axis + 1];
    positions[static_cast<std::size_t>(axis)] = y[axis + 1];
  }
}

namespace {

Index product_of(const std::array<Index, max_spatial_axes>& sizes, int rank) {
  Index product = 1;
  for (int axis = 0; axis < rank; ++axis) product *= sizes[static_cast<std::size_t>(axis)];
  return product;
}

}  // namespace

Index ConvolutionSizes::entry_count() const {
  return product_of(entries, window.rank);
}

Index ConvolutionSizes::position_count() const {
  return product_of(positions, window.rank);
}

Index ConvolutionSizes::met(Index position, Index tap, int axes) const {
  Index entry = 0, scale = 1;
  for (int axis = axes - 1; axis >= 0; --axis) {
    const auto i = static_cast<std::size_t>(axis);
    const WindowAxis& along = window[axis];
    const Index at = position % positions[i] * along.stride + tap % along.size * along.dilation - along.before;
    if (at < 0 || at >= entries[i]) return -1;
    position /= positions[i];
    tap /= along.size;
    entry += at * scale;
    scale *= entries[i];
  }
  return entry;
}

namespace {

template <class T>
using ByRows = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using Columns = Eigen::Map<ByRows<T>, Eigen::Unaligned, Eigen::OuterStride<>>;
template <class T>
using ConstColumns = Eigen::Map<const ByRows<T>, Eigen::Unaligned, Eigen::OuterStride<>>;

// The patches of x under the window of one example, as a matrix: a row a position; columns as the weights of one filter
// lie, channel by channel.
class Patches {
 public:
  explicit Patches(const ConvolutionSizes& sizes) : sizes_(sizes), window_count_(sizes.window.count()) {
    for (Index position = 0; position < sizes.position_count(); ++position) {
      for (Index q = 0; q < window_count_; ++q) entry_of_.push_back(sizes.met(position, q, sizes.window.rank));
    }
  }

  Index rows() const { return sizes_.position_count(); }
  Index columns() const { return sizes_.channels / sizes_.groups * window_count_; }

  /// Copies one group's patches of an example of x, or adds them up in it.
  template <class T>
  void take(const T* x, Index group, ByRows<T>& patches) const {
    patches.resize(rows(), columns());
    for_each(group, [&](Index row, Index column, Index entry) { patches(row, column) = entry < 0 ? 0 : x[entry]; });
  }
  template <class T>
  void add(const ByRows<T>& patches, Index group, T* x) const {
    for_each(group, [&](Index row, Index column, Index entry) {
      if (entry >= 0) x[entry] += patches(row, column);
    });
  }

 private:
  void for_each(Index group, const auto& visit) const {
    const Index channels = sizes_.channels / sizes_.groups;
    for (Index row = 0; row < rows(); ++row) {
      for (Index q = 0; q < window_count_; ++q) {
        const Index entry = entry_of_[static_cast<std::size_t>(row * window_count_ + q)];
        for (Index c = 0; c < channels; ++c) {
          visit(row, c * window_count_ + q, entry < 0 ? -1 : entry * sizes_.channels + group * channels + c);
        }
      }
    }
  }

  const ConvolutionSizes sizes_;
  Index window_count_;
  std::vector<Index> entry_of_;  // by position, then by entry of the window
};

double cost_of(const ConvolutionSizes& sizes) {
  return static_cast<double>(sizes.examples * sizes.multiplications()) / 4;
}

// Views of one example's tensors and one group's weights.
template <class T>
class PatchProduct {
 public:
  explicit PatchProduct(const ConvolutionSizes& given) : sizes(given), patches(given) {}

 protected:
  Index group_filters() const { return sizes.filters / sizes.groups; }
  Index x_start(Index example) const { return example * sizes.entry_count() * sizes.channels; }
  auto columns_of(auto* y, Index example, Index group) const {
    using Entry = std::remove_pointer_t<decltype(y)>;
    using Map = std::conditional_t<std::is_const_v<Entry>, ConstColumns<T>, Columns<T>>;
    return Map(
        y + example * sizes.position_count() * sizes.filters + group * group_filters(), sizes.position_count(),
        group_filters(), Eigen::OuterStride<>(sizes.filters));
  }
  auto weights_of(auto* w, Index group) const {
    using Entry = std::remove_pointer_t<decltype(w)>;
    using Matrix = std::conditional_t<std::is_const_v<Entry>, const ByRows<T>, ByRows<T>>;
    return Eigen::Map<Matrix>(w + group * group_filters() * patches.columns(), group_filters(), patches.columns());
  }

  ConvolutionSizes sizes;
  Patches patches;
};

template <class T>
class PatchConvolution : public Kernel, PatchProduct<T> {
 public:
  explicit PatchConvolution(const ConvolutionSizes& given) : PatchProduct<T>(given) {}
  Index parts() const override { return std::max<Index>(1, this->sizes.examples); }
  double cost() const override { return cost_of(this->sizes); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    ByRows<T> taken;
    for (Index example = begin; example < std::min(end, this->sizes.examples); ++example) {
      for (Index group = 0; group < this->sizes.groups; ++group) {
        this->patches.take(static_cast<const T*>(inputs[0]) + this->x_start(example), group, taken);
        this->columns_of(static_cast<T*>(outputs[0]), example, group).noalias() =
            taken * this->weights_of(static_cast<const T*>(inputs[1]), group).transpose();
      }
    }
  }
};

template <class T>
class PatchDataGradient : public Kernel, PatchProduct<T> {
 public:
  explicit PatchDataGradient(const ConvolutionSizes& given) : PatchProduct<T>(given) {}
  Index parts() const override { return std::max<Index>(1, this->sizes.examples); }
  double cost() const override { return cost_of(this->sizes); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    ByRows<T> taken;
    for (Index example = begin; example < std::min(end, this->sizes.examples); ++example) {
      T* x = static_cast<T*>(outputs[0]) + this->x_start(example);
      std::fill_n(x, this->x_start(1), T{0});
      for (Index group = 0; group < this->sizes.groups; ++group) {
        taken.noalias() = this->columns_of(static_cast<const T*>(inputs[0]), example, group) *
                          this->weights_of(static_cast<const T*>(inputs[1]), group);
        this->patches.add(taken, group, x);
      }
    }
  }
};

// One part a group.
template <class T>
class PatchWeightGradient : public Kernel, PatchProduct<T> {
 public:
  PatchWeightGradient(const ConvolutionSizes& given, std::optional<KernelRequest::Accumulation> accumulation)
      : PatchProduct<T>(given), accumulation_(accumulation) {}
  Index parts() const override { return this->sizes.groups; }
  double cost() const override { return cost_of(this->sizes); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    ByRows<T> taken, sum;
    for (Index group = begin; group < end; ++group) {
      sum.setZero(this->group_filters(), this->patches.columns());
      for (Index example = 0; example < this->sizes.examples; ++example) {
        this->patches.take(static_cast<const T*>(inputs[0]) + this->x_start(example), group, taken);
        sum.noalias() += this->columns_of(static_cast<const T*>(inputs[1]), example, group).transpose() * taken;
      }
      auto weights = this->weights_of(static_cast<T*>(outputs[0]), group);
      if (accumulation_) {
        const AccumulationScales<T> by(*accumulation_, inputs);
        weights = by.addend_scale * this->weights_of(static_cast<const T*>(inputs[2]), group) + by.scale * sum;
      } else {
        weights = sum;
      }
    }
  }

 private:
  std::optional<KernelRequest::Accumulation> accumulation_;
};

// float32 that has entries; null for what is left to the patches.
KernelPointer in_a_library(ConvolutionProduct product, const ConvolutionSizes& sizes, const KernelRequest& request) {
  if (request.dtype != Dtype::float32 || sizes.empty()) return nullptr;
  if (KernelPointer kernel = convolution_by_rows(product, sizes, request.accumulation)) return kernel;
  return convolution_in_onednn(product, sizes, request.accumulation);
}

ConvolutionSizes sizes_of(ConvolutionProduct product, const KernelRequest& request) {
  const Shape &first = request.inputs[0].shape, &second = request.inputs[1].shape, &output = request.output.shape;
  switch (product) {
    case ConvolutionProduct::result:
      return {first, second, output, request.attributes};
    case ConvolutionProduct::data_gradient:
      return {output, second, first, request.attributes};
    case ConvolutionProduct::weight_gradient:
      break;
  }
  return {first, output, second, request.attributes};
}

template <ConvolutionProduct product, template <class> class InPatches>
KernelPointer in_float32_or_64(const KernelRequest& request) {
  const ConvolutionSizes sizes = sizes_of(product, request);
  if (KernelPointer kernel = in_a_library(product, sizes, request)) return kernel;
  const auto made = [&]<class Made>(const Made*) -> KernelPointer {
    if constexpr (product == ConvolutionProduct::weight_gradient) {
      return std::make_unique<Made>(sizes, request.accumulation);
    } else {
      return std::make_unique<Made>(sizes);
    }
  };
  if (request.dtype == Dtype::float32) return made(static_cast<const InPatches<float>*>(nullptr));
  return made(static_cast<const InPatches<double>*>(nullptr));
}

template <ConvolutionProduct product>
KernelPointer in_bfloat16(const KernelRequest& request) {
  const ConvolutionSizes sizes = sizes_of(product, request);
  return sizes.empty() ? nullptr : convolution_of_bfloat16(product, sizes, request.accumulation);
}

template <ConvolutionProduct product, template <class> class InPatches>
KernelPointer kernel_of(const KernelRequest& request) {
  constexpr auto plain = in_float32_or_64<product, InPatches>;
  return request.bfloat16 ? of_rounded_factors(request, in_bfloat16<product>, plain) : plain(request);
}

}  // namespace

KernelPointer convolution(const KernelRequest& request) {
  return kernel_of<ConvolutionProduct::result, PatchConvolution>(request);
}

KernelPointer convolution_data_gradient(const KernelRequest& request) {
  return kernel_of<ConvolutionProduct::data_gradient, PatchDataGradient>(request);
}

KernelPointer convolution_weight_gradient(const KernelRequest& request) {
  return kernel_of<ConvolutionProduct::weight_gradient, PatchWeightGradient>(request);
}

}  // namespace gradus::cpu

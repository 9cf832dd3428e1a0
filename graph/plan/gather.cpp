#include <gradus/graph/plan/gather.h>

#include <algorithm>
#include <cstring>

namespace gradus::plan {

Gather::Gather(const Layout& layout, Index item_bytes) : item_bytes_(item_bytes) {
  for (int i = 0; i < layout.shape.rank(); ++i) {
    const Axis axis{layout.shape[i], layout.stride(i)};
    if (axis.size == 1) continue;
    if (!axes_.empty() && axes_.back().stride == axis.stride * axis.size) {
      axes_.back() = {axes_.back().size * axis.size, axis.stride};
    } else {
      axes_.push_back(axis);
    }
  }
  if (axes_.empty()) axes_.push_back({1, 1});
}

namespace {

template <class T>
void copy_run(const T* from, Index stride, T* to, Index count) {
  if (stride == 1) {
    std::memcpy(to, from, static_cast<std::size_t>(count) * sizeof(T));
  } else if (stride == 0) {
    std::fill_n(to, count, *from);
  } else {
    for (Index i = 0; i < count; ++i) to[i] = from[i * stride];
  }
}

}  // namespace

void Gather::copy(const void* from, void* to, Index first, Index count) const {
  const auto run = [&]<class T>(T) {
    const std::size_t rank = axes_.size();
    std::array<Index, max_rank> at{};
    const T* source = static_cast<const T*>(from);
    for (std::size_t axis = rank; axis-- > 0;) {
      at[axis] = first % axes_[axis].size;
      first /= axes_[axis].size;
      source += at[axis] * axes_[axis].stride;
    }
    T* target = static_cast<T*>(to);
    const Axis inner = axes_[rank - 1];
    for (Index left = count; left > 0;) {
      const Index length = std::min(left, inner.size - at[rank - 1]);
      copy_run(source, inner.stride, target, length);
      target += length;
      left -= length;
      source += length * inner.stride;
      at[rank - 1] += length;
      for (std::size_t axis = rank - 1; axis > 0 && at[axis] == axes_[axis].size; --axis) {
        source += axes_[axis - 1].stride - axes_[axis].size * axes_[axis].stride;
        at[axis] = 0;
        ++at[axis - 1];
      }
    }
  };
  if (item_bytes_ == 4) {
    run(std::uint32_t{});
  } else if (item_bytes_ == 8) {
    run(std::uint64_t{});
  } else {
    run(std::uint8_t{});
  }
}

Layout broadcast_layout(const Layout& layout, const Shape& shape) {
  Layout result{.shape = shape, .offset = layout.offset};
  const int lead = shape.rank() - layout.shape.rank();
  for (int axis = 0; axis < layout.shape.rank(); ++axis) {
    const bool stretched = layout.shape[axis] == 1 && shape[lead + axis] != 1;
    result.stride(lead + axis) = stretched ? 0 : layout.stride(axis);
  }
  return result;
}

KernelPointer copy_kernel(const Layout& from, Dtype dtype) {
  constexpr Index part = 1 << 15;
  const Index count = from.shape.count(), item = bytes_of(dtype);
  const Index parts = std::max<Index>(1, (count + part - 1) / part);
  return make_kernel(
      parts, 0,
      [gather = Gather(from, item), count, item](
          const void* const* inputs, void* const* outputs, Index begin, Index end) {
        const Index first = begin * part, last = std::min(count, end * part);
        if (first >= last) return;
        gather.copy(inputs[0], static_cast<std::byte*>(outputs[0]) + first * item, first, last - first);
      });
}

}  // namespace gradus::plan

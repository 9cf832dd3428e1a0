#include <gradus/ops/cpu/indexing.h>

#include <cstdint>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gradus/graph/error.h>
#include <gradus/ops/cpu/axis_split.h>
#include <gradus/ops/cpu/entry_types.h>

namespace gradus::cpu {

namespace {

// The indices of one call, and what they may be.
class CheckedIndices {
 public:
  // `what`: "axis 0 has 5 entries", for the message.
  CheckedIndices(std::string_view operation, const Shape& shape, Index size, std::string what)
      : operation_(operation), shape_(shape), size_(size), what_(std::move(what)) {}

  Index at(const void* indices, Index position) const {
    const std::int32_t index = static_cast<const std::int32_t*>(indices)[position];
    if (index < 0 || index >= size_) fail(index, position);
    return index;
  }

 private:
  [[noreturn]] void fail(std::int32_t index, Index position) const {
    std::array<Index, max_rank> coordinates{};
    for (int axis = shape_.rank() - 1; axis >= 0; --axis) {
      coordinates[static_cast<std::size_t>(axis)] = position % shape_[axis];
      position /= shape_[axis];
    }
    const std::span<const Index> used(coordinates.data(), static_cast<std::size_t>(shape_.rank()));
    const std::string range = size_ == 0 ? "no index fits" : fmt::format("indices run from 0 to {}", size_ - 1);
    throw ValueError(fmt::format(
        "{}: index {} at position [{}] is out of range: {}, {}", operation_, index, fmt::join(used, ", "), what_,
        range));
  }

  std::string_view operation_;
  Shape shape_;
  Index size_;
  std::string what_;
};

std::string entries_text(Index axis, Index size) {
  return fmt::format("axis {} has {} entr{}", axis, size, size == 1 ? "y" : "ies");
}

}  // namespace

KernelPointer take(const KernelRequest& request) {
  const Index axis = request.attributes.integers()[0];
  const AxisSplit in(request.inputs[0].shape, axis);
  const Index count = request.inputs[1].shape.count(), rows = in.outer * count;
  const CheckedIndices indices("take", request.inputs[1].shape, in.size, entries_text(axis, in.size));
  return with_entry_type(request.dtype, [&]<class Entry>(Entry) {
    const Index pieces = pieces_a_part(rows, in.inner);
    return make_kernel(
        parts_of(rows, pieces), 0, [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
          const auto* from = static_cast<const Entry*>(inputs[0]);
          auto* to = static_cast<Entry*>(outputs[0]);
          const Index last = std::min(end * pieces, rows);
          for (Index row = begin * pieces; row < last; ++row) {
            const Index index = indices.at(inputs[1], row % count);
            std::copy_n(from + (row / count * in.size + index) * in.inner, in.inner, to + row * in.inner);
          }
        });
  });
}

KernelPointer scatter_add(const KernelRequest& request) {
  const Index axis = request.attributes.integers()[0];
  const AxisSplit out(request.output.shape, axis);
  const Index count = request.inputs[1].shape.count();
  const CheckedIndices indices("scatter_add", request.inputs[1].shape, out.size, entries_text(axis, out.size));
  // A part owns some rows of the result and goes through all indices in order, so no two parts add to one entry. Every
  // part reads every index: more than a few are not worth it.
  constexpr Index most_blocks = 16;
  const Index block = std::max(pieces_a_part(out.size, out.inner), (out.size + most_blocks - 1) / most_blocks);
  const Index blocks = parts_of(out.size, block);
  return with_number_type(request.dtype, [&]<class Number>(Number) {
    return make_kernel(
        std::max<Index>(out.outer * blocks, 1), 0,
        [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
          for (Index part = begin; part < std::min(end, out.outer * blocks); ++part) {
            const Index o = part / blocks, first = part % blocks * block, past = std::min(first + block, out.size);
            const Number* from = static_cast<const Number*>(inputs[0]) + o * count * out.inner;
            Number* to = static_cast<Number*>(outputs[0]) + o * out.size * out.inner;
            std::fill(to + first * out.inner, to + past * out.inner, Number{});
            for (Index i = 0; i < count; ++i) {
              const Index index = indices.at(inputs[1], i);
              if (index < first || index >= past) continue;
              for (Index j = 0; j < out.inner; ++j) to[index * out.inner + j] += from[i * out.inner + j];
            }
          }
        });
  });
}

KernelPointer take_along(const KernelRequest& request) {
  const Index axis = request.attributes.integers()[0];
  const AxisSplit in(request.inputs[0].shape, axis), out(request.output.shape, axis);
  const CheckedIndices indices("take_along", request.output.shape, in.size, entries_text(axis, in.size));
  const Index rows = out.outer * out.size;
  return with_entry_type(request.dtype, [&]<class Entry>(Entry) {
    const Index pieces = pieces_a_part(rows, out.inner);
    return make_kernel(
        parts_of(rows, pieces), 0, [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
          const auto* from = static_cast<const Entry*>(inputs[0]);
          auto* to = static_cast<Entry*>(outputs[0]);
          const Index last = std::min(end * pieces, rows);
          for (Index row = begin * pieces; row < last; ++row) {
            const Entry* base = from + row / out.size * in.size * in.inner;
            for (Index j = 0; j < out.inner; ++j) {
              const Index position = row * out.inner + j;
              to[position] = base[indices.at(inputs[1], position) * in.inner + j];
            }
          }
        });
  });
}

KernelPointer scatter_add_along(const KernelRequest& request) {
  const Index axis = request.attributes.integers()[0];
  const AxisSplit in(request.inputs[0].shape, axis), out(request.output.shape, axis);
  const CheckedIndices indices("scatter_add_along", request.inputs[0].shape, out.size, entries_text(axis, out.size));
  return with_number_type(request.dtype, [&]<class Number>(Number) {
    // Entries of different outer rows never meet.
    const Index pieces = pieces_a_part(out.outer, (in.size + out.size) * out.inner);
    return make_kernel(
        parts_of(out.outer, pieces), 0, [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
          const auto* from = static_cast<const Number*>(inputs[0]);
          const Index last = std::min(end * pieces, out.outer);
          for (Index o = begin * pieces; o < last; ++o) {
            Number* to = static_cast<Number*>(outputs[0]) + o * out.size * out.inner;
            std::fill_n(to, out.size * out.inner, Number{});
            for (Index i = 0; i < in.size; ++i) {
              for (Index j = 0; j < in.inner; ++j) {
                const Index position = (o * in.size + i) * in.inner + j;
                to[indices.at(inputs[1], position) * out.inner + j] += from[position];
              }
            }
          }
        });
  });
}

KernelPointer one_hot(const KernelRequest& request) {
  const Index classes = request.attributes.integers()[0], rows = request.inputs[0].shape.count();
  const CheckedIndices labels(
      "one_hot", request.inputs[0].shape, classes,
      fmt::format("there are {} class{}", classes, classes == 1 ? "" : "es"));
  const auto made = [&]<class Entry>(Entry one) {
    const Index pieces = pieces_a_part(rows, classes);
    return make_kernel(
        parts_of(rows, pieces), 0, [=](const void* const* inputs, void* const* outputs, Index begin, Index end) {
          const Index first = begin * pieces, last = std::min(end * pieces, rows);
          auto* to = static_cast<Entry*>(outputs[0]);
          std::fill(to + first * classes, to + last * classes, Entry{});
          for (Index row = first; row < last; ++row) to[row * classes + labels.at(inputs[0], row)] = one;
        });
  };
  if (request.dtype == Dtype::boolean) return made(std::uint8_t{1});
  return with_number_type(request.dtype, [&]<class Number>(Number) { return made(Number{1}); });
}

}  // namespace gradus::cpu

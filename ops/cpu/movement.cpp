#include <gradus/ops/cpu/movement.h>

#include <cstdint>
#include <cstring>

#include <gradus/ops/cpu/axis_split.h>
#include <gradus/ops/cpu/entry_types.h>

namespace gradus::cpu {

namespace {

// The bits of `value` as an entry of a dtype.
template <class Entry>
Entry entry_of(double value, Dtype dtype) {
  Entry entry{};
  const auto put = [&](auto number) { std::memcpy(&entry, &number, std::min(sizeof entry, sizeof number)); };
  switch (dtype) {
    case Dtype::float32:
      put(static_cast<float>(value));
      break;
    case Dtype::float64:
      put(value);
      break;
    case Dtype::int32:
      put(static_cast<std::int32_t>(value));
      break;
    case Dtype::boolean:
      put(static_cast<std::uint8_t>(value != 0));
      break;
  }
  return entry;
}

}  // namespace

KernelPointer concatenate(const KernelRequest& request) {
  const AxisSplit out(request.output.shape, request.attributes.integers()[0]);
  const Index bytes = bytes_of(request.dtype);
  struct Piece {
    Index start, length;  // within one outer row of the result, in bytes
  };
  std::vector<Piece> pieces;
  Index start = 0;
  for (const Layout& input : request.inputs) {
    const Index length = AxisSplit(input.shape, request.attributes.integers()[0]).size * out.inner * bytes;
    pieces.push_back({start, length});
    start += length;
  }
  // One part an input.
  return make_kernel(
      static_cast<Index>(pieces.size()), 0,
      [pieces, outer = out.outer, row = start](
          const void* const* inputs, void* const* outputs, Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
          const auto [offset, length] = pieces[static_cast<std::size_t>(i)];
          if (length == 0) continue;
          const auto* from = static_cast<const char*>(inputs[i]);
          auto* to = static_cast<char*>(outputs[0]) + offset;
          for (Index o = 0; o < outer; ++o) {
            std::memcpy(to + o * row, from + o * length, static_cast<std::size_t>(length));
          }
        }
      });
}

KernelPointer pad(const KernelRequest& request) {
  const auto integers = request.attributes.integers();
  const AxisSplit in(request.inputs[0].shape, integers[0]), out(request.output.shape, integers[0]);
  return with_entry_type(request.dtype, [&]<class Entry>(Entry) {
    const auto value = entry_of<Entry>(request.attributes.reals()[0], request.dtype);
    const Index pieces = pieces_a_part(out.outer, out.size * out.inner);
    return make_kernel(
        parts_of(out.outer, pieces), 0,
        [in, out, value, pieces, before = integers[1], stride = integers[3] + 1](
            const void* const* inputs, void* const* outputs, Index begin, Index end) {
          const Index last = std::min(end * pieces, out.outer);
          for (Index o = begin * pieces; o < last; ++o) {
            const Entry* from = static_cast<const Entry*>(inputs[0]) + o * in.size * in.inner;
            Entry* to = static_cast<Entry*>(outputs[0]) + o * out.size * out.inner;
            std::fill_n(to, out.size * out.inner, value);
            if (stride == 1) {
              std::copy_n(from, in.size * in.inner, to + before * out.inner);
              continue;
            }
            for (Index i = 0; i < in.size; ++i) {
              std::copy_n(from + i * in.inner, in.inner, to + (before + i * stride) * out.inner);
            }
          }
        });
  });
}

namespace {

template <bool lower>
KernelPointer triangle(const KernelRequest& request) {
  const Shape& shape = request.output.shape;
  const Index columns = shape[shape.rank() - 1], rows = shape[shape.rank() - 2];
  const Index all_rows = columns == 0 ? 0 : shape.count() / columns;
  const Index pieces = pieces_a_part(all_rows, columns);
  return with_entry_type(request.dtype, [&]<class Entry>(Entry) {
    return make_kernel(
        parts_of(all_rows, pieces), 0,
        [=, diagonal = request.attributes.integers()[0]](
            const void* const* inputs, void* const* outputs, Index begin, Index end) {
          const Index last = std::min(end * pieces, all_rows);
          for (Index row = begin * pieces; row < last; ++row) {
            const Entry* from = static_cast<const Entry*>(inputs[0]) + row * columns;
            Entry* to = static_cast<Entry*>(outputs[0]) + row * columns;
            // The columns before `cut` are those below the diagonal, for the lower triangle with it.
            const Index cut = std::clamp<Index>(row % rows + diagonal + (lower ? 1 : 0), 0, columns);
            const Index kept = lower ? 0 : cut, cleared = lower ? cut : 0;
            const Index kept_count = lower ? cut : columns - cut;
            std::copy_n(from + kept, kept_count, to + kept);
            std::fill_n(to + cleared, columns - kept_count, Entry{});
          }
        });
  });
}

}  // namespace

KernelPointer lower_triangle(const KernelRequest& request) {
  return triangle<true>(request);
}
KernelPointer upper_triangle(const KernelRequest& request) {
  return triangle<false>(request);
}

}  // namespace gradus::cpu

#include <gradus/ops/cpu/convolution_rows.h>

#include <algorithm>

#include <libxsmm.h>

namespace gradus::cpu {

namespace {

// Rows of `columns` entries become columns.
void transpose(const float* from, Index rows, Index columns, Index from_leading, float* to, Index to_leading) {
  const auto size = [](Index n) { return static_cast<libxsmm_blasint>(n); };
  libxsmm_otrans(to, from, sizeof(float), size(columns), size(rows), size(from_leading), size(to_leading));
}

}  // namespace

ConvolutionRows::ConvolutionRows(const ConvolutionSizes& sizes)
    : channels(sizes.channels / sizes.groups), filters(sizes.filters / sizes.groups) {
  const int last = sizes.window.rank - 1;
  const WindowAxis& window = sizes.window[last];
  row_entries = sizes.entries[static_cast<std::size_t>(last)];
  row_positions = sizes.positions[static_cast<std::size_t>(last)];
  x_rows = sizes.entry_count() / row_entries;
  y_rows = sizes.position_count() / row_positions;
  row_taps = window.size;
  leading_taps = sizes.window.count() / row_taps;
  stride = window.stride;
  dilation = window.dilation;
  before = window.before;
  padded_entries = std::max(before + row_entries, (row_positions - 1) * stride + window.extent());
  for (Index y_row = 0; y_row < y_rows; ++y_row) {
    for (Index tap = 0; tap < leading_taps; ++tap) {
      met_.push_back(static_cast<std::int32_t>(sizes.met(y_row, tap, last)));
    }
  }
}

void ConvolutionRows::pad(const float* x, Index all_channels, float* padded) const {
  const Index front = before * all_channels, entries = row_entries * all_channels,
              behind = (padded_entries - before - row_entries) * all_channels;
  for (Index row = 0; row < x_rows; ++row) {
    padded = std::fill_n(padded, front, 0.0F);
    padded = std::copy_n(x, entries, padded);
    padded = std::fill_n(padded, behind, 0.0F);
    x += entries;
  }
}

void ConvolutionRows::pad_planes(const float* x, Index all_channels, float* padded) const {
  const Index plane = x_rows * padded_entries;
  if (padded_entries > row_entries) std::fill_n(padded, all_channels * plane, 0.0F);
  for (Index row = 0; row < x_rows; ++row) {
    float* const to = padded + row * padded_entries + before;
    if (all_channels == 1) {
      std::copy_n(x + row * row_entries, row_entries, to);
    } else {
      transpose(x + row * row_entries * all_channels, row_entries, all_channels, all_channels, to, plane);
    }
  }
}

void weights_by_tap(const ConvolutionRows& rows, Index groups, const float* weights, float* by_tap) {
  const Index group = rows.filters * rows.channels * rows.taps();
  for (Index g = 0; g < groups; ++g) {
    for (Index c = 0; c < rows.channels; ++c) {
      transpose(
          weights + g * group + c * rows.taps(), rows.filters, rows.taps(), rows.channels * rows.taps(),
          by_tap + g * group + c * rows.filters, rows.channels * rows.filters);
    }
  }
}

void weights_from_taps(const ConvolutionRows& rows, Index groups, const float* by_tap, float* weights) {
  const Index group = rows.filters * rows.channels * rows.taps();
  for (Index g = 0; g < groups; ++g) {
    for (Index c = 0; c < rows.channels; ++c) {
      transpose(
          by_tap + g * group + c * rows.filters, rows.taps(), rows.filters, rows.channels * rows.filters,
          weights + g * group + c * rows.taps(), rows.channels * rows.taps());
    }
  }
}

void weights_by_filter(const ConvolutionRows& rows, Index groups, const float* weights, float* by_filter) {
  const Index filter = rows.channels * rows.taps();
  for (Index f = 0; f < groups * rows.filters; ++f) {
    transpose(weights + f * filter, rows.channels, rows.taps(), rows.taps(), by_filter + f * filter, rows.channels);
  }
}

}  // namespace gradus::cpu

#pragma once

#include <gradus/ops/cpu/convolution.h>
#include <gradus/ops/cpu/sum_of_products.h>

namespace gradus::cpu {

/// A convolution row by row along its last spatial axis. Under one tap (entry of the window), what a row of x gives to
/// a row of y is a product of matrices: [positions, channels] with that tap's weights [channels, filters].
class ConvolutionRows {
 public:
  explicit ConvolutionRows(const ConvolutionSizes& sizes);

  Index channels, filters;           ///< of a group
  Index x_rows, y_rows;              ///< of one example
  Index row_entries, row_positions;  ///< of a row of x and of y
  Index leading_taps, row_taps;      ///< along the other axes, and along a row
  Index stride, dilation, before;    ///< along a row
  Index padded_entries;              ///< of a row of x with the padding that the window meets

  Index taps() const { return leading_taps * row_taps; }
  bool is_padded() const { return before > 0 || padded_entries > row_entries; }
  /// Which row of x a row of y meets at a leading tap; −1: padding.
  Index met_row(Index y_row, Index leading_tap) const {
    return met_[static_cast<std::size_t>(y_row * leading_taps + leading_tap)];
  }

  /// Copies an example of x, all groups, with its padding; as long as x_rows · padded_entries · all channels.
  void pad(const float* x, Index all_channels, float* padded) const;
  /// The same channel by channel, [channels, x_rows, padded_entries].
  void pad_planes(const float* x, Index all_channels, float* padded) const;

 private:
  std::vector<std::int32_t> met_;
};

/// Weights as they are, [groups, filters, channels, taps], to [groups, taps, channels, filters], and back.
void weights_by_tap(const ConvolutionRows& rows, Index groups, const float* weights, float* by_tap);
void weights_from_taps(const ConvolutionRows& rows, Index groups, const float* by_tap, float* weights);
/// The same to [groups, filters, taps, channels].
void weights_by_filter(const ConvolutionRows& rows, Index groups, const float* weights, float* by_filter);

}  // namespace gradus::cpu

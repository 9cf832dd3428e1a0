#include <algorithm>

#include <Eigen/Core>

#include <gradus/ops/cpu/accumulation.h>
#include <gradus/ops/cpu/convolution_parts.h>
#include <gradus/ops/cpu/convolution_rows.h>

namespace gradus::cpu {

namespace {

// In ns: a part that writes what is its own, and one that adds up weights of its own, for which it needs some memory.
constexpr double least_part = 10'000;
double least_weight_part(Index weights) {
  return 8'000 + 20 * static_cast<double>(weights);
}

Index bytes_of_floats(Index count) {
  return aligned_bytes(count * static_cast<Index>(sizeof(float)));
}

float* scratch(void* const* outputs, Index bytes) {
  return reinterpret_cast<float*>(static_cast<std::byte*>(outputs[1]) + bytes);
}

class ByRows : public ExamplesInParts {
 protected:
  ByRows(const ConvolutionSizes& given, double least) : ExamplesInParts(given, least), rows(given) {}

  // A row of x as the products read it, and an example of such rows.
  Index x_row() const { return rows.padded_entries * sizes.channels; }
  Index padded_example() const { return rows.is_padded() ? rows.x_rows * x_row() : 0; }
  Index y_row() const { return rows.row_positions * sizes.filters; }
  Index group_weights() const { return rows.taps() * rows.channels * rows.filters; }
  Index weight_bytes() const { return bytes_of_floats(sizes.weight_count()); }

  ConvolutionRows rows;
};

// A product with the weights, example by example. Scratch memory: the weights in another order, then each part's own.
class WithWeights : public ByRows {
 public:
  bool has_code() const { return static_cast<bool>(code); }
  std::optional<EntryRuns> entries(Index part) const override { return part_of(part, to_example_); }
  Index scratch_bytes() const override { return weight_bytes() + part_count * part_bytes(); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    for (Index part = begin; part < end; ++part) {
      const float* from = static_cast<const float*>(inputs[0]) + part * part_examples * from_example_;
      float* to = static_cast<float*>(outputs[0]) + part * part_examples * to_example_;
      float* const own = scratch(outputs, weight_bytes() + part * part_bytes());
      for (Index i = 0; i < examples_of(part); ++i, from += from_example_, to += to_example_) {
        run_example(from, scratch(outputs, 0), own, to);
      }
    }
  }

 protected:
  /// From an example of so many entries to one of so many.
  WithWeights(const ConvolutionSizes& given, Index from, Index to)
      : ByRows(given, least_part), from_example_(from), to_example_(to) {}

  /// In floats.
  virtual Index part_scratch() const = 0;
  virtual void run_example(const float* from, const float* weights, float* own, float* to) const = 0;

  ProductCode code;
  ProductTerms terms;  // a sum for each row of the result

 private:
  Index part_bytes() const { return bytes_of_floats(part_scratch()); }

  Index from_example_, to_example_;
};

// A row of y is the sum over all taps. A part's own memory is an example with padding.
class Result final : public WithWeights {
 public:
  explicit Result(const ConvolutionSizes& given) : WithWeights(given, given.x_example(), given.y_example()) {
    code = ProductCode(
        {.rows = rows.row_positions,
         .inner = rows.channels,
         .columns = rows.filters,
         .a_leading = rows.stride * given.channels,
         .b_leading = rows.filters,
         .c_leading = given.filters});
    for (Index y_row = 0; y_row < rows.y_rows; ++y_row) {
      terms.begin_sum();
      for (Index tap = 0; tap < rows.taps(); ++tap) {
        const Index met = rows.met_row(y_row, tap / rows.row_taps);
        if (met < 0) continue;
        const Index along = tap % rows.row_taps * rows.dilation * given.channels;
        terms.add(met * x_row() + along, tap * rows.channels * rows.filters);
      }
    }
  }

  void start(const void* const* inputs, void* const* outputs) const override {
    weights_by_tap(rows, sizes.groups, static_cast<const float*>(inputs[1]), scratch(outputs, 0));
  }

 private:
  Index part_scratch() const override { return padded_example(); }

  void run_example(const float* x, const float* weights, float* padded, float* y) const override {
    if (rows.is_padded()) {
      rows.pad(x, sizes.channels, padded);
      x = padded;
    }
    for (Index g = 0; g < sizes.groups; ++g) {
      for (Index row = 0; row < rows.y_rows; ++row) {
        float* const to = y + row * y_row() + g * rows.filters;
        if (terms.count(row) > 0) {
          code.run(x + g * rows.channels, weights + g * group_weights(), to, terms, row);
        } else {
          for (Index q = 0; q < rows.row_positions; ++q) std::fill_n(to + q * sizes.filters, rows.filters, 0.0F);
        }
      }
    }
  }
};

// What a row of x gets from each position of the rows of y that meet it, [positions, taps along the row, channels], is
// a sum of products; an entry of the row is then the sum over the taps that reach it. A part's own memory is such a
// matrix.
class DataGradient final : public WithWeights {
 public:
  explicit DataGradient(const ConvolutionSizes& given) : WithWeights(given, given.y_example(), given.x_example()) {
    code = ProductCode(
        {.rows = rows.row_positions,
         .inner = rows.filters,
         .columns = reached(),
         .a_leading = given.filters,
         .b_leading = rows.taps() * rows.channels,
         .c_leading = reached()});
    for (Index x_row = 0; x_row < rows.x_rows; ++x_row) {
      terms.begin_sum();
      for (Index row = 0; row < rows.y_rows; ++row) {
        for (Index tap = 0; tap < rows.leading_taps; ++tap) {
          if (rows.met_row(row, tap) == x_row) terms.add(row * y_row(), tap * reached());
        }
      }
    }
    find_sources();
  }

  void start(const void* const* inputs, void* const* outputs) const override {
    weights_by_filter(rows, sizes.groups, static_cast<const float*>(inputs[1]), scratch(outputs, 0));
  }

 private:
  // How many columns of the matrix belong to a position.
  Index reached() const { return rows.row_taps * rows.channels; }
  Index part_scratch() const override { return rows.row_positions * reached(); }

  void find_sources() {
    for (Index entry = 0; entry < rows.row_entries; ++entry) {
      for (Index tap = 0; tap < rows.row_taps; ++tap) {
        const Index start = entry + rows.before - tap * rows.dilation;
        if (start < 0 || start % rows.stride != 0 || start / rows.stride >= rows.row_positions) continue;
        sources_.push_back(start / rows.stride * reached() + tap * rows.channels);
      }
      sources_end_.push_back(sources_.size());
    }
  }

  void run_example(const float* y, const float* weights, float* matrix, float* x) const override {
    for (Index g = 0; g < sizes.groups; ++g) {
      for (Index row = 0; row < rows.x_rows; ++row) {
        float* const to = x + row * rows.row_entries * sizes.channels + g * rows.channels;
        const bool any = terms.count(row) > 0;
        if (any) code.run(y + g * rows.filters, weights + g * group_weights(), matrix, terms, row);
        gather(any, matrix, to);
      }
    }
  }

  void gather(bool any, const float* matrix, float* to) const {
    std::size_t first = 0;
    for (const std::size_t end : sources_end_) {
      const std::span<const Index> sources =
          any ? std::span(sources_).subspan(first, end - first) : std::span<const Index>();
      Index c = 0;
      for (; c + 16 <= rows.channels; c += 16) gather_channels<16>(sources, matrix + c, to + c);
      for (; c + 4 <= rows.channels; c += 4) gather_channels<4>(sources, matrix + c, to + c);
      for (; c < rows.channels; ++c) gather_channels<1>(sources, matrix + c, to + c);
      to += sizes.channels;
      first = end;
    }
  }

  template <int count>
  static void gather_channels(std::span<const Index> sources, const float* matrix, float* to) {
    using Channels = Eigen::Array<float, count, 1>;
    Channels sum = Channels::Zero();
    for (const Index source : sources) sum += Eigen::Map<const Channels>(matrix + source);
    Eigen::Map<Channels>{to} = sum;
  }

  std::vector<Index> sources_;            // of the entries of a row of x: where in the matrix
  std::vector<std::size_t> sources_end_;  // of each entry
};

// Some examples at a time weights by tap are added up, and these sums in their order. A part is a slice of such
// weights. Scratch memory: the sums, then one more for the whole as weights lie, then each sum's copies of x.
class WeightGradient : public ByRows {
 public:
  Index parts() const override { return part_count * slices; }
  Index scratch_bytes() const override {
    return (part_count + 1) * weight_bytes() + part_count * bytes_of_floats(copied());
  }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const Index slice_weights = group_weights() / slices;
    for (Index i = begin; i < end; ++i) {
      const Index part = i / slices, slice = i % slices;
      float* const sum = scratch(outputs, part * weight_bytes()) + slice * slice_weights;
      for (Index g = 0; g < sizes.groups; ++g) std::fill_n(sum + g * group_weights(), slice_weights, 0.0F);
      float* const copies = scratch(outputs, (part_count + 1) * weight_bytes() + part * bytes_of_floats(copied()));
      const auto* x = static_cast<const float*>(inputs[0]) + x_start(part);
      const auto* y = static_cast<const float*>(inputs[1]) + y_start(part);
      run_examples(x, y, examples_of(part), slice, copies, sum);
    }
  }

  void finish(const void* const* inputs, void* const* outputs) const override {
    const Index count = sizes.weight_count();
    using Weights = Eigen::Map<Eigen::Array<float, Eigen::Dynamic, 1>>;
    Weights total(scratch(outputs, 0), count);
    for (Index part = 1; part < part_count; ++part) total += Weights(scratch(outputs, part * weight_bytes()), count);
    auto* const output = static_cast<float*>(outputs[0]);
    if (!accumulation_) return weights_from_taps(rows, sizes.groups, total.data(), output);
    Weights result(scratch(outputs, part_count * weight_bytes()), count);
    weights_from_taps(rows, sizes.groups, total.data(), result.data());
    using Addend = Eigen::Map<const Eigen::Array<float, Eigen::Dynamic, 1>>;
    const AccumulationScales<float> by(*accumulation_, inputs);
    Weights(output, count) = by.addend_scale * Addend(static_cast<const float*>(inputs[2]), count) + by.scale * result;
  }

 protected:
  WeightGradient(const ConvolutionSizes& given, std::optional<KernelRequest::Accumulation> accumulation)
      : ByRows(given, least_weight_part(given.weight_count())), accumulation_(accumulation) {}

  virtual Index copied() const { return 0; }
  /// Adds to `sum`, where the slice of the first group begins.
  virtual void run_examples(
      const float* x, const float* y, Index examples, Index slice, float* copies, float* sum) const = 0;

  Index slices = 1;  // of a group's weights, each with as many leading taps

 private:
  std::optional<KernelRequest::Accumulation> accumulation_;
};

// Where there are many channels: a tap's weights are a sum over rows of y, for a few rows at a time that stay in the
// cache. Positions where the tap stands on padding are left out.
class WeightGradientByTaps final : public WeightGradient {
 public:
  WeightGradientByTaps(const ConvolutionSizes& given, std::optional<KernelRequest::Accumulation> accumulation)
      : WeightGradient(given, accumulation) {
    for (Index tap = 0; tap < rows.row_taps; ++tap) along_.push_back(along(tap));
    const Index row = rows.stride * rows.row_entries * given.channels + y_row();
    block_rows_ = std::clamp<Index>(most_entries / row, 1, rows.y_rows);
    blocks_ = (rows.y_rows + block_rows_ - 1) / block_rows_;
    if (blocks_ == 1) block_examples_ = std::clamp<Index>(most_entries / (row * rows.y_rows), 1, part_examples);
    for (Index block = 0; block < blocks_; ++block) {
      for (Index tap = 0; tap < rows.leading_taps; ++tap) list_terms(block, tap);
    }
    const auto sums = static_cast<double>(part_count * rows.leading_taps);
    if (part_count < enough_parts && cost() >= sums * least_part) slices = rows.leading_taps;
  }

  bool has_code() const {
    return std::ranges::all_of(along_, [](const Along& at) { return at.empty || static_cast<bool>(at.code); });
  }

 private:
  // A tap's place along a row: from where rows of x and of y meet there.
  struct Along {
    bool empty = false;
    Index x = 0, y = 0;
    ProductCode code = {};
  };

  static constexpr Index most_entries = 32'768;
  // With fewer, each slice of the weights is a part, though it reads everything again.
  static constexpr Index enough_parts = 8;

  Along along(Index tap) const {
    const Index at = tap * rows.dilation - rows.before;
    const Index first = at >= 0 ? 0 : (-at + rows.stride - 1) / rows.stride;
    const Index reach = rows.row_entries - 1 - at;
    const Index last = reach < 0 ? -1 : std::min(rows.row_positions - 1, reach / rows.stride);
    if (last < first) return {.empty = true};
    return {
        .x = (first * rows.stride + at) * sizes.channels,
        .y = first * sizes.filters,
        .code = ProductCode(
            {.rows = rows.channels,
             .inner = last - first + 1,
             .columns = rows.filters,
             .a_transposed = true,
             .a_leading = rows.stride * sizes.channels,
             .b_leading = sizes.filters,
             .c_leading = rows.filters,
             .accumulate = true})};
  }

  void list_terms(Index block, Index tap) {
    terms_.begin_sum();
    const Index end = std::min(rows.y_rows, (block + 1) * block_rows_);
    for (Index i = 0; i < block_examples_; ++i) {
      for (Index row = block * block_rows_; row < end; ++row) {
        const Index met = rows.met_row(row, tap);
        if (met < 0) continue;
        terms_.add(i * x_example() + met * rows.row_entries * sizes.channels, i * y_example() + row * y_row());
      }
    }
  }

  void run_examples(const float* x, const float* y, Index examples, Index slice, float*, float* sum) const override {
    const Index taps = rows.leading_taps / slices;
    for (Index i = 0; i < examples; i += block_examples_) {
      const Index together = std::min(block_examples_, examples - i);
      for (Index block = 0; block < blocks_; ++block) {
        for (Index g = 0; g < sizes.groups; ++g) {
          const float* const x_group = x + i * x_example() + g * rows.channels;
          const float* const y_group = y + i * y_example() + g * rows.filters;
          float* to = sum + g * group_weights();
          for (Index tap = slice * taps; tap < (slice + 1) * taps; ++tap) {
            add_along(x_group, y_group, block * rows.leading_taps + tap, together, to);
            to += rows.row_taps * rows.channels * rows.filters;
          }
        }
      }
    }
  }

  // A leading tap with all along the row.
  void add_along(const float* x, const float* y, Index list, Index examples, float* sum) const {
    const Index count = terms_.count(list) / block_examples_ * examples;
    for (const Along& at : along_) {
      if (count > 0 && !at.empty) at.code.run(x + at.x, y + at.y, sum, terms_, list, count);
      sum += rows.channels * rows.filters;
    }
  }

  std::vector<Along> along_;  // by tap along a row
  Index block_rows_ = 1, blocks_ = 1, block_examples_ = 1;
  ProductTerms terms_;  // a sum for each block of rows and leading tap; examples outermost
};

// Where there are few: the product of what all taps meet, [taps, channels, positions], copied for some rows at a time,
// with these rows of y.
class WeightGradientByPatches final : public WeightGradient {
 public:
  WeightGradientByPatches(const ConvolutionSizes& given, std::optional<KernelRequest::Accumulation> accumulation)
      : WeightGradient(given, accumulation) {
    const Index row = rows.row_positions * rows.taps() * rows.channels;
    for (Index block = 2; block <= rows.y_rows && block * row <= most_entries; ++block) {
      if (rows.y_rows % block == 0) block_ = block;
    }
    code_ = ProductCode(
        {.rows = rows.taps() * rows.channels,
         .inner = positions(),
         .columns = rows.filters,
         .a_leading = positions(),
         .b_leading = given.filters,
         .c_leading = rows.filters,
         .accumulate = true});
    terms_.begin_sum();
    terms_.add(0, 0);
  }

  bool has_code() const { return static_cast<bool>(code_); }

 private:
  static constexpr Index most_entries = 16'384;

  Index positions() const { return block_ * rows.row_positions; }
  Index planes() const { return sizes.channels * rows.x_rows * rows.padded_entries; }
  Index copied() const override { return planes() + rows.taps() * rows.channels * positions(); }

  void run_examples(const float* x, const float* y, Index examples, Index, float* copies, float* sum) const override {
    float* const patches = copies + planes();
    for (Index i = 0; i < examples; ++i, x += x_example()) {
      rows.pad_planes(x, sizes.channels, copies);
      for (Index row = 0; row < rows.y_rows; row += block_, y += block_ * y_row()) {
        for (Index g = 0; g < sizes.groups; ++g) {
          take(copies + g * planes() / sizes.groups, row, patches);
          code_.run(patches, y + g * rows.filters, sum + g * group_weights(), terms_, 0);
        }
      }
    }
  }

  void take(const float* planes, Index first_row, float* to) const {
    for (Index tap = 0; tap < rows.taps(); ++tap) {
      for (Index c = 0; c < rows.channels; ++c) {
        const float* const plane = planes + c * rows.x_rows * rows.padded_entries + tap % rows.row_taps * rows.dilation;
        for (Index row = first_row; row < first_row + block_; ++row, to += rows.row_positions) {
          take_row(plane, rows.met_row(row, tap / rows.row_taps), to);
        }
      }
    }
  }

  void take_row(const float* plane, Index met, float* to) const {
    if (met < 0) {
      std::fill_n(to, rows.row_positions, 0.0F);
    } else if (rows.stride == 1) {
      std::copy_n(plane + met * rows.padded_entries, rows.row_positions, to);
    } else {
      for (Index q = 0; q < rows.row_positions; ++q) to[q] = plane[met * rows.padded_entries + q * rows.stride];
    }
  }

  Index block_ = 1;  // rows of y
  ProductCode code_;
  ProductTerms terms_;  // one
};

template <class Made>
KernelPointer with_code(std::unique_ptr<Made> made) {
  return made->has_code() ? KernelPointer(std::move(made)) : nullptr;
}

// What was faster than oneDNN, whose own code works on blocks of 16 channels and loses least where there are many.
// Fewer columns of a product would leave most of a vector empty; weights must fit into a core's second cache.
constexpr Index least_columns = 8, least_weight_gradient_columns = 17, most_group_weights = 160'000;
// With fewer channels a weight gradient's products would be too small.
constexpr Index least_channels = 8;

bool suits_rows(ConvolutionProduct product, const ConvolutionSizes& sizes) {
  const Index channels = sizes.channels / sizes.groups, filters = sizes.filters / sizes.groups;
  const Index window = sizes.window.count();
  if (window == 1 || window * channels * filters > most_group_weights) return false;
  if (product == ConvolutionProduct::result) return filters >= least_columns;
  if (product == ConvolutionProduct::weight_gradient) return filters >= least_weight_gradient_columns;
  return sizes.window[sizes.window.rank - 1].size * channels >= least_columns;
}

}  // namespace

KernelPointer convolution_by_rows(
    ConvolutionProduct product, const ConvolutionSizes& sizes,
    const std::optional<KernelRequest::Accumulation>& accumulation) {
  if (!suits_rows(product, sizes)) return nullptr;
  if (product == ConvolutionProduct::result) return with_code(std::make_unique<Result>(sizes));
  if (product == ConvolutionProduct::data_gradient) return with_code(std::make_unique<DataGradient>(sizes));
  if (sizes.channels / sizes.groups < least_channels) {
    return with_code(std::make_unique<WeightGradientByPatches>(sizes, accumulation));
  }
  return with_code(std::make_unique<WeightGradientByTaps>(sizes, accumulation));
}

}  // namespace gradus::cpu

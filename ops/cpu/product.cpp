#include <gradus/ops/cpu/product.h>

#include <algorithm>

#include <gradus/ops/cpu/accumulation.h>
#include <gradus/ops/cpu/bfloat16.h>
#include <gradus/ops/cpu/matrix_product.h>

namespace gradus::cpu {

namespace {

// What a part should be worth (some 20 µs), and how many parts a product has at most.
constexpr Index multiplications_a_part = Index{1} << 21;
constexpr Index most_parts = 16;

// One matrix with any strides. The stride of an axis of size 1 is never used.
struct MatrixLayout {
  Index rows, columns, row_stride, column_stride;

  bool by_rows() const {
    return (columns <= 1 || column_stride == 1) && (rows <= 1 || row_stride >= std::max<Index>(columns, 1));
  }
  bool by_columns() const {
    return (rows <= 1 || row_stride == 1) && (columns <= 1 || column_stride >= std::max<Index>(rows, 1));
  }
  Index leading_by_rows() const { return rows <= 1 ? std::max<Index>(columns, 1) : row_stride; }
  Index leading_by_columns() const { return columns <= 1 ? std::max<Index>(rows, 1) : column_stride; }
};

// The last two axes. A vector is a row on the left and a column on the right of the product.
MatrixLayout matrix_of(const Layout& layout, int input) {
  const int last = layout.shape.rank() - 1;
  if (last == 0) {
    const Index size = layout.shape[0], stride = layout.stride(0);
    return input == 0 ? MatrixLayout{1, size, 0, stride} : MatrixLayout{size, 1, stride, 0};
  }
  return {layout.shape[last - 1], layout.shape[last], layout.stride(last - 1), layout.stride(last)};
}

int batch_rank(const Layout& layout) {
  return std::max(layout.shape.rank() - 2, 0);
}

ProductSpec::Factor factor(const Layout& layout, int input, const Shape& batch) {
  const MatrixLayout matrix = matrix_of(layout, input);
  ProductSpec::Factor factor;
  factor.transposed = !matrix.by_rows();
  factor.leading = factor.transposed ? matrix.leading_by_columns() : matrix.leading_by_rows();
  factor.starts = {0};
  // Outermost axis first: each axis multiplies the list of starts.
  const int missing = batch.rank() - batch_rank(layout);
  for (int axis = 0; axis < batch.rank(); ++axis) {
    const int own = axis - missing;
    const Index stride = own < 0 || layout.shape[own] == 1 ? 0 : layout.stride(own);
    std::vector<Index> starts;
    starts.reserve(factor.starts.size() * static_cast<std::size_t>(batch[axis]));
    for (const Index start : factor.starts) {
      for (Index i = 0; i < batch[axis]; ++i) starts.push_back(start + i * stride);
    }
    factor.starts = std::move(starts);
  }
  return factor;
}

Index round_up(Index n, Index unit) {
  return (n + unit - 1) / unit * unit;
}
Index blocks_in(Index n, Index block) {
  return (n + block - 1) / block;
}

}  // namespace

ProductSpec::ProductSpec(const KernelRequest& request) : dtype(request.dtype) {
  const Layout &left = request.inputs[0], &right = request.inputs[1];
  const MatrixLayout a_matrix = matrix_of(left, 0), b_matrix = matrix_of(right, 1);
  rows = a_matrix.rows;
  inner = a_matrix.columns;
  columns = b_matrix.columns;
  Shape batch;
  for (int axis = 0; axis < std::max(batch_rank(left), batch_rank(right)); ++axis)
    batch.append(request.output.shape[axis]);
  a = factor(left, 0, batch);
  b = factor(right, 1, batch);
  fold_batches();
  choose_blocks();
}

// Batches of A that all meet the same B, and whose rows lie evenly, are one tall matrix.
void ProductSpec::fold_batches() {
  if (batches() < 2 || rows == 0 || a.transposed) return;
  if (!std::ranges::all_of(b.starts, [&](Index start) { return start == b.starts[0]; })) return;
  const Index step = a.starts[1] - a.starts[0];
  const Index between_rows = rows == 1 ? step : a.leading;
  if (step != rows * between_rows || between_rows < std::max<Index>(inner, 1)) return;
  for (std::size_t i = 1; i < a.starts.size(); ++i) {
    if (a.starts[i] - a.starts[i - 1] != step) return;
  }
  rows *= batches();
  a.leading = between_rows;
  a.starts.resize(1);
  b.starts.resize(1);
}

// Small products are grouped by batches; large ones are cut across their longer side, where that loses least.
void ProductSpec::choose_blocks() {
  row_block = std::max<Index>(rows, 1);
  column_block = std::max<Index>(columns, 1);
  const Index one = std::max<Index>(row_block * column_block * std::max<Index>(inner, 1), 1);
  batch_block = std::clamp<Index>(multiplications_a_part / one, 1, std::max<Index>(batches(), 1));
  if (one < 2 * multiplications_a_part || batches() >= most_parts) return;
  const Index cuts = std::min(one / multiplications_a_part, most_parts);
  if (rows >= columns) {
    row_block = std::min(rows, round_up(blocks_in(rows, cuts), 16));
  } else {
    column_block = std::min(columns, round_up(blocks_in(columns, cuts), 48));
  }
}

Index ProductSpec::parts() const {
  return std::max<Index>(
      blocks_in(batches(), batch_block) * blocks_in(rows, row_block) * blocks_in(columns, column_block), 1);
}

ProductSpec::Block ProductSpec::block(Index part) const {
  const Index across = blocks_in(columns, column_block), down = blocks_in(rows, row_block);
  if (across == 0 || down == 0 || batches() == 0) return {};
  const Index column = part % across * column_block;
  const Index row = part / across % down * row_block;
  const Index batch = part / across / down * batch_block;
  const Index batch_count = std::min(batch_block, batches() - batch);
  return {
      .row = batch * rows + row,
      .rows = batch_count == 1 ? std::min(row_block, rows - row) : batch_count * rows,
      .column = column,
      .columns = std::min(column_block, columns - column)};
}

EntryRuns ProductSpec::entries(Index part) const {
  const Block block = this->block(part);
  if (block.columns == columns) return {.first = block.row * columns, .length = block.rows * columns};
  return {.first = block.row * columns + block.column, .length = block.columns, .stride = columns, .count = block.rows};
}

double ProductSpec::cost() const {
  const double multiplications = static_cast<double>(rows * inner * columns);
  const double each = dtype == Dtype::float32 ? 150 + 0.01 * multiplications : 50 + 0.1 * multiplications;
  return each * static_cast<double>(batches());
}

Multiplication ProductSpec::whole() const {
  return {
      .rows = rows,
      .inner = inner,
      .columns = columns,
      .a = nullptr,
      .a_transposed = a.transposed,
      .a_leading = a.leading,
      .b = nullptr,
      .b_transposed = b.transposed,
      .b_leading = b.leading,
      .c = nullptr,
      .c_leading = columns,
      .alpha = 1,
      .beta = 0};
}

namespace {

const void* advanced(const void* data, Index entries, Dtype dtype) {
  return static_cast<const char*>(data) + entries * bytes_of(dtype);
}

}  // namespace

void ProductSpec::multiply(
    const void* a_data, const void* b_data, void* c_data, Index part, double alpha, double beta) const {
  each_piece(part, [&](const Piece& piece) {
    multiply_matrices(
        dtype, {.rows = piece.rows,
                .inner = inner,
                .columns = piece.columns,
                .a = advanced(a_data, piece.a, dtype),
                .a_transposed = a.transposed,
                .a_leading = a.leading,
                .b = advanced(b_data, piece.b, dtype),
                .b_transposed = b.transposed,
                .b_leading = b.leading,
                .c = static_cast<char*>(c_data) + piece.c * bytes_of(dtype),
                .c_leading = columns,
                .alpha = alpha,
                .beta = beta});
  });
}

namespace {

// From so many entries on, scaling an addend before the product costs more than libraries that do it by the way lose.
constexpr Index too_large_to_scale = Index{1} << 15;

class Product final : public Kernel {
 public:
  explicit Product(const KernelRequest& request) : spec_(request), accumulation_(request.accumulation) {
    if (spec_.parts() != 1 || spec_.batches() != 1) return;
    whole_ = spec_.whole();
    whole_.beta = accumulation_ ? 1 : 0;
    // The scale is known only when the product runs, and may ask for a dense copy of B: the code must fit both.
    const bool b_is_dense = whole_.b_transposed || whole_.b_leading == whole_.columns;
    if (!accumulation_ || b_is_dense) code_ = matrix_code(spec_.dtype, whole_);
  }

  Index parts() const override { return spec_.parts(); }
  double cost() const override { return spec_.cost(); }
  std::optional<EntryRuns> entries(Index part) const override { return spec_.entries(part); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const Scales scales = scales_of(inputs);
    const bool in_place = accumulation_ && inputs[2] == outputs[0];
    const bool scaled_on_the_way = in_place && scales.addend != 1 && spec_.rows * spec_.columns >= too_large_to_scale;
    const double beta = scaled_on_the_way ? scales.addend : accumulation_ ? 1 : 0;
    for (Index part = begin; part < end; ++part) {
      if (accumulation_ && !scaled_on_the_way) put_addend(inputs[2], outputs[0], part, scales.addend);
      if (code_ && !scaled_on_the_way) return run_whole(inputs, outputs[0], scales.result);
      spec_.multiply(inputs[0], inputs[1], outputs[0], part, scales.result, beta);
    }
  }

 private:
  void run_whole(const void* const* inputs, void* c, double alpha) const {
    Multiplication m = whole_;
    m.a = static_cast<const float*>(inputs[0]) + spec_.a.starts[0];
    m.b = static_cast<const float*>(inputs[1]) + spec_.b.starts[0];
    m.c = c;
    m.alpha = alpha;
    multiply_matrices(code_, m);
  }

  struct Scales {
    double result = 1, addend = 1;
  };
  Scales scales_of(const void* const* inputs) const {
    if (!accumulation_) return {};
    if (spec_.dtype == Dtype::float64) {
      const AccumulationScales<double> by(*accumulation_, inputs);
      return {by.scale, by.addend_scale};
    }
    const AccumulationScales<float> by(*accumulation_, inputs);
    return {double{by.scale}, double{by.addend_scale}};
  }

  // What the product is then added to.
  void put_addend(const void* addend, void* to, Index part, double scale) const {
    if (scale == 1 && addend == to) return;
    if (spec_.dtype == Dtype::float64) {
      put_addend(static_cast<const double*>(addend), static_cast<double*>(to), part, scale);
    } else {
      put_addend(static_cast<const float*>(addend), static_cast<float*>(to), part, static_cast<float>(scale));
    }
  }
  template <class T>
  void put_addend(const T* addend, T* to, Index part, T scale) const {
    const EntryRuns runs = spec_.entries(part);
    for (Index k = 0; k < runs.count; ++k) {
      const Index first = runs.first + k * runs.stride;
      std::transform(addend + first, addend + first + runs.length, to + first, [scale](T x) { return scale * x; });
    }
  }

  ProductSpec spec_;
  std::optional<KernelRequest::Accumulation> accumulation_;
  Multiplication whole_{};     // all of it in one go, pointers left out
  MatrixCode code_ = nullptr;  // for the whole
};

}  // namespace

KernelPointer product(const KernelRequest& request) {
  if (request.bfloat16) return of_rounded_factors(request, product_of_bfloat16, product);
  return std::make_unique<Product>(request);
}

bool product_accepts(int input, const KernelRequest& request) {
  const MatrixLayout matrix = matrix_of(request.inputs[static_cast<std::size_t>(input)], input);
  return matrix.by_rows() || matrix.by_columns();
}

}  // namespace gradus::cpu

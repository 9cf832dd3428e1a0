#include <gradus/ops/linear_algebra.h>

#include <algorithm>

#include <fmt/format.h>

#include <gradus/graph/operation.h>
#include <gradus/ops/cpu/product.h>
#include <gradus/ops/identities.h>
#include <gradus/ops/movement.h>

namespace gradus {

namespace {

Index rows_of(const Shape& shape) {
  return shape[shape.rank() - 2];
}
Index columns_of(const Shape& shape) {
  return shape[shape.rank() - 1];
}

[[noreturn]] void fail_inner(const Call& call, Index columns, Index rows) {
  const Shape &a = call[0].shape(), &b = call[1].shape();
  std::string_view hint = "";
  if (b.rank() >= 2 && columns_of(b) == columns) {
    hint = "; transpose the second operand?";
  } else if (a.rank() >= 2 && rows_of(a) == rows) {
    hint = "; transpose the first operand?";
  }
  call.fail(fmt::format("inner dimensions differ: {} × {} ({} ≠ {}{})", a.text(), b.text(), columns, rows, hint));
}

// All axes before the last two.
Shape batch_of(const Shape& shape) {
  Shape batch;
  for (int axis = 0; axis < shape.rank() - 2; ++axis) batch.append(shape[axis]);
  return batch;
}

Shape product_shape(const Call& call) {
  const Shape &a = call[0].shape(), &b = call[1].shape();
  call.require(a.rank() > 0 && b.rank() > 0, "takes vectors and matrices; a scalar multiplies with *");
  const Index inner_a = columns_of(a), inner_b = b.rank() == 1 ? b[0] : rows_of(b);
  if (inner_a != inner_b) fail_inner(call, inner_a, inner_b);
  if (a.rank() == 2 && b.rank() == 2) return {a[0], b[1]};
  const Shape left = batch_of(a), right = batch_of(b);
  if (!broadcastable(left, right)) {
    call.fail(
        fmt::format("batch axes {} and {} of {} × {} do not broadcast", left.text(), right.text(), a.text(), b.text()));
  }
  Shape shape = broadcast(left, right);
  if (a.rank() > 1) shape.append(rows_of(a));
  if (b.rank() > 1) shape.append(columns_of(b));
  return shape;
}

Tensor transposed(const Tensor& x) {
  return swap_axes(x, -2, -1);
}
Tensor summed_to(const Tensor& x, const Shape& shape) {
  return x.shape() == shape ? x : sum_to(x, shape);
}

// All rows of all batches as one matrix.
Tensor tall(const Tensor& x) {
  Index rows = 1;
  for (int axis = 0; axis < x.rank() - 1; ++axis) rows *= x.shape()[axis];
  return reshape(x, Shape{rows, columns_of(x.shape())});
}

// c = a b: ∂/∂a = g bᵀ, ∂/∂b = aᵀ g, summed over the batches that an operand was copied to.
Tensors matrix_gradients(const Tensor& a, const Tensor& b, const Tensor& g) {
  const Tensor for_a = summed_to(matmul(g, transposed(b)), a.shape());
  // One b for many batches: the sum over them is the inner sum of one product.
  if (b.rank() == 2 && a.rank() > 2) return {for_a, matmul(transpose(tall(a)), tall(g))};
  return {for_a, summed_to(matmul(transposed(a), g), b.shape())};
}

Tensors product_derivative(const Call& call, const Tensor&, const Tensor& g) {
  const Tensor &a = call[0], &b = call[1];
  const bool row = a.rank() == 1, column = b.rank() == 1;
  if (row && column) return {g * b, g * a};
  if (!row && !column) return matrix_gradients(a, b, g);
  // A vector is a matrix with one row on the left, with one column on the right.
  const int last = g.rank() - 1;
  const Tensor g_matrix = reshape(g, g.shape().with(row ? last : last + 1, 1));
  const Tensor a_matrix = row ? reshape(a, Shape{1, a.shape()[0]}) : a;
  const Tensor b_matrix = column ? reshape(b, Shape{b.shape()[0], 1}) : b;
  Tensors gradients = matrix_gradients(a_matrix, b_matrix, g_matrix);
  Tensor& of_vector = gradients[row ? 0 : 1];
  of_vector = reshape(of_vector, row ? a.shape() : b.shape());
  return gradients;
}

bool is_stacked(std::uint32_t stacked, int input) {
  return (stacked >> input & 1) != 0;
}

// The calls' axis stays first; axes of size 1 behind it make up for axes of the other factor.
Tensor with_rank(Tensor x, int rank) {
  while (x.rank() < rank) x = expand(x, 1);
  return x;
}

// Vectors become matrices, batches of calls line up with batches of matrices. Where one matrix meets vectors of many
// calls, these are the rows of one product.
Tensor batched_product(const Call& call, std::uint32_t stacked) {
  const bool a_stacked = is_stacked(stacked, 0), b_stacked = is_stacked(stacked, 1);
  const int a_rank = call[0].rank() - (a_stacked ? 1 : 0), b_rank = call[1].rank() - (b_stacked ? 1 : 0);
  if (!b_stacked && b_rank <= 2) return matmul(call[0], call[1]);
  if (!a_stacked && a_rank <= 2 && b_rank == 1) return matmul(call[1], transpose(call[0]));
  Tensor a = a_rank == 1 ? expand(call[0], -2) : call[0], b = b_rank == 1 ? expand(call[1], -1) : call[1];
  const int rank = std::max({a_rank, b_rank, 2}) + 1;
  if (a_stacked) a = with_rank(a, rank);
  if (b_stacked) b = with_rank(b, rank);
  Tensor product = matmul(a, b);
  if (b_rank == 1) product = squeeze(product, -1);
  if (a_rank == 1) product = squeeze(product, b_rank == 1 ? -1 : -2);
  return product;
}

const Registered matmul_op = Operation{
    .name = "matmul",
    .formula = "c_ij = sum_p a_ip b_pj",
    .inputs = {"a", "b"},
    .shape = product_shape,
    .derivative = product_derivative,
    .summed = identities::of_summed_products,
    .prepare = cpu::product,
    .accepts = cpu::product_accepts,
    .accumulates = true,
    .batched = batched_product,
    .onnx = "MatMul",
    .samples =
        {
            {.shapes = {{2, 3}, {3, 4}}},
            {.shapes = {{1, 3}, {3, 1}}},
            {.shapes = {{3}, {3}}},
            {.shapes = {{3}, {3, 2}}},
            {.shapes = {{2, 3}, {3}}},
            {.shapes = {{2, 2, 3}, {2, 3, 2}}},
            {.shapes = {{2, 2, 3}, {3, 2}}},
            {.shapes = {{2, 3}, {2, 3, 2}}},
            {.shapes = {{2, 1, 2, 2}, {3, 2, 1}}},
            {.shapes = {{2, 2, 3}, {3}}},
            {.shapes = {{3}, {2, 3, 2}}},
            {.shapes = {{0, 3}, {3, 2}}},
            {.shapes = {{2, 0}, {0, 3}}},
            {.shapes = {{0, 2, 2}, {2, 2}}},
            {.shapes = {{0}, {0}}},
        },
    .misfits =
        {
            {.shapes = {{2, 3}, {4, 3}}, .word = "transpose the second"},
            {.shapes = {{3, 2}, {3, 4}}, .word = "transpose the first"},
            {.shapes = {{2, 3}, {4, 5}}, .word = "inner dimensions differ"},
            {.shapes = {{3}, {4}}, .word = "(3 ≠ 4)"},
            {.shapes = {{2, 2, 3}, {3, 3, 2}}, .word = "batch axes [2] and [3]"},
            {.shapes = {Shape{}, {2, 3}}, .word = "scalar"},
        },
};

const Registered dot_op = Operation{
    .name = "dot",
    .formula = "y = sum_i a_i b_i",
    .inputs = {"a", "b"},
    .expand =
        [](const Call& call) {
          call.require(call[0].rank() == 1 && call[1].rank() == 1, "takes two vectors; matrices go to matmul");
          call.require(call[0].shape() == call[1].shape(), "the vectors have different sizes");
          return matmul(call[0], call[1]);
        },
    .samples = {{.shapes = {{3}, {3}}}, {.shapes = {{1}, {1}}}, {.shapes = {{0}, {0}}}},
    .misfits = {{.shapes = {{3}, {4}}, .word = "different sizes"}, {.shapes = {{2, 3}, {3}}, .word = "vectors"}},
};

const Registered outer_op = Operation{
    .name = "outer",
    .formula = "y_ij = a_i b_j",
    .inputs = {"a", "b"},
    .expand =
        [](const Call& call) {
          call.require(call[0].rank() == 1 && call[1].rank() == 1, "takes two vectors");
          return reshape(call[0], Shape{call[0].shape()[0], 1}) * call[1];
        },
    .samples = {{.shapes = {{2}, {3}}}, {.shapes = {{1}, {1}}}, {.shapes = {{0}, {3}}}},
    .misfits = {{.shapes = {{2, 3}, {3}}, .word = "vectors"}},
};

const Registered trace_op = Operation{
    .name = "trace",
    .formula = "y = sum_i x_ii of the last two axes",
    .inputs = {"x"},
    .expand =
        [](const Call& call) {
          call.require(call[0].rank() >= 2, "takes matrices: at least two axes");
          const Tensor entries = diagonal(call[0]);
          Shape single = entries.shape();
          single[single.rank() - 1] = 1;
          return reshape(sum_to(entries, single), batch_of(call[0].shape()));
        },
    .samples = {{.shapes = {{3, 3}}}, {.shapes = {{2, 3}}}, {.shapes = {{2, 3, 2}}}, {.shapes = {{0, 0}}}},
    .misfits = {{.shapes = {{3}}, .word = "two axes"}},
};

}  // namespace

Tensor matmul(const Operand& a, const Operand& b) {
  return apply(matmul_op, {a, b});
}
Tensor dot(const Operand& a, const Operand& b) {
  return apply(dot_op, {a, b});
}
Tensor outer(const Operand& a, const Operand& b) {
  return apply(outer_op, {a, b});
}
Tensor trace(const Operand& x) {
  return apply(trace_op, {x});
}

}  // namespace gradus

#include <gradus/gradus.h>

#include "errors/misuse.h"

using namespace gradus;

namespace {

const Tensor images = ones({10, 784}).named("images");
const Tensor vector = tensor({1.0F, 2.0F, 3.0F}).named("v");

const gradus::tests::Misuses products{{
    {"matmul_inner_dimensions",
     [] {
       const Parameter w1(zeros({30, 784}), "w1");
       matmul(images, w1);
     }},
    {"matmul_vector",
     [] {
       matmul(vector, ones({4, 2}));
     }},
    {"matmul_scalar", [] { matmul(images, 0.5); }},
    {"matmul_batch_axes",
     [] {
       matmul(ones({2, 4, 5}), ones({3, 5, 6}));
     }},
    {"dot_sizes", [] { dot(vector, ones({4})); }},
    {"dot_matrices",
     [] {
       dot(ones({2, 3}), ones({2, 3}));
     }},
}};

const Tensor pixels = ones({10, 1, 28, 28}).named("pixels");

const gradus::tests::Misuses convolutions{{
    {"convolution_channels",
     [] {
       conv2d(pixels, ones({20, 3, 5, 5}).named("kernels"));
     }},
    {"convolution_rank",
     [] {
       conv2d(images, ones({20, 1, 5, 5}));
     }},
    {"convolution_weights_rank",
     [] {
       conv1d(ones({10, 1, 28}), ones({20, 1, 5, 5}).named("kernels"));
     }},
    {"convolution_window",
     [] {
       conv2d(pixels, ones({20, 1, 5, 31}));
     }},
    {"convolution_groups",
     [] {
       conv2d(ones({2, 4, 8, 8}), ones({3, 2, 3, 3}), {.groups = 2});
     }},
    {"convolution_groups_zero",
     [] {
       conv2d(pixels, ones({20, 1, 5, 5}), {.groups = 0});
     }},
    {"convolution_bias",
     [] {
       conv2d(pixels, ones({20, 1, 5, 5}), ones({1, 20}).named("bias"));
     }},
    {"convolution_stride",
     [] {
       conv2d(pixels, ones({20, 1, 5, 5}), {.stride = 0});
     }},
    {"convolution_padding",
     [] {
       conv2d(pixels, ones({20, 1, 5, 5}), {.padding = {1, -1}});
     }},
    {"convolution_options_axes",
     [] {
       conv2d(pixels, ones({20, 1, 5, 5}), {.stride = {1, 2, 3}});
     }},
    {"transposed_convolution_output_padding",
     [] {
       conv_transpose2d(pixels, ones({1, 20, 5, 5}), {.stride = 2, .output_padding = 2});
     }},
    {"transposed_convolution_nothing_left",
     [] {
       conv_transpose2d(pixels, ones({1, 2, 3, 3}), {.padding = 15});
     }},
    {"pool_window",
     [] {
       max_pool2d(ones({2, 3, 1, 4}), 2);
     }},
    {"pool_padding", [] { max_pool2d(pixels, 2, {.padding = 2}); }},
}};

const gradus::tests::Misuses broadcasting{{
    {"broadcast",
     [] {
       const Tensor biases = ones({10, 30}).named("biases");
       images + biases;
     }},
    {"broadcast_where",
     [] {
       where(ones({3, 1}) > 0, ones({4}), ones({3, 5}));
     }},
    {"broadcast_to",
     [] {
       broadcast_to(vector, {3, 2});
     }},
    {"broadcast_in_place",
     [] {
       Tensor total = zeros({3}).named("total");
       total += ones({4});
     }},
    {"cost_column_against_vector",
     [] {
       quadratic_cost(ones({10, 1}).named("output"), ones({10}).named("target"));
     }},
    {"cost_labels_shape",
     [] {
       log_likelihood_with_logits(ones({10, 4}).named("z"), tensor({0, 1, 2}).named("labels"));
     }},
}};

const gradus::tests::Misuses axes{{
    {"axis_missing", [] { sum(images, 2); }},
    {"axis_negative",
     [] {
       concatenate({images, images}, -3);
     }},
    {"axis_of_scalar", [] { max(Tensor(2.0), 0); }},
    {"axis_twice",
     [] {
       mean(images, {0, -2});
     }},
    {"axis_size", [] { images.size(2); }},
    {"axis_softmax", [] { softmax(images, 2); }},
    {"axis_softmax_of_scalar", [] { softmax(3.0); }},
    {"axis_stack",
     [] {
       stack({vector, vector}, 3);
     }},
    {"axes_permute",
     [] {
       permute(images, {0, 0});
     }},
    {"axes_too_many",
     [] {
       zeros({1, 1, 1, 1, 1, 1, 1, 1, 1});
     }},
    {"axes_too_many_after_take",
     [] {
       take(ones({1, 1, 1, 1, 2}), zeros({1, 1, 1, 1, 1}, Dtype::int32), 4);
     }},
    {"max_of_nothing",
     [] {
       max(zeros({0, 3}).named("scores"), 0);
     }},
    {"variance_of_one",
     [] {
       variance(ones({1, 3}).named("x"), 0, keep_axes, 1);
     }},
    {"diagonal_of_vector", [] { diagonal(vector); }},
}};

const gradus::tests::Misuses sizes{{
    {"size_negative",
     [] {
       zeros({10, -1});
     }},
    {"size_overflow",
     [] {
       zeros({Index{1} << 40, Index{1} << 40});
     }},
    {"tensor_entries",
     [] {
       tensor(std::vector<float>{1, 2, 3}, {2, 2});
     }},
    {"item_of_many", [] { images.item(); }},
    {"reshape_count",
     [] {
       reshape(images, {10, 28, 27});
     }},
    {"reshape_open_sizes",
     [] {
       reshape(images, {-1, -1});
     }},
    {"reshape_multiple",
     [] {
       reshape(images, {-1, 100});
     }},
    {"reshape_negative",
     [] {
       reshape(images, {10, -784});
     }},
    {"squeeze_size", [] { squeeze(images, 0); }},
    {"initializer_of_bias", [] { initializers::glorot_uniform({30}); }},
}};

const gradus::tests::Misuses parts{{
    {"concatenate_sizes",
     [] {
       concatenate({ones({2, 3}), ones({2, 4})}, 0);
     }},
    {"concatenate_ranks",
     [] {
       concatenate({ones({2, 3}), ones({3})});
     }},
    {"concatenate_nothing", [] { concatenate({}); }},
    {"concatenate_scalars",
     [] {
       concatenate({Tensor(1.0), Tensor(2.0)});
     }},
    {"stack_shapes",
     [] {
       stack({ones({2, 3}), ones({3, 2})});
     }},
    {"split_parts", [] { split(images, 3); }},
    {"split_sizes",
     [] {
       split(images, {5, 6});
     }},
    {"slice_position", [] { slice(images, 0, 5, 11); }},
    {"slice_order", [] { slice(images, 1, 200, 100); }},
    {"slice_step", [] { slice(images, 0, 0, to_end, 0); }},
    {"slice_ranges",
     [] {
       slice(images, {{0, 1}, {0, 2}, {0, 3}});
     }},
    {"select_position", [] { select(images, 0, 10); }},
    {"pad_negative", [] { pad(images, 0, -1, 1); }},
}};

}  // namespace

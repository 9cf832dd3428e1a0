#include <gradus/gradus.h>

#include "errors/misuse.h"

using namespace gradus;

namespace {

const Tensor labels = tensor({3, 1, 4}).named("labels");
const Tensor x32 = tensor({0.5F, 1.5F, 2.5F}).named("x");
const Tensor x64 = tensor({0.5, 1.5, 2.5}).named("precise");

const gradus::tests::Misuses operations{{
    {"dtype_fraction_meets_int32", [] { labels * 0.5; }},
    {"dtype_mixed", [] { x32 + x64; }},
    {"dtype_mixed_in_matmul",
     [] {
       matmul(ones({2, 3}), x64);
     }},
    {"dtype_mixed_in_cost", [] { mean_squared_error(x32, x64); }},
    {"dtype_mixed_in_comparison", [] { less(x32, labels); }},
    {"dtype_mixed_in_concatenate",
     [] {
       concatenate({x32, labels});
     }},
    {"dtype_sigmoid_of_int32", [] { sigmoid(labels); }},
    {"dtype_divide_int32", [] { labels / 2; }},
    {"dtype_mean_of_int32", [] { mean(labels); }},
    {"dtype_sum_of_bool", [] { sum(x32 > 1); }},
    {"dtype_logical_and", [] { logical_and(x32, x32 > 1); }},
    {"dtype_condition", [] { where(x32, 1.0, x32); }},
    {"dtype_take_indices",
     [] {
       take(ones({5, 2}), x32);
     }},
    {"dtype_one_hot_labels", [] { one_hot(x32, 10); }},
    {"dtype_cost_labels",
     [] {
       log_likelihood_with_logits(ones({3, 4}).named("z"), ones({3, 4}) > 0);
     }},
    {"dtype_dropout", [] { dropout(labels, 0.5); }},
    {"dtype_normal", [] { normal({3}, {.dtype = Dtype::int32}); }},
    {"dtype_linspace", [] { linspace(0, 1, 5, Dtype::int32); }},
}};

const gradus::tests::Misuses values{{
    {"dtype_values_lose_digits", [] { x64.values<float>(); }},
    {"dtype_item_as_integer", [] { sum(x32).item<std::int32_t>(); }},
    {"dtype_view", [] { x32.view<double>(); }},
    {"dtype_view_of_bool", [] { (x32 > 1).view<float>(); }},
}};

const gradus::tests::Misuses checks{{
    {"gradient_check_float32", [] { gradient_check([](const Tensors& in) { return sum(in[0]); }, {x32}); }},
    {"gradient_check_result",
     [] { gradient_check([](const Tensors& in) { return cast(sum(in[0]), Dtype::float32); }, {x64}); }},
    {"gradient_check_nothing", [] { gradient_check([](const Tensors& in) { return in[0]; }, {labels}); }},
    {"gradient_check_order", [] { gradient_check([](const Tensors& in) { return in[0]; }, {x64}, {.order = 0}); }},
}};

}  // namespace

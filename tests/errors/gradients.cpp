#include <gradus/gradus.h>
#include <gradus/operation.h>

#include "errors/misuse.h"

using namespace gradus;

namespace {

/// A parameter to lose the gradient of.
Parameter weights() {
  return {tensor({0.5F, -1.5F, 2.5F}), "w"};
}

const gradus::tests::Misuses lost{{
    {"lost_unused_parameter",
     [] {
       const Parameter w = weights(), b(zeros({3}), "b");
       const Tensor cost = sum(square(w));
       gradients(cost, {w, b});
     }},
    {"lost_unused_parameter_in_step",
     [] {
       const Parameter w = weights(), b(zeros({3}), "b");
       Sgd optimizer({w, b}, {.learning_rate = 0.1});
       optimizer.step(sum(square(w)));
     }},
    {"lost_in_argmax",
     [] {
       const Parameter w = weights();
       const Tensor choice = argmax(w * 2);
       gradients(sum(cast(choice, Dtype::float32)), {w});
     }},
    {"lost_in_comparison",
     [] {
       const Parameter w = weights();
       const Tensor positive = w > 0;
       gradients(sum(where(positive, ones({3}), 0)), {w});
     }},
    {"lost_in_cast",
     [] {
       const Parameter w = weights();
       const Tensor whole = cast(w, Dtype::int32);
       gradients(sum(cast(whole, Dtype::float32)), {w});
     }},
    {"lost_in_round",
     [] {
       const Parameter w = weights();
       const Tensor rounded = round(w);
       gradients(sum(rounded), {w});
     }},
    {"lost_in_detach",
     [] {
       const Parameter w = weights();
       const Tensor hidden = (w * 2).detach();
       gradients(sum(hidden), {w});
     }},
}};

const gradus::tests::Misuses asked{{
    {"cost_not_scalar",
     [] {
       const Parameter w = weights();
       const Tensor errors = square(w).named("errors");
       gradients(errors, {w});
     }},
    {"cost_integer",
     [] {
       const Parameter w = weights();
       gradients(argmax(w), {w});
     }},
    {"cost_empty", [] { gradients(Tensor(), {weights()}); }},
    {"gradient_of_integers",
     [] {
       const Tensor labels = tensor({3, 1, 4}).named("labels");
       gradients(sum(cast(labels, Dtype::float32)), {labels});
     }},
    {"vjp_counts",
     [] {
       const Parameter w = weights();
       vjp({w * 2, w * 3}, {ones({3})}, {w});
     }},
    {"vjp_shape",
     [] {
       const Parameter w = weights();
       const Tensor hidden = (w * 2).named("hidden");
       vjp({hidden}, {ones({4})}, {w});
     }},
    {"jvp_counts",
     [] {
       const Parameter w = weights();
       jvp(w * 2, {w}, {});
     }},
    {"hessian_vector_product_shape",
     [] {
       const Parameter w = weights();
       hessian_vector_product(sum(square(w)), {w}, {ones({4}).named("direction")});
     }},
    {"jvp_shape",
     [] {
       const Parameter w = weights();
       jvp(w * 2, {w}, {ones({4}).named("direction")});
     }},
}};

using Rule = Tensors (*)(const Call& call, const Tensor& y, const Tensor& g);

const Parameter last_slope(zeros({3}), "last slope");

/// The gradient through an operation of the user's with the given rule.
void differentiate(Rule rule) {
  const Registered cube(Operation{
      .name = "cube",
      .formula = "y = x³",
      .inputs = {"x"},
      .shape = [](const Call& call) { return call[0].shape(); },
      .derivative = rule});
  const Parameter w = weights();
  const Tensor y = apply(cube, {w});
  gradients(sum(y), {w});
}

const gradus::tests::Misuses rules{{
    {"rule_reads_value",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         const auto x = call[0].values<float>();
         return Tensors{g * tensor({3 * x[0] * x[0], 3 * x[1] * x[1], 3 * x[2] * x[2]})};
       });
     }},
    {"rule_reads_number",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         const Tensor three = 3.0;
         return Tensors{g * (square(call[0]) * three.item())};
       });
     }},
    {"rule_detaches",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         const Tensor x = call[0].detach();
         return Tensors{g * (square(x) * 3)};
       });
     }},
    {"rule_evaluates",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         const Tensor slope = square(call[0]) * 3;
         evaluate({slope});
         return Tensors{g * slope};
       });
     }},
    {"rule_assigns",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         last_slope.assign(square(call[0]) * 3);
         return Tensors{g * last_slope};
       });
     }},
    {"rule_returns_too_few",
     [] { differentiate([](const Call&, const Tensor&, const Tensor&) { return Tensors{}; }); }},
    {"rule_returns_other_shape",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         return Tensors{sum(g * square(call[0]) * 3) * ones({4})};
       });
     }},
    {"rule_returns_other_dtype",
     [] {
       differentiate([](const Call& call, const Tensor&, const Tensor& g) {
         return Tensors{cast(g * square(call[0]) * 3, Dtype::float64)};
       });
     }},
}};

const gradus::tests::Misuses operations{{
    {"operation_input_count",
     [] {
       const Registered both(Operation{.name = "both", .formula = "y = a b", .inputs = {"a", "b"}});
       apply(both, {ones({3})});
     }},
    {"operation_without_kernel",
     [] {
       const Registered twice(Operation{
           .name = "twice",
           .formula = "y = 2x",
           .inputs = {"x"},
           .shape = [](const Call& call) { return call[0].shape(); },
           .no_derivative = "not written yet"});
       const Tensor y = apply(twice, {ones({3})});
       y.values();
     }},
}};

}  // namespace

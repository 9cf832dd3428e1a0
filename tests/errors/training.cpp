#include <limits>

#include <gradus/gradus.h>

#include "errors/misuse.h"

using namespace gradus;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

Parameter weights() {
  return {ones({5, 2}), "weights"};
}
Parameter biases() {
  return {ones({2}), "biases"};
}

const gradus::tests::Misuses regularizations{{
    {"momentum_nan", [] { Momentum optimizer({weights()}, {.learning_rate = 0.1, .momentum = nan}); }},
    {"weight_decay_negative", [] { Sgd optimizer({weights()}, {.learning_rate = 0.1, .regularization = {.l2 = -5}}); }},
    {"weight_decay_of_biases", [] { Sgd optimizer({biases()}, {.learning_rate = 0.1, .regularization = {.l2 = 5}}); }},
    {"weight_decay_of_stranger",
     [] { Sgd optimizer({biases()}, {.learning_rate = 0.1, .regularization = {.l2 = 5, .weights = {weights()}}}); }},
    {"penalty_examples", [] { l2_penalty({weights()}, 5.0, 0); }},
    {"penalty_lambda_shape", [] { l1_penalty({weights()}, ones({2}), 100); }},
    {"max_norm_limit", [] { max_norm(weights(), -1); }},
}};

Tensor cost_of(const Tensor& features, const Tensor&) {
  return mean(matmul(features, weights()));
}

const gradus::tests::Misuses trainers{{
    {"trainer_without_right",
     [] {
       Sgd optimizer({weights()}, {.learning_rate = 0.1});
       Trainer trainer(optimizer, {.cost = cost_of}, {.watch = {Curve::training_accuracy}});
     }},
    {"trainer_without_evaluation_set",
     [] {
       Sgd optimizer({weights()}, {.learning_rate = 0.1});
       Trainer trainer(optimizer, {.cost = cost_of}, {.watch = {Curve::evaluation_cost}});
       trainer.train(datasets::exclusive_or());
     }},
    {"trainer_curve_not_watched",
     [] {
       const TrainingHistory history{.epochs = {Epoch{}}};
       history.curve(Curve::training_cost);
     }},
}};

const gradus::tests::Misuses searches{{
    {"search_range_logarithmic", [] { SearchRange::logarithmic(0, 10); }},
    {"search_name",
     [] {
       random_search(
           {{"learning_rate", SearchRange::linear(0, 1)}, {"lambda", SearchRange::choice({0, 5})}},
           [](const Trial& trial) { return trial["lamda"]; });
     }},
    {"stopping_rule_epochs", [] { NoImprovement rule(0); }},
    {"stopping_rule_accuracy", [] { GeneralizationLoss(5).stops_after(-0.9); }},
}};

const gradus::tests::Misuses hessian_steps{{
    {"hessian_step_unused",
     [] {
       const Parameter w = weights(), b = biases();
       hessian_step(sum(square(w)), {w, b});
     }},
    {"conjugate_gradients_dtypes",
     [] {
       conjugate_gradients([](const Tensors& v) { return v; }, {ones({2}), ones({2}, Dtype::float64)});
     }},
}};

}  // namespace

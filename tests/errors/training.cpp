#include <algorithm>
#include <limits>

#include <gradus/gradus.h>

#include "datasets/files.h"
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

/// Trains for an epoch into a file, then goes on from it with a layer of another size or another seed.
void go_on(Index hidden, std::int64_t seed, const std::string& part, const std::string& instead) {
  gradus::seed(1);
  const gradus::tests::TemporaryFolder folder;
  const std::string file = folder / "run.safetensors";
  const auto train = [&](Index neurons, std::int64_t order, Index epochs) {
    const FeedForward network({2, neurons, 2}, {.initializer = initializers::book_new});
    Sgd optimizer(network.parameters(), {.learning_rate = 0.1});
    const Objective objective{.cost = [&](const Tensor& features, const Tensor& labels) {
      return log_likelihood_with_logits(network.logits(features), labels);
    }};
    TrainerOptions options{.epochs = epochs, .seed = order};
    options.checkpoint = {.file = file, .resume = true, .run = "a run"};
    Trainer(optimizer, objective, options).train(datasets::exclusive_or());
  };
  train(3, 1, 2);
  if (!part.empty()) {
    gradus::tests::Bytes bytes = gradus::tests::read_bytes(file);
    const auto place = std::search(bytes.begin(), bytes.end(), part.begin(), part.end());
    std::copy(instead.begin(), instead.end(), place);
    gradus::tests::write_bytes(file, bytes);
  }
  train(hidden, seed, 1);
}

const gradus::tests::Misuses checkpoints{{
    {"checkpoint_of_other_network", [] { go_on(4, 1, "", ""); }},
    {"checkpoint_of_other_seed", [] { go_on(3, 2, "", ""); }},
    {"checkpoint_of_more_epochs", [] { go_on(3, 1, "", ""); }},
    {"checkpoint_format", [] { go_on(3, 1, "checkpoint 1", "checkpoint 9"); }},
    {"checkpoint_dtype", [] { go_on(3, 1, "F64", "F16"); }},
    {"checkpoint_number", [] { go_on(3, 1, "steps\":\"", "steps\":\"x"); }},
    {"checkpoint_generator", [] { go_on(3, 1, "stream", "screen"); }},
    {"checkpoint_other_variable", [] { go_on(3, 1, "optimizer.steps", "optimizer.steep"); }},
    {"checkpoint_missing", [] { read_checkpoint("/nowhere/run.safetensors", {}); }},
    {"checkpoint_folder", [] { write_checkpoint("/nowhere/run.safetensors", {}); }},
    {"checkpoint_name_twice",
     [] {
       Index epoch = 0;
       State state;
       state.add("epoch", epoch);
       state.add("epoch", epoch);
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

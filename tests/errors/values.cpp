#include <limits>

#include <gradus/gradus.h>

#include "errors/misuse.h"

using namespace gradus;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
const Tensor table = ones({5, 2}).named("table");

// What only the values tell is found when the graph is evaluated.
const gradus::tests::Misuses indices{{
    {"take_index",
     [] {
       const Tensor rows = take(table, tensor({0, 4, 5}).named("words"));
       rows.values();
     }},
    {"take_index_negative",
     [] {
       const Tensor rows = take(table, tensor({2, -1}));
       evaluate({rows});
     }},
    {"take_along_index",
     [] {
       const Tensor chosen = take_along(table, tensor({0, 1, 0, 1, 2}), 1);
       sum(chosen).item();
     }},
    {"scatter_add_index",
     [] {
       const Tensor sums = scatter_add(table, tensor({0, 1, 2, 3, 4}), 0, 4);
       sums.values();
     }},
    {"one_hot_label",
     [] {
       const Tensor targets = one_hot(tensor({3, 10}).named("labels"), 10);
       targets.values();
     }},
    {"cost_label",
     [] {
       const Tensor cost = log_likelihood_with_logits(ones({2, 10}), tensor({9, 11}));
       cost.item();
     }},
}};

const gradus::tests::Misuses numbers{{
    {"dropout_probability", [] { dropout(table, 1.5); }},
    {"bernoulli_probability", [] { bernoulli({3}, -0.1); }},
    {"uniform_range", [] { uniform({3}, {.from = 1, .to = 0}); }},
    {"normal_deviation", [] { normal({3}, {.deviation = -1}); }},
    {"random_integers_range", [] { random_integers({3}, 5, 5); }},
    {"permutation_count", [] { permutation(-1); }},
    {"huber_delta", [] { huber(table, table, 0); }},
    {"arange_direction", [] { arange(0, 10, -1); }},
    {"iota_count", [] { iota(-3); }},
    {"linspace_count", [] { linspace(0, 1, -5); }},
    {"eye_rows", [] { eye(-2); }},
    {"threads_negative", [] { set_threads(-2); }},
}};

const gradus::tests::Misuses handles{{
    {"empty_input",
     [] {
       Tensor hidden;
       sigmoid(hidden);
     }},
    {"empty_second_input",
     [] {
       Tensor w;
       matmul(table, w);
     }},
    {"empty_parameter",
     [] {
       Parameter w;
       table* w;
     }},
    {"empty_item", [] { Tensor().item(); }},
    {"empty_shape", [] { Tensor().shape(); }},
    {"empty_in_list",
     [] {
       concatenate({table, Tensor()});
     }},
    {"empty_evaluate",
     [] {
       evaluate({table, Tensor()});
     }},
    {"empty_initial_value", [] { Parameter w = Tensor(); }},
    {"empty_gradient_target", [] { gradients(sum(table), {Tensor()}); }},
}};

const gradus::tests::Misuses optimizers{{
    {"sgd_no_parameters", [] { Sgd optimizer({}, {.learning_rate = 3.0}); }},
    {"sgd_parameter_twice",
     [] {
       const Parameter w1(table, "w1"), w2(table, "w2");
       Sgd optimizer({w1, w2, w1}, {.learning_rate = 3.0});
     }},
    {"sgd_integer_parameter",
     [] {
       const Parameter counts(iota(3), "counts");
       Sgd optimizer({counts}, {.learning_rate = 3.0});
     }},
    {"sgd_empty_parameter", [] { Sgd optimizer({Parameter()}, {.learning_rate = 3.0}); }},
    {"learning_rate_nan",
     [] {
       const Parameter w(table, "w");
       Sgd optimizer({w}, {.learning_rate = nan});
     }},
    {"learning_rate_schedule_nan",
     [] {
       const Parameter w(table, "w");
       Sgd optimizer({w}, {.learning_rate = [](Index step) { return 1.0 / static_cast<double>(step); }});
       optimizer.step(sum(w));
     }},
    {"learning_rate_schedule_length", [] { schedules::cosine_decay(0.1, 0); }},
}};

}  // namespace

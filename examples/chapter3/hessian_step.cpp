// "Variations on stochastic gradient descent", the Hessian technique: (103) to (106).
#include <optional>

#include "agreement.h"
#include "experiments.h"

namespace chapter3 {

namespace {

/// ½ w·Aw − b·w: a bowl in ten dimensions, its curvatures from 1 to some 40.
struct Bowl {
  Tensor a, b;

  Bowl() {
    const Tensor m = normal({10, 10}, {.dtype = Dtype::float64});
    a = (matmul(transpose(m), m) + eye(10, 10, Dtype::float64)).detach();
    b = normal({10}, {.dtype = Dtype::float64}).detach();
  }
  Tensor cost(const Tensor& w) const { return dot(w, matmul(a, w)) / 2.0 - dot(b, w); }
  double steepness(const Parameter& w) const { return norm(gradients(cost(w), {w})[0]).item(); }
};

void check_taylor(Agreement& agreement, const Bowl& bowl) {
  const Parameter w(normal({10}, {.dtype = Dtype::float64}));
  const Tensor change = normal({10}, {.dtype = Dtype::float64}).detach();
  const Tensor cost = bowl.cost(w), slope = gradients(cost, {w})[0], curvature = hessian(cost, w);
  agreement.check(
      "(104), (105) C + ∇C·Δw + ½ Δw·HΔw, of a bowl", bowl.cost(w + change),
      cost + dot(slope, change) + dot(change, matmul(curvature, change)) / 2.0);
  agreement.check(
      "HΔw without H, by hessian_vector_product", hessian_vector_product(cost, {w}, {change})[0],
      matmul(curvature, change));
}

/// A small network that has learnt for some steps what another one of the same sizes says about some inputs.
struct Task {
  static constexpr double learning_rate = 2;
  FeedForward network;
  Tensor x, y;
  double least;  ///< the cost of a network that says the same

  Task(program::Run& run, Index learnt) : network(fresh(run)) {
    const FeedForward teacher({4, 8, 3}, {.initializer = initializers::book_large, .dtype = Dtype::float64});
    x = normal({60, 4}, {.dtype = Dtype::float64}).detach();
    y = teacher(x).detach();
    least = cross_entropy(y, y).item();
    descend(learnt);
  }
  /// The same one every time.
  static FeedForward fresh(program::Run& run) {
    seed(run.seed());
    return {{4, 8, 3}, {.initializer = initializers::book_new, .dtype = Dtype::float64}};
  }
  Tensor cost() const { return cross_entropy_with_logits(network.logits(x), y); }
  double excess() const { return cost().item() - least; }
  void descend(Index steps) {
    Sgd optimizer(network.parameters(), {.learning_rate = learning_rate});
    while (optimizer.steps() < steps) optimizer.step(cost());
  }
};

struct Descent {
  program::Series costs;
  Index products = 0;    ///< Hessian–vector products in all
  Index not_convex = 0;  ///< steps that met negative curvature
};

/// Some steps with the Hessian, or without it where no damping is given.
Descent descent(Task task, std::optional<double> damping, Index steps) {
  Descent found{
      .costs = {
          .title = damping ? fmt::format("Hessian, δ = {:g}", *damping)
                           : fmt::format("gradient descent, η = {:g}", Task::learning_rate),
          .style = program::Style::line}};
  for (Index step = 0; step <= steps; ++step) {
    found.costs.x.push_back(static_cast<double>(step));
    found.costs.y.push_back(task.excess());
    if (step == steps) break;
    if (damping) {
      const HessianStepReport report = hessian_step(task.cost(), task.network.parameters(), {.damping = *damping});
      found.products += report.iterations;
      found.not_convex += report.negative_curvature ? 1 : 0;
    } else {
      task.descend(1);
    }
  }
  return found;
}

std::vector<Descent> compared(program::Run& run, Index learnt, Index steps) {
  std::vector<Descent> all;
  run.say(
      "{:<32}{:>10}{:>10}{:>10}{:>14}{:>22}", fmt::format("  after {} steps of descent", learnt), "step 0",
      fmt::format("step {}", steps / 4), fmt::format("step {}", steps), "products Hv", "negative curvature");
  for (const std::optional<double> damping : {std::optional<double>(), {0.3}, {0.03}, {0.0}}) {
    all.push_back(descent(Task(run, learnt), damping, steps));
    const auto& [costs, products, not_convex] = all.back();
    run.say(
        "    {:<28}{:>10.2g}{:>10.2g}{:>10.2g}{:>14}{:>16} steps", costs.title, costs.y[0],
        costs.y[static_cast<std::size_t>(steps / 4)], costs.y.back(), products, not_convex);
  }
  return all;
}

/// One step to the bottom of a bowl. ‖∇C‖ after it, relative to that before.
double step_in_bowl(program::Run& run, const Bowl& bowl) {
  const Parameter w(normal({10}, {.dtype = Dtype::float64})), v(w.tensor());
  const double before = bowl.steepness(w);
  const HessianStepReport report = hessian_step(bowl.cost(w), {w}, {.solver = {.tolerance = 1e-12}});
  const double after = bowl.steepness(w);
  Sgd optimizer({v}, {.learning_rate = 1 / trace(bowl.a).item()});
  while (bowl.steepness(v) > 1e-6 * before && optimizer.steps() < 20'000) optimizer.step(bowl.cost(v));
  run.say("A bowl in ten dimensions, ‖∇C‖ = {:.3g} at the start", before);
  run.say("  one step Δw = −H⁻¹∇C, by {} products with H: ‖∇C‖ = {:.1e}", report.iterations, after);
  run.say("  gradient descent takes {} steps to a millionth of it", optimizer.steps());
  return after / before;
}

}  // namespace

const Experiment hessian_technique{
    .name = "hessian-step",
    .description = "(103) to (106): one step to the bottom of a bowl; a small network with and without the Hessian",
    .published = "converges in fewer steps than gradient descent, but H is hard to come by",
    .seconds = 1,
    .run =
        [](program::Run& run) {
          const Bowl bowl;
          Agreement agreement(run);
          check_taylor(agreement, bowl);
          run.finding(agreement.worst());
          const double left = step_in_bowl(run, bowl);

          const Index steps = run.quick() ? 20 : 40;
          run.say("A network 4-8-3 that learns what another one says, 60 examples; C less its least value");
          compared(run, 0, steps);
          const std::vector<Descent> all = compared(run, 100, steps);
          program::Plot plot{
              .title = "A small network, from its 100th step on",
              .x_label = "further step",
              .y_label = "cost less its least value",
              .y_range = program::Band{1e-4, 1e2},
              .logarithmic_y = true};
          for (const Descent& one : all) plot.series.push_back(one.costs);
          run.draw("hessian_step", plot);
          run.say(
              "Undamped, the step leads uphill where the cost is not convex. H + δI turns and shortens it: a fresh");
          run.say("network needs a larger δ than one that is near a minimum.");
          Task as_dear(run, 100);
          const Index gradients_instead = steps + 2 * all[2].products;
          as_dear.descend(gradients_instead);
          run.say(
              "A product Hv costs two gradients or so. For what the {} steps with δ = 0.03 cost, gradient descent",
              steps);
          run.say("takes {} steps, and comes to {:.2g}.", gradients_instead, as_dear.excess());
          run.finding(
              {.quantity = "cost that as many steps leave, gradient descent over Hessian with δ = 0.03",
               .measured = all[0].costs.y.back() / all[2].costs.y.back(),
               .band = program::Band{1, 1000}});
          run.summary(
              {.quantity = "‖∇C‖ after one Hessian step in a bowl, relative",
               .published = 0,
               .measured = left,
               .band = program::Band{0, 1e-9}});
        },
};

}  // namespace chapter3

// The exercise of "Learning with gradient descent": of all steps of one length, the one along −∇C lowers C most, by the
// inequality of Cauchy and Schwarz, as long as the step is small.
#include <algorithm>
#include <cmath>

#include "experiments.h"
#include "training.h"

namespace chapter1 {

using namespace gradus;

namespace {

/// The network's cost on some images as a function of all its parameters, in float64: small differences count.
struct Landscape {
  Network network;
  Tensor images, target;
  Parameters parameters;
  Tensors start;

  Landscape(Network trained, const datasets::Dataset& set) : network(std::move(trained)) {
    for (auto* kind : {&network.weights, &network.biases}) {
      for (Parameter& parameter : *kind) parameter = Parameter(cast(parameter, Dtype::float64), parameter.name());
    }
    images = cast(set.features(), Dtype::float64);
    target = one_hot(set.labels(), 10, Dtype::float64);
    parameters = network.parameters();
    for (const Parameter& parameter : parameters) start.push_back(parameter.tensor().detach());
  }

  Tensor cost() const { return quadratic_cost(network(images), target); }

  Tensors gradient() const { return gradients(cost(), Tensors(parameters.begin(), parameters.end())); }

  /// C(v + length · direction).
  double cost_after(double length, const Tensors& direction) const {
    std::vector<Assignment> moves;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      moves.push_back({parameters[i], start[i] + length * direction[i]});
    }
    assign(moves);
    return cost().item();
  }
};

Tensor as_one_vector(const Tensors& tensors) {
  Tensors flat;
  for (const Tensor& tensor : tensors) flat.push_back(flatten(tensor));
  return concatenate(flat);
}

/// ∇C·u/‖∇C‖ of random unit vectors u: the cosines of the angles between them and ∇C.
std::vector<double> cosines_of_random_directions(program::Run& run, const Tensor& unit_gradient, Index count) {
  const Index at_once = 200;
  std::vector<double> cosines;
  run.expect(count, "directions");
  for (Index done = 0; done < count; done += at_once) {
    const Tensor directions = normal({at_once, unit_gradient.count()});
    const auto some = (matmul(directions, unit_gradient) / norm(directions, 1)).values();
    cosines.insert(cosines.end(), some.begin(), some.end());
    run.advance(at_once);
  }
  return cosines;
}

program::Series histogram(const std::vector<double>& cosines) {
  program::Series bars{.title = fmt::format("{} random directions", cosines.size()), .style = program::Style::boxes};
  for (int bin = -100; bin <= 100; ++bin) {
    const auto inside = [&](double cosine) { return std::lround(100 * cosine) == bin; };
    bars.x.push_back(bin / 100.0);
    bars.y.push_back(static_cast<double>(std::count_if(cosines.begin(), cosines.end(), inside)));
  }
  return bars;
}

/// ΔC = −ε‖∇C‖ says the gradient; what becomes of it as ε grows.
void compare_steps(program::Run& run, const Landscape& landscape, const Tensors& downhill, double steepness) {
  program::Series predicted{.title = "predicted, ε‖∇C‖"}, measured{.title = "measured"};
  const double cost = landscape.cost_after(0, downhill);
  run.say("A step of length ε along −∇C, from C = {:.6f} (η = ε/‖∇C‖):", cost);
  run.say("       ε    predicted ΔC     measured ΔC   measured/predicted");
  for (const double length : {1e-5, 1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0}) {
    const double change = landscape.cost_after(length, downhill) - cost;
    run.say("{:8g}{:16.8f}{:16.8f}{:21.4f}", length, -length * steepness, change, -change / (length * steepness));
    if (change >= 0) continue;  // no logarithm
    predicted.x.push_back(length);
    predicted.y.push_back(length * steepness);
    measured.x.push_back(length);
    measured.y.push_back(-change);
  }
  run.draw(
      "step_lengths", program::Plot{
                          .title = "How much a step along −∇C lowers the cost",
                          .x_label = "length ε of the step",
                          .y_label = "−ΔC",
                          .series = {predicted, measured},
                          .logarithmic_x = true,
                          .logarithmic_y = true});
}

}  // namespace

const Experiment steepest_descent{
    .name = "steepest-descent",
    .description = "10,000 random directions against −∇C of a real network; predicted and measured ΔC as steps grow",
    .published = "an exercise: no direction lowers C faster than −∇C",
    .seconds = 2,
    .run =
        [](program::Run& run) {
          const Data data = program::mnist_of_the_book(run);
          const Network network({784, run.whole_number("hidden", 30), 10});
          train(run, network, data, {.epochs = run.epochs(1)});
          const Landscape landscape(network, data.train.take(1000));

          const Tensors gradient = landscape.gradient();
          const Tensor whole = as_one_vector(gradient);
          const double steepness = norm(whole).item();
          Tensors downhill;
          for (const Tensor& part : gradient) downhill.push_back(-part / steepness);
          evaluate(downhill);

          const double along_gradient = (dot(as_one_vector(downhill), whole) / steepness).item();
          const Tensor unit_gradient = cast(whole / steepness, Dtype::float32);
          const std::vector<double> cosines =
              cosines_of_random_directions(run, unit_gradient, run.quick() ? 1000 : 10'000);
          const auto [least, greatest] = std::minmax_element(cosines.begin(), cosines.end());
          run.say("∇C·u/‖∇C‖ in {} dimensions, where ‖∇C‖ = {:.5f} on 1,000 images:", whole.count(), steepness);
          run.say("  {} random unit vectors u: from {:.5f} to {:.5f}", cosines.size(), *least, *greatest);
          run.say("  u = −∇C/‖∇C‖: {:.5f}", along_gradient);
          run.say("By Cauchy and Schwarz |∇C·u| ≤ ‖∇C‖ ‖u‖, so nothing gets below −1, and only −∇C reaches it.");

          program::Series steepest{.title = "−∇C", .x = {along_gradient}, .y = {1}, .style = program::Style::points};
          run.draw(
              "directions", program::Plot{
                                .title = "How steeply the cost rises along directions in the space of weights",
                                .x_label = "∇C·u / ‖∇C‖",
                                .y_label = "directions in a bin of 0.01",
                                .series = {histogram(cosines), steepest},
                                .x_range = program::Band{-1.1, 1.1},
                                .y_range = program::Band{0.5, 10'000},
                                .logarithmic_y = true});
          compare_steps(run, landscape, downhill, steepness);
          run.summary(
              {.quantity = "∇C·u/‖∇C‖ along −∇C",
               .published = -1,
               .measured = along_gradient,
               .band = program::Band{-1 - 1e-12, -1 + 1e-12}});
        },
};

}  // namespace chapter1

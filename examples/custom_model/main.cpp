// A model of one's own on one page: an operation that gradus does not have, two branches of different depth that meet,
// and a cost of one's own. Its derivatives come by themselves: they are checked, then used for training on real images.
//
//     custom_model [--quick] [FOLDER]     draws FOLDER/custom_model.svg; FOLDER is the current one unless given

#include <cstdio>
#include <string>

#include <gradus/gradus.h>
#include <gradus/operation.h>

using namespace gradus;

// An operation: its name, its values (x is an Eigen array of float or double), its slope dy/dx as graph. That is all:
// it exists, so gradus knows it; the chain rule, broadcasting and both dtypes come with it.
const Registered ripple_op = elementwise(
    "ripple", [](auto x) { return x * (-x * x).exp(); },
    {
        .formula = "y = x e^(−x²)",
        .slope = [](Tensor x, Tensor) { return (1 - 2 * x * x) * exp(-x * x); },
    });
Tensor ripple(const Operand& x) {
  return apply(ripple_op, {x});
}

// What training moves. Weights of a layer are [inputs, outputs], one example is one row.
Parameters new_weights(Index inputs, Index neurons, Index classes, Dtype dtype) {
  const auto weights = [&](Index from, Index to) { return initializers::glorot_normal({from, to}, {.dtype = dtype}); };
  return {Parameter(weights(inputs, neurons), "w shallow"),     Parameter(zeros({neurons}, dtype), "b shallow"),
          Parameter(weights(inputs, neurons), "w deep 1"),      Parameter(zeros({neurons}, dtype), "b deep 1"),
          Parameter(weights(neurons, neurons), "w deep 2"),     Parameter(zeros({neurons}, dtype), "b deep 2"),
          Parameter(weights(2 * neurons, classes), "w output"), Parameter(zeros({classes}, dtype), "b output")};
}

// The model: a branch of one layer and a branch of two look at the images, side by side, so both can run at once. What
// they found meets in the last layer, which gives one number z a class.
Tensor outputs(const Tensor& images, const Tensors& p) {
  const Tensor shallow = ripple(matmul(images, p[0]) + p[1]).named("shallow");
  const Tensor halfway = ripple(matmul(images, p[2]) + p[3]);
  const Tensor deep = ripple(matmul(halfway, p[4]) + p[5]).named("deep");
  return (matmul(concatenate({shallow, deep}, 1), p[6]) + p[7]).named("z");
}

// The cost: the mean of −(1 − a_y)² ln a_y, where a_y = softmax(z)_y is what the model gives to the right class.
// Examples that it is sure of hardly count (T.-Y. Lin et al., "Focal loss for dense object detection", 2017).
Tensor focal_cost(const Tensor& z, const Tensor& labels) {
  const Tensor log_a = take_along(log_softmax(z), labels, 1);
  return -mean(square(1 - exp(log_a)) * log_a);
}

double accuracy(const Parameters& weights, const datasets::Dataset& data) {
  const Tensor classes = argmax(outputs(data.features(), {weights.begin(), weights.end()}), 1);
  return mean(cast(equal(classes, data.labels()), Dtype::float32)).item();
}

// Every first and second derivative of a small copy of the model against differences of the cost, in float64.
bool derivatives_are_right() {
  const Parameters weights = new_weights(4, 3, 3, Dtype::float64);
  const Tensor images = normal({2, 4}, {.dtype = Dtype::float64}), labels = tensor({2, 0}, {2});
  const auto cost = [&](const Tensors& p) { return focal_cost(outputs(images, p), labels); };
  const GradientCheckResult result = gradient_check(cost, {weights.begin(), weights.end()});
  std::printf(
      "derivatives checked: %d of %d comparisons agree\n", static_cast<int>(result.comparisons - result.failures),
      static_cast<int>(result.comparisons));
  if (!result) std::printf("%s\n", result.message.c_str());
  return result.passed;
}

void train(bool quick, const std::string& folder) {
  const auto [all, test, name] = datasets::mnist_or_fashion();
  const datasets::Dataset train = all.take(quick ? 2000 : 20000);
  const Parameters weights = new_weights(784, 50, 10, Dtype::float32);
  // A new graph for every mini-batch, on the parameters as they stand. It may look different each time.
  const auto cost_of = [&](const datasets::Batch& batch) {
    return focal_cost(
        outputs(batch.images.named("images"), {weights.begin(), weights.end()}), batch.labels.named("labels"));
  };
  std::printf("training on %d images of %s\n", static_cast<int>(train.size()), name.c_str());
  Sgd optimizer(weights, {.learning_rate = 0.1});
  for (int epoch = 0; epoch < (quick ? 2 : 5); ++epoch) {
    Tensor total = 0;
    for (const datasets::Batch& batch : train.batches({.size = 20, .seed = epoch})) {
      const Tensor cost = cost_of(batch);
      optimizer.step(cost);
      total += cost * static_cast<double>(batch.images.size(0));
    }
    std::printf(
        "epoch %d: training cost %.4f, test accuracy %.2f %%\n", epoch,
        total.item() / static_cast<double>(train.size()), 100 * accuracy(weights, test));
  }
  draw({cost_of(*train.batches({.size = 20}).begin()).named("cost")}, folder + "/custom_model.svg");
  std::printf("the graph: %s/custom_model.svg\n", folder.c_str());
}

int main(int count, char** arguments) {
  std::string folder = ".";
  bool quick = false;
  for (int i = 1; i < count; ++i) {
    if (arguments[i] == std::string("--quick")) {
      quick = true;
    } else {
      folder = arguments[i];
    }
  }
  try {
    if (!derivatives_are_right()) return 1;
    train(quick, folder);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

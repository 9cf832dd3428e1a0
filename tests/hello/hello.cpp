// The first page of the README. compile_budget.sh measures what it costs to compile.
#include <gradus/gradus.h>
using namespace gradus;

int main() {
  auto [train, test] = datasets::mnist();

  Parameter w1 = normal({784, 30}), b1 = normal({30});
  Parameter w2 = normal({30, 10}), b2 = normal({10});
  Sgd optimizer({w1, b1, w2, b2}, {.learning_rate = 3.0});

  for (int epoch = 0; epoch < 30; ++epoch) {
    for (auto [images, labels] : train.batches({.size = 10, .seed = epoch})) {
      Tensor hidden = sigmoid(matmul(images, w1) + b1);
      Tensor output = sigmoid(matmul(hidden, w2) + b2);
      Tensor cost = quadratic_cost(output, one_hot(labels, 10));
      optimizer.step(cost);
    }
  }
}

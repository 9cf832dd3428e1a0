#include <gradus/optim/hessian_step.h>

#include <cmath>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/gradus.h>

using namespace gradus;

namespace {

Tensor random_matrix(Index rows, Index columns, int seed) {
  return normal({rows, columns}, {.dtype = Dtype::float64, .seed = seed}).detach();
}

// Symmetric and positive definite.
Tensor definite_matrix(Index size, int seed) {
  const Tensor root = random_matrix(size, size, seed);
  return (matmul(root, transpose(root)) + eye(size, size, Dtype::float64)).detach();
}

double size_of(const Tensor& x) {
  return norm(x).item();
}

Tensor least_squares(const Parameters& w, const Tensor& x, const Tensor& y) {
  return mean(square(matmul(x, w[0]) + w[1] - y));
}

}  // namespace

TEST_CASE("conjugate gradients solve any positive definite system within as many iterations as unknowns") {
  CHECK(rc::check([](std::uint8_t seed) {
    const Index size = *rc::gen::inRange(1, 7);
    const Tensor a = definite_matrix(size, seed), x = random_matrix(size, 1, seed + 1000);
    const Tensor b = matmul(a, x).detach();
    const auto found = conjugate_gradients(
        [&](const Tensors& vector) { return Tensors{matmul(a, vector[0])}; }, {b},
        {.max_iterations = 3 * size, .tolerance = 1e-12});
    RC_ASSERT(!found.negative_curvature);
    RC_ASSERT(found.residual <= 1e-12);
    const double left = size_of(matmul(a, found.solution[0]) - b) / size_of(b);
    RC_ASSERT(left <= 1e-10);
  }));
}

TEST_CASE("the reported residual is that of the solution, however early it ends") {
  const Tensor a = definite_matrix(8, 1), b = random_matrix(8, 1, 2);
  const LinearMap product = [&](const Tensors& vector) { return Tensors{matmul(a, vector[0])}; };
  for (Index iterations = 1; iterations <= 4; ++iterations) {
    const auto found = conjugate_gradients(product, {b}, {.max_iterations = iterations, .tolerance = 0});
    CHECK(found.iterations == iterations);
    const double left = size_of(matmul(a, found.solution[0]) - b) / size_of(b);
    CHECK(found.residual == doctest::Approx(left).epsilon(1e-9));
  }
  const auto loose = conjugate_gradients(product, {b}, {.tolerance = 0.5});
  CHECK(loose.residual <= 0.5);
  CHECK(loose.iterations < 8);
}

TEST_CASE("several tensors are one vector to conjugate gradients") {
  // A couples both: [[2, 1], [1, 3]].
  const auto found = conjugate_gradients(
      [](const Tensors& v) {
        return Tensors{2 * v[0] + v[1], v[0] + 3 * v[1]};
      },
      {full({}, 3, Dtype::float64), full({}, 5, Dtype::float64)});
  CHECK(found.iterations == 2);
  CHECK(found.solution[0].item() == doctest::Approx(0.8));
  CHECK(found.solution[1].item() == doctest::Approx(1.4));
}

TEST_CASE("nothing is to be done for b = 0, and negative curvature ends it") {
  const LinearMap negative = [](const Tensors& v) { return Tensors{-v[0]}; };
  const Tensor b = full({3}, 2, Dtype::float64);
  const auto found = conjugate_gradients(negative, {b});
  CHECK(found.negative_curvature);
  CHECK(found.iterations == 0);
  CHECK(found.solution[0].values() == b.values());
  const auto nothing = conjugate_gradients(negative, {full({3}, 0, Dtype::float64)});
  CHECK(nothing.residual == 0);
  CHECK(nothing.solution[0].values() == std::vector<double>{0, 0, 0});
}

TEST_CASE("conjugate gradients refuse what is no linear system") {
  const Tensor b = full({3}, 1, Dtype::float64);
  const LinearMap same = [](const Tensors& v) { return v; };
  CHECK_THROWS_AS(conjugate_gradients(same, {}), ValueError);
  CHECK_THROWS_AS(conjugate_gradients(same, {b, full({3}, 1)}), DtypeError);
  CHECK_THROWS_AS(conjugate_gradients(same, {iota(3)}), DtypeError);
  CHECK_THROWS_AS(conjugate_gradients(same, {b}, {.max_iterations = -1}), ValueError);
  CHECK_THROWS_AS(conjugate_gradients(same, {b}, {.tolerance = NAN}), ValueError);
  CHECK_THROWS_AS(conjugate_gradients([](const Tensors&) { return Tensors{}; }, {b}), ValueError);
  CHECK_THROWS_AS(conjugate_gradients([](const Tensors& v) { return Tensors{sum(v[0])}; }, {b}), ShapeError);
  CHECK_THROWS_WITH_AS(
      conjugate_gradients([](const Tensors& v) { return Tensors{v[0] * NAN}; }, {b}), doctest::Contains("NaN"),
      ValueError);
}

TEST_CASE("one Hessian step finds the least of a quadratic cost over several parameters") {
  const Tensor x = random_matrix(30, 4, 5), y = random_matrix(30, 2, 6);
  const Parameters w{Parameter(random_matrix(4, 2, 7), "w"), Parameter(full({2}, 3, Dtype::float64), "b")};
  const auto report = hessian_step(least_squares(w, x, y), w, {.solver = {.max_iterations = 40, .tolerance = 1e-12}});
  CHECK(report.residual <= 1e-12);
  CHECK(!report.negative_curvature);
  for (const Tensor& gradient : gradients(least_squares(w, x, y), {w[0], w[1]})) CHECK(size_of(gradient) <= 1e-10);
}

TEST_CASE("the Hessian step is that of the matrix, with damping and a learning rate") {
  const Tensor x = random_matrix(20, 3, 8);
  const Parameter w(random_matrix(3, 1, 9), "w");
  const auto cost = [&] { return mean(log(1.0 + exp(matmul(x, w)))); };
  const Tensor slope = gradients(cost(), {w})[0].detach();
  const Tensor h = reshape(hessian(cost(), w), {3, 3}).detach();
  const Tensor before = w.tensor().detach();
  hessian_step(
      cost(), {w}, {.learning_rate = 0.5, .damping = 0.25, .solver = {.max_iterations = 9, .tolerance = 1e-13}});
  const Tensor moved = (w - before).detach();
  const Tensor left = matmul(h, moved) + 0.25 * moved + 0.5 * slope;
  CHECK(size_of(left) <= 1e-12 * size_of(slope));
}

TEST_CASE("Hessian steps converge quadratically where the cost is convex") {
  const Parameter w(tensor<double>({1, -0.7, 0.4}, {3}), "w");
  std::vector<double> distances;
  for (int i = 0; i < 6; ++i) {
    hessian_step(sum(exp(w) - w), {w}, {.solver = {.max_iterations = 9, .tolerance = 1e-14}});
    distances.push_back(size_of(w));
  }
  CHECK(distances.back() <= 1e-14);
  // |error'| ≈ error²/2 per coordinate.
  CHECK(distances[2] <= distances[1] * distances[1]);
}

TEST_CASE("a cost that is not convex is reported, and damping makes it so") {
  const Parameter w(tensor<double>({0.1, 0.2}, {2}), "w");
  const auto cost = [&] { return sum(cos(w)); };
  const double before = cost().item();
  const auto report = hessian_step(cost(), {w});
  CHECK(report.negative_curvature);
  CHECK(report.iterations == 0);
  CHECK(cost().item() < before);
  CHECK(!hessian_step(cost(), {w}, {.damping = 2}).negative_curvature);
}

TEST_CASE("a Hessian step that cannot be taken moves nothing") {
  const Parameter w(tensor<double>({1, 2}, {2}), "w"), unused(tensor<double>({5}, {1}), "unused");
  CHECK_THROWS_WITH_AS(hessian_step(sum(square(w)), {w, unused}), doctest::Contains("unused"), GradientError);
  CHECK_THROWS_AS(hessian_step(sum(square(w)), {w}, {.learning_rate = NAN}), ValueError);
  CHECK_THROWS_AS(hessian_step(sum(square(w)), {w}, {.damping = INFINITY}), ValueError);
  CHECK_THROWS_AS(hessian_step(square(w), {w}), ShapeError);
  CHECK(w.version() == 0);
}

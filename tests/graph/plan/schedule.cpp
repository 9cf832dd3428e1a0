#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <doctest/doctest.h>

#include <gradus/gradus.h>
#include <gradus/operation.h>

using namespace gradus;

namespace {

// Counts how many copies of a kernel run at once, and waits a moment for company.
struct Meeting {
  std::mutex mutex;
  std::condition_variable arrival;
  int present = 0, most = 0, expected = 0;

  void attend() {
    std::unique_lock lock(mutex);
    most = std::max(most, ++present);
    arrival.notify_all();
    // Without company the wait ends by itself: the test then fails instead of hanging.
    arrival.wait_for(lock, std::chrono::seconds(10), [&] { return most >= expected; });
    --present;
  }
};

Meeting meeting;

Operation meeting_operation() {
  return {
      .name = "meet",
      .formula = "y = x, once the others are there",
      .inputs = {"x"},
      .shape = [](const Call& call) { return call[0].shape(); },
      .derivative = [](const Call&, const Tensor&,
                       const Tensor& g) { return Tensors{apply(*Registered::find("meet"), {g})}; },
      .prepare =
          [](const KernelRequest& request) {
            return make_kernel(
                1, 1e6,
                [bytes = request.output.shape.count() * bytes_of(request.dtype)](
                    const void* const* inputs, void* const* outputs, Index, Index) {
                  meeting.attend();
                  std::memcpy(outputs[0], inputs[0], static_cast<std::size_t>(bytes));
                });
          },
  };
}

}  // namespace

TEST_CASE("as many independent nodes run at once as there are threads, forward and backward") {
  // Registered only here: the checks that walk the registry would wait for company.
  const Registered meet_op = meeting_operation();
  const auto meet = [&](const Operand& x) { return apply(meet_op, {x}); };
  const Parameter w = ones({4});
  for (const int count : {2, 3, 7}) {
    CAPTURE(count);
    set_threads(count);
    // As many branches as threads, for the meeting waits for all of them; no two alike, forward or backward.
    const auto branches = [&] {
      Tensor total = sum(meet(w.tensor() * 2.0));
      for (int i = 1; i < count; ++i) total += (1.0 + i) * sum(meet(w.tensor() * (2.0 + i)));
      return total;
    };
    CHECK(explain({branches()}).width == count);
    meeting.expected = count;
    meeting.most = 0;
    evaluate({branches()});
    CHECK(meeting.most == count);
    const Tensor gradient = gradients(branches(), {w})[0];
    meeting.most = 0;
    double slope = 0;
    for (int i = 0; i < count; ++i) slope += (1.0 + i) * (2.0 + i);
    CHECK(gradient.values() == std::vector<double>(4, slope));
    CHECK(meeting.most == count);
    meeting.expected = 0;
  }
  set_threads(0);
}

TEST_CASE("a chain has no width, and small graphs run on the calling thread") {
  const Tensor x = ones({10});
  const Explanation plan = explain({sum(sin(cos(x)))});
  CHECK(plan.width == 1);
  CHECK_FALSE(plan.parallel);
}

TEST_CASE("large independent branches are planned as tasks with a shorter span than their work") {
  const Tensor x = ones({400, 400}).detach();
  Tensor total = sum(matmul(x, x));
  for (int i = 0; i < 3; ++i) total += sum(matmul(x * (1.5 + i), x));
  const Explanation plan = explain({total});
  CHECK(plan.parallel);
  CHECK(plan.width == 4);
  CHECK(plan.work > 3 * plan.span);
}

namespace {

// Branches too small to wake a thread for.
class SmallBranches {
 public:
  Tensor cost() const {
    Tensor total = 0.0F;
    for (const Parameter& w : weights_) total += sum(square(tanh(matmul(x_, w))));
    return total;
  }
  /// All weights after some hundred steps.
  std::vector<std::vector<float>> trained() {
    Sgd optimizer(weights_, {.learning_rate = 0.01});
    for (int step = 0; step < 300; ++step) optimizer.step(cost());
    std::vector<std::vector<float>> values;
    for (const Parameter& w : weights_) values.push_back(w.tensor().values<float>());
    return values;
  }
  bool are_tried() const {
    Tensors wanted = gradients(cost(), {weights_.begin(), weights_.end()});
    return explain(wanted).tried;
  }

 private:
  Tensor x_ = uniform({16, 60}, {.seed = 1}).detach();
  Parameters weights_ = {
      uniform({60, 40}, {.seed = 2}), uniform({60, 40}, {.seed = 3}), uniform({60, 40}, {.seed = 4}),
      uniform({60, 40}, {.seed = 5})};
};

}  // namespace

TEST_CASE("branches too small to wake a thread for are tried, with the same bits as on one thread") {
  set_threads(1);
  const auto expected = SmallBranches().trained();
  for (const int count : {2, 3}) {
    CAPTURE(count);
    set_threads(count);
    SmallBranches branches;
    CHECK(branches.are_tried());
    CHECK(branches.trained() == expected);
  }
  set_threads(0);
}

TEST_CASE("several threads may try one plan at once") {
  set_threads(2);
  const SmallBranches branches;
  const double expected = branches.cost().item();
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) wrong += branches.cost().item() != expected;
    });
  }
  for (auto& thread : threads) thread.join();
  set_threads(0);
  CHECK(wrong == 0);
}

TEST_CASE("several threads may build and evaluate graphs over shared parameters at once") {
  const Parameter w = uniform({30, 30}, {.seed = 1});
  const Tensor x = uniform({10, 30}, {.seed = 2}).detach();
  const auto evaluate_once = [&] { return sum(tanh(matmul(x, w))).item(); };
  const double expected = evaluate_once();
  std::atomic<int> wrong{0};
  std::vector<std::thread> workers;
  for (int t = 0; t < 4; ++t) {
    workers.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const Tensor cost = sum(tanh(matmul(x, w)));
        const Tensor gradient = gradients(cost, {w})[0];
        evaluate({cost, gradient});
        if (cost.item() != expected || evaluate_once() != expected) ++wrong;
      }
    });
  }
  for (auto& worker : workers) worker.join();
  CHECK(wrong == 0);
}

TEST_CASE("one graph may be evaluated by several threads at once") {
  for (int round = 0; round < 50; ++round) {
    // Every round plans anew, while others may already publish.
    clear_plan_cache();
    const Tensor x = uniform({20, 20}, {.seed = round}).detach();
    const Tensor shared = sin(matmul(x, x));
    const Tensor result = sum(shared * shared);
    std::vector<std::thread> workers;
    std::vector<double> found(4);
    for (std::size_t t = 0; t < 4; ++t) workers.emplace_back([&, t] { found[t] = result.item(); });
    for (auto& worker : workers) worker.join();
    for (const double value : found) CHECK(value == found[0]);
  }
}

TEST_CASE("a parameter may be stepped by one thread while others read it") {
  const Parameter w = ones({100});
  std::atomic<bool> done{false};
  std::atomic<int> mixed{0};
  std::thread reader([&] {
    while (!done) {
      try {
        const auto values = (w.tensor() * 1.5).values<float>();
        for (const float value : values) mixed += value != values[0];
      } catch (const StaleError&) {
        // The parameter moved between building and evaluating: said, not hidden.
      }
    }
  });
  for (int i = 0; i < 300; ++i) w.assign(w.tensor() + 1.0);
  done = true;
  reader.join();
  CHECK(mixed == 0);
  CHECK(w.values()[0] == 301);
}

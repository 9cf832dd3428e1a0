#include <atomic>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

#include <gradus/gradus.h>
#include <gradus/graph/plan/task_order.h>

extern "C" {
int omp_get_max_threads();
void omp_set_num_threads(int count);
}

using namespace gradus;

namespace {

// Branches and kernels large enough that both tasks and parts of kernels run at once.
class Branches {
 public:
  Branches() : x_(uniform({300, 300}, {.seed = 1}).detach()), w_(uniform({300, 300}, {.seed = 2})) {}

  std::vector<float> values() const {
    Tensor total = sum(tanh(matmul(x_, w_)), {0});
    for (int i = 1; i < 4; ++i) total += sum(tanh(matmul(x_ * (0.01 * i), w_)), {0});
    const Tensor gradient = gradients(sum(total), {w_})[0];
    return (total + sum(gradient, {0})).values<float>();
  }
  bool run_at_once() const { return explain({sum(matmul(x_, w_)) + sum(matmul(x_ * 2.0, w_))}).parallel; }

 private:
  Tensor x_;
  Parameter w_;
};

std::vector<float> serial_values(const Branches& branches) {
  set_threads(1);
  auto values = branches.values();
  set_threads(0);
  return values;
}

int threads_of_this_process() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("Threads:")) return std::stoi(line.substr(8));
  }
  return -1;
}

std::size_t tbb_limit() {
  return tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
}

}  // namespace

TEST_CASE("the same comes out inside the caller's arenas, loops and threads") {
  const Branches branches;
  REQUIRE(branches.run_at_once());
  const auto expected = serial_values(branches);
  for (const int count : {1, 2}) {
    set_threads(count);
    for (const int slots : {1, 2}) {
      tbb::task_arena arena(slots);
      arena.execute([&] { CHECK(branches.values() == expected); });
    }
    std::atomic<int> wrong{0};
    plan::ended(&branches);
    tbb::parallel_for(0, 8, [&](int) GRADUS_CALLED_BY_TBB {
      plan::begins_after(&branches);
      wrong += branches.values() != expected;
    });
    std::vector<std::thread> callers;
    for (int t = 0; t < 4; ++t) {
      callers.emplace_back([&] {
        for (int i = 0; i < 5; ++i) wrong += branches.values() != expected;
      });
    }
    for (auto& caller : callers) caller.join();
    CHECK(wrong == 0);
  }
  set_threads(0);
}

TEST_CASE("the caller's settings of OpenMP and oneTBB are unchanged by an evaluation") {
  const Branches branches;
  const int openmp = omp_get_max_threads();
  const std::size_t tbb = tbb_limit();
  omp_set_num_threads(3);
  CHECK(branches.values() == serial_values(branches));
  CHECK(omp_get_max_threads() == 3);
  CHECK(tbb_limit() == tbb);
  {
    const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
    CHECK(branches.values() == serial_values(branches));
    CHECK(tbb_limit() == 1);
  }
  omp_set_num_threads(openmp);
}

TEST_CASE("oneDNN starts no threads of its own, whatever OpenMP is set to") {
  set_threads(1);
  const Tensor x = uniform({300, 300}, {.seed = 1}).detach();
  const int openmp = omp_get_max_threads();
  omp_set_num_threads(3);
  const int before = threads_of_this_process();
  evaluate({matmul(x, x)});
  CHECK(threads_of_this_process() == before);
  omp_set_num_threads(openmp);
  set_threads(0);
}

TEST_CASE("a number of threads that cannot be is refused") {
  CHECK_THROWS_WITH_AS(set_threads(-1), doctest::Contains("-1 threads are impossible"), ValueError);
}

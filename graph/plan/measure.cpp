#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <thread>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/partitioner.h>
#include <oneapi/tbb/task_arena.h>

#include <gradus/graph/operation.h>
#include <gradus/graph/plan/cost_model.h>
#include <gradus/graph/plan/gather.h>
#include <gradus/graph/plan/task_order.h>

namespace gradus::plan {

namespace {

using Clock = std::chrono::steady_clock;

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

// The least of several rounds: whatever disturbs a measurement only ever adds to it.
double least_time(int rounds, int repetitions, const auto& work) {
  work();
  double least = 1e300;
  for (int round = 0; round < rounds; ++round) {
    const auto start = Clock::now();
    for (int i = 0; i < repetitions; ++i) work();
    least = std::min(least, nanoseconds_since(start) / repetitions);
  }
  return least;
}

double least_time_of(const Kernel& kernel, const KernelRequest& request) {
  std::vector<std::vector<std::byte>> memory;
  std::vector<const void*> inputs;
  for (std::size_t i = 0; i < request.inputs.size(); ++i)
    memory.emplace_back(static_cast<std::size_t>(request.inputs[i].shape.count() * bytes_of(request.dtypes[i])));
  memory.emplace_back(static_cast<std::size_t>(request.output.shape.count() * bytes_of(request.dtype)));
  for (std::size_t i = 0; i < request.inputs.size(); ++i) inputs.push_back(memory[i].data());
  void* output = memory.back().data();
  return least_time(5, 3, [&] { kernel.run(inputs.data(), &output, 0, kernel.parts()); });
}

void measure_probes(MachineCosts& costs) {
  for (const auto* probe = RegisteredProbe::first(); probe; probe = probe->next) {
    const KernelRequest request = probe->request();
    const KernelPointer kernel = probe->prepare(request);
    const double time = least_time_of(*kernel, request);
    if (probe->kind == CostProbe::Kind::estimate) {
      costs.estimated = time / kernel->cost();
    } else {
      costs.reduced_byte = time / static_cast<double>(request.inputs[0].shape.count() * bytes_of(request.dtypes[0]));
    }
  }
}

void measure_tiles(MachineCosts& costs) {
  constexpr Index entries = 512;
  // Zeros are numbers in every dtype, and no dtype is wider than a double: casts have float32 on one side only.
  alignas(64) static const double zeros[entries] = {};
  alignas(64) double result[entries];
  for (const Registered* operation = Registered::first(); operation; operation = operation->next) {
    const Tile tile = operation->tiles[static_cast<std::size_t>(Dtype::float32)];
    if (!tile) continue;
    const void* inputs[] = {zeros, zeros, zeros, zeros};
    const double time = least_time(3, 4, [&] { tile(inputs, result, entries); });
    costs.entry_of.insert_or_assign(
        std::string(operation->name), std::clamp(time / entries, costs.entry / 40, costs.entry * 40));
  }
}

void measure_copies(MachineCosts& costs) {
  constexpr std::size_t bytes = std::size_t{1} << 20;
  std::vector<std::byte> from(bytes), to(bytes);
  costs.passed_byte = least_time(5, 2, [&] { std::memcpy(to.data(), from.data(), bytes); }) / (2.0 * bytes);
  Layout transposed = Layout::dense({128, 128});
  std::swap(transposed.stride(0), transposed.stride(1));
  const KernelPointer copy = copy_kernel(transposed, Dtype::float32);
  const void* input = from.data();
  void* output = to.data();
  const auto passed = static_cast<double>(2 * transposed.shape.count() * bytes_of(Dtype::float32));
  costs.gathered_byte = least_time(5, 2, [&] { copy->run(&input, &output, 0, copy->parts()); }) / passed;
}

// How long until a second thread has begun, for threads that just worked and for such as fell asleep.
double second_start(tbb::task_arena& arena, std::chrono::microseconds pause) {
  double least = 1e300;
  for (int round = 0; round < 9; ++round) {
    std::this_thread::sleep_for(pause);
    std::atomic<int> begun{0};
    std::atomic<double> last{0};
    const auto start = Clock::now();
    ended(&begun);
    arena.execute([&] {
      tbb::this_task_arena::isolate([&] {
        tbb::parallel_for(
            0, 2,
            [&](int) GRADUS_CALLED_BY_TBB {
              begins_after(&begun);
              if (begun.fetch_add(1) == 1) last = nanoseconds_since(start);
              // Long enough for the other to come; if none does, this thread takes both.
              while (begun.load() < 2 && nanoseconds_since(start) < 100'000) std::this_thread::yield();
            },
            tbb::simple_partitioner());
      });
    });
    least = std::min(least, last.load());
  }
  return least;
}

double time_of_a_task(tbb::task_arena& arena) {
  constexpr int tasks = 64;
  double least = 0;
  arena.execute([&] {
    using Node = tbb::flow::continue_node<tbb::flow::continue_msg>;
    tbb::flow::graph graph;
    std::vector<std::unique_ptr<Node>> nodes;
    for (int i = 0; i < tasks; ++i) {
      nodes.push_back(std::make_unique<Node>(graph, [](const tbb::flow::continue_msg&) {}));
      if (i > 0) tbb::flow::make_edge(*nodes[static_cast<std::size_t>(i) - 1], *nodes.back());
    }
    least = least_time(5, 1, [&] {
      tbb::this_task_arena::isolate([&] {
        nodes.front()->try_put(tbb::flow::continue_msg());
        graph.wait_for_all();
      });
    });
  });
  return least / tasks;
}

}  // namespace

MachineCosts measured_costs() {
  MachineCosts costs;
  const MachineCosts usual;
  measure_probes(costs);
  measure_tiles(costs);
  measure_copies(costs);
  tbb::task_arena arena(2);
  costs.tasks.task = time_of_a_task(arena);
  using std::chrono::microseconds;
  costs.tasks.hand_over = second_start(arena, microseconds(0));
  costs.tasks.wake = second_start(arena, microseconds(800));
  // What is far off was disturbed, and would lead the planner astray for good.
  const auto within = [](double& value, double usual_value, double factor) {
    value = std::clamp(value, usual_value / factor, usual_value * factor);
  };
  within(costs.passed_byte, usual.passed_byte, 8);
  within(costs.gathered_byte, usual.gathered_byte, 8);
  within(costs.reduced_byte, usual.reduced_byte, 8);
  within(costs.estimated, usual.estimated, 8);
  within(costs.tasks.task, usual.tasks.task, 2);
  within(costs.tasks.hand_over, usual.tasks.hand_over, 4);
  within(costs.tasks.wake, usual.tasks.wake, 1.5);
  return costs;
}

}  // namespace gradus::plan

// Kills a program again and again, as a whole process and at random moments, and looks at what the last one leaves. The
// program is this one: started with GRADUS_RESUMED_PROGRAM in its environment it is one of the example programs.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <gradus/datasets/sha256.h>
#include <program/program.h>
#include <program/training.h>

#include "datasets/files.h"

extern char** environ;

namespace {

using namespace gradus;
using namespace gradus::tests;
using std::chrono::microseconds;

/// Two trainings, one after the other, with all that has a state: momentum, dropout, a rate that falls on plateaus,
/// best parameters that are kept.
void train_twice(program::Run& run) {
  for (const char* name : {"first", "second"}) {
    run.series(name);
    const FeedForward network({2, 12, 10}, {.initializer = initializers::book_new});
    Momentum optimizer(network.parameters(), {.learning_rate = 0.1, .regularization = {.l2 = 0.01, .examples = 300}});
    PlateauDecay decay({.learning_rate = 0.1, .epochs = 5, .factor = 0.9, .stop_at = 1e-6, .better = Better::lower});
    Objective objective = program::cross_entropy_objective(network);
    objective.watched_cost = objective.cost;
    objective.cost = [&](const Tensor& points, const Tensor& labels) {
      const Tensor hidden = dropout(sigmoid(matmul(points, network.weights()[0]) + network.biases()[0]), 0.3);
      return cross_entropy_with_logits(matmul(hidden, network.weights()[1]) + network.biases()[1], one_hot(labels, 10));
    };
    const auto stop = [&](const Epoch& epoch) {
      const bool stops = decay.stops_after(epoch.at(Curve::evaluation_cost));
      optimizer.set_learning_rate(decay.learning_rate());
      return stops;
    };
    const TrainingHistory history = program::train(
        run, optimizer, objective,
        program::as_asked(run, {.epochs = 60, .watch = {Curve::evaluation_cost, Curve::training_accuracy}}),
        datasets::two_moons(300, 0.1, 1), datasets::two_moons(100, 0.2, 2),
        {.stop = stop, .keep_best = Curve::evaluation_cost});
    run.finding(
        {.quantity = "cost of one image",
         .measured = objective.watched_cost(tensor<float>({0.5F, 0.5F}, {1, 2}), tensor<std::int32_t>({1})).item()});
    run.finding({.quantity = "best epoch", .measured = static_cast<double>(*history.best_epoch)});
  }
  run.summary({.quantity = "next draw of the generator", .measured = uniform({}).item()});
}

const program::Program resumed_program{
    .name = "resumed",
    .title = "a program that is killed",
    .experiments = {{.name = "two", .description = "two trainings", .published = "nothing", .run = train_twice}},
    .options = program::training_options()};

const char* const environment_name = "GRADUS_RESUMED_PROGRAM";

/// The program, as a process of its own, with its output in a folder.
class Process {
 public:
  Process(const std::string& folder, const std::string& options) {
    setenv(environment_name, ("--experiment two " + options + " --metrics " + folder + "/run.jsonl").c_str(), 1);
    std::vector<std::string> words{"/proc/self/exe", "--test-case=this is the program that is killed", "--no-skip"};
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    REQUIRE(posix_spawn(&number_, words[0].c_str(), &actions, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    unsetenv(environment_name);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process() {
    if (!ended_) end_by_killing();
  }

  bool has_ended() {
    if (!ended_) ended_ = waitpid(number_, &status_, WNOHANG) == number_;
    return ended_;
  }
  /// Whether the kill came in time; otherwise it had ended by itself, which must have gone well.
  bool end_by_killing() {
    if (!has_ended()) {
      ::kill(number_, SIGKILL);
      ended_ = waitpid(number_, &status_, 0) == number_;
    }
    if (WIFSIGNALED(status_)) return true;
    CHECK(WEXITSTATUS(status_) == 0);
    return false;
  }
  void end() {
    if (!ended_) ended_ = waitpid(number_, &status_, 0) == number_;
    CHECK(WIFEXITED(status_));
    CHECK(WEXITSTATUS(status_) == 0);
  }

 private:
  pid_t number_ = 0;
  int status_ = 0;
  bool ended_ = false;
};

/// Changes whenever either checkpoint is replaced.
std::uint64_t state_of_checkpoints(const std::string& folder) {
  std::uint64_t state = 0;
  for (const char* name : {"/run.safetensors", "/run-2.safetensors"}) {
    struct stat found {};
    const bool there = stat((folder + name).c_str(), &found) == 0;
    state = 31 * state + (there ? static_cast<std::uint64_t>(found.st_ino) * 1'000'000'007 +
                                      static_cast<std::uint64_t>(found.st_mtim.tv_nsec)
                                : 0);
  }
  return state;
}

/// Waits for some epochs of the process, and then a little.
void wait_for_epochs(Process& process, const std::string& folder, int epochs, microseconds further) {
  std::uint64_t state = state_of_checkpoints(folder);
  while (epochs > 0 && !process.has_ended()) {
    std::this_thread::sleep_for(microseconds(100));
    const std::uint64_t now = state_of_checkpoints(folder);
    if (now != state) --epochs;
    state = now;
  }
  std::this_thread::sleep_for(further);
}

/// All that a run leaves, without its timings.
std::string results(const std::string& folder) {
  std::string text;
  for (const char* name : {"/run.safetensors", "/run-2.safetensors"}) {
    text += datasets::sha256_of_file(folder + name) + "\n";
  }
  std::ifstream metrics(folder + "/run.jsonl");
  for (std::string line; std::getline(metrics, line);) {
    nlohmann::ordered_json record = nlohmann::ordered_json::parse(line);
    record.erase("seconds");
    record.erase("threads");
    text += record.dump() + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("this is the program that is killed" * doctest::skip()) {
  const char* given = std::getenv(environment_name);
  if (given == nullptr) return;
  std::istringstream line(given);
  std::vector<std::string> words{"resumed"};
  for (std::string word; line >> word;) words.push_back(word);
  std::vector<const char*> arguments;
  for (const std::string& word : words) arguments.push_back(word.c_str());
  std::exit(program::run_program(static_cast<int>(arguments.size()), arguments.data(), resumed_program));
}

TEST_CASE("a run that is killed at 20 random moments and resumed leaves what an undisturbed run leaves") {
  const TemporaryFolder undisturbed, killed;
  const std::string options = "--resume";
  const auto start = std::chrono::steady_clock::now();
  Process(undisturbed.text(), options).end();
  const auto whole = std::chrono::duration_cast<microseconds>(std::chrono::steady_clock::now() - start);
  const std::string expected = results(undisturbed.text());
  CHECK(std::count(expected.begin(), expected.end(), '\n') == 2 + 2 * 60 + 5);

  std::mt19937_64 random(std::random_device{}());
  const auto below = [&](std::int64_t bound) { return std::uniform_int_distribution<std::int64_t>(0, bound)(random); };
  int kills = 0, during_training = 0, ends = 0;
  while (kills < 20) {
    const std::uint64_t before = state_of_checkpoints(killed.text());
    Process process(killed.text(), options + (kills % 2 == 0 ? " --threads 1" : " --threads 2"));
    if (kills % 4 == 3) {
      // Anywhere: in its start, while it reads what there is.
      std::this_thread::sleep_for(microseconds(below(whole.count() / 2)));
    } else {
      wait_for_epochs(process, killed.text(), static_cast<int>(1 + below(3)), microseconds(below(4000)));
    }
    if (process.end_by_killing()) {
      ++kills;
      if (state_of_checkpoints(killed.text()) != before) ++during_training;
      continue;
    }
    // It was faster: what it leaves must be right as well, and the next one begins anew.
    CHECK(results(killed.text()) == expected);
    for (const auto& entry : std::filesystem::directory_iterator(killed.text())) std::filesystem::remove(entry);
    REQUIRE(++ends < 100);
  }
  MESSAGE(kills << " kills, " << during_training << " of them after further epochs; " << ends << " ended before");
  CHECK(during_training >= 5);
  Process(killed.text(), options).end();
  CHECK(results(killed.text()) == expected);
  CHECK_FALSE(std::filesystem::exists(killed / "run.safetensors.part"));
}

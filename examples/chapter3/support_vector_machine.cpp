#include "support_vector_machine.h"

#ifdef GRADUS_HAS_LIBSVM
#include <algorithm>
#include <atomic>
#include <future>
#include <memory>
#include <mutex>

#include <svm.h>
#else
#include <program/command_line.h>
#endif

namespace chapter3 {

using namespace gradus;
using datasets::Dataset;

#ifdef GRADUS_HAS_LIBSVM

namespace {

/// Images as libsvm takes them: the pixels that are not 0, and −1 at the end.
struct SparseImages {
  std::vector<std::vector<svm_node>> images;
  std::vector<std::vector<int>> of_digit{10};  ///< which images show a digit

  explicit SparseImages(const Dataset& set) {
    const std::vector<float> pixels = set.features().values<float>();
    const std::vector<std::int32_t> labels = set.labels().values<std::int32_t>();
    const std::size_t pixel_count = pixels.size() / labels.size();
    for (std::size_t i = 0; i < labels.size(); ++i) {
      std::vector<svm_node> nodes;
      for (std::size_t j = 0; j < pixel_count; ++j) {
        if (const double pixel = pixels[i * pixel_count + j]; pixel != 0) nodes.push_back({static_cast<int>(j), pixel});
      }
      nodes.push_back({-1, 0});
      images.push_back(std::move(nodes));
      of_digit[static_cast<std::size_t>(labels[i])].push_back(static_cast<int>(i));
    }
  }
};

struct Pair {
  std::size_t first, second;
};

std::vector<Pair> pairs() {
  std::vector<Pair> all;
  for (std::size_t first = 0; first < 10; ++first) {
    for (std::size_t second = first + 1; second < 10; ++second) all.push_back({first, second});
  }
  return all;
}

/// The machine of one pair: Σ coefficient · K(x, image) − offset is positive for the first digit.
struct BinaryMachine {
  std::vector<int> images;  ///< its support vectors
  std::vector<double> coefficients;
  double offset = 0;
};

BinaryMachine train_pair(SparseImages& all, const Pair& pair, double gamma) {
  std::vector<int> members = all.of_digit[pair.first];
  const auto first_count = static_cast<std::ptrdiff_t>(members.size());
  members.insert(members.end(), all.of_digit[pair.second].begin(), all.of_digit[pair.second].end());
  std::vector<svm_node*> images;
  for (const int member : members) images.push_back(all.images[static_cast<std::size_t>(member)].data());
  std::vector<double> sides(members.size(), -1);
  std::fill_n(sides.begin(), first_count, 1);

  const svm_problem problem{static_cast<int>(members.size()), sides.data(), images.data()};
  svm_parameter parameter{};
  parameter.svm_type = C_SVC;
  parameter.kernel_type = RBF;
  parameter.gamma = gamma;
  parameter.C = 1;
  parameter.eps = 1e-3;
  parameter.shrinking = 1;
  parameter.cache_size = 500;  // MB: all of a pair's kernel, for 50,000 images
  const auto free_model = [](svm_model* model) { svm_free_and_destroy_model(&model); };
  const std::unique_ptr<svm_model, decltype(free_model)> model(svm_train(&problem, &parameter), free_model);

  BinaryMachine machine;
  machine.offset = model->rho[0];
  for (int i = 0; i < model->l; ++i) {
    machine.images.push_back(members[static_cast<std::size_t>(model->sv_indices[i] - 1)]);
    machine.coefficients.push_back(model->sv_coef[0][i]);
  }
  return machine;
}

SupportVectorMachine joined(const Dataset& images, double gamma, const std::vector<BinaryMachine>& machines) {
  const std::size_t pair_count = machines.size();
  std::vector<std::int32_t> row_of(static_cast<std::size_t>(images.size()), -1), vectors;
  std::vector<double> coefficients, offsets;
  for (std::size_t pair = 0; pair < pair_count; ++pair) {
    offsets.push_back(machines[pair].offset);
    for (std::size_t i = 0; i < machines[pair].images.size(); ++i) {
      const int image = machines[pair].images[i];
      std::int32_t& row = row_of[static_cast<std::size_t>(image)];
      if (row < 0) {
        row = static_cast<std::int32_t>(vectors.size());
        vectors.push_back(image);
        coefficients.resize(coefficients.size() + pair_count);
      }
      coefficients[static_cast<std::size_t>(row) * pair_count + pair] = machines[pair].coefficients[i];
    }
  }
  std::vector<std::int32_t> first, second;
  for (const Pair& pair : pairs()) {
    first.push_back(static_cast<std::int32_t>(pair.first));
    second.push_back(static_cast<std::int32_t>(pair.second));
  }
  const auto count = static_cast<Index>(vectors.size());
  return {
      .gamma = gamma,
      .vectors = cast(take(images.features(), tensor(vectors, {count})), Dtype::float64),
      .coefficients = tensor(coefficients, {count, pairs_of_digits}),
      .offsets = tensor(offsets, {pairs_of_digits}),
      .first = one_hot(tensor(first, {pairs_of_digits}), 10),
      .second = one_hot(tensor(second, {pairs_of_digits}), 10)};
}

}  // namespace

SupportVectorMachine train_svm(const Dataset& images, double gamma, const std::function<void()>& on_pair) {
  svm_set_print_string_function([](const char*) {});
  SparseImages sparse(images);
  const std::vector<Pair> all = pairs();
  std::vector<BinaryMachine> machines(all.size());
  std::atomic<std::size_t> next = 0;
  std::mutex telling;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      machines[i] = train_pair(sparse, all[i], gamma);
      const std::lock_guard lock(telling);
      on_pair();
    }
  };
  std::vector<std::future<void>> workers;
  for (int i = 0; i < threads(); ++i) workers.push_back(std::async(std::launch::async, work));
  for (std::future<void>& worker : workers) worker.get();
  return joined(images, gamma, machines);
}

#else

SupportVectorMachine train_svm(const Dataset&, double, const std::function<void()>&) {
  throw program::Mistake("this experiment needs libsvm: install Debian's libsvm-dev and build again");
}

#endif

Index count_right(const SupportVectorMachine& machine, const Dataset& images) {
  Index right = 0;
  const Tensor lengths = sum(square(machine.vectors), 1), to_vectors = transpose(machine.vectors);
  for (const auto& [pixels, labels] : images.batches({.size = 500, .shuffle = false})) {
    const Tensor x = cast(pixels, Dtype::float64);
    const Tensor distances = expand(sum(square(x), 1), 1) + lengths - 2 * matmul(x, to_vectors);
    const Tensor decisions = matmul(exp(-machine.gamma * distances), machine.coefficients) - machine.offsets;
    const Tensor for_first = cast(decisions > 0, Dtype::float32);
    const Tensor votes = matmul(for_first, machine.first) + matmul(1 - for_first, machine.second);
    right += count_nonzero(equal(argmax(votes, 1), labels)).item<std::int32_t>();
  }
  return right;
}

}  // namespace chapter3

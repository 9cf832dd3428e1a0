#include "data.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <gradus/datasets/idx_dataset.h>

#include <program/mnist.h>

namespace chapter6 {

namespace {

/// Gone with all that is in it when its owner goes.
class TemporaryFolder {
 public:
  TemporaryFolder() : path_((std::filesystem::temp_directory_path() / "gradus-XXXXXX").string()) {
    if (mkdtemp(path_.data()) == nullptr) {
      throw program::Mistake("cannot make a folder for the expanded images; set TMPDIR to one with 200 MB of room");
    }
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// Sizes 28 of an axis, moved by so many entries.
Tensor moved(const Tensor& images, Index axis, Index by) {
  const Index front = std::max<Index>(by, 0), behind = std::max<Index>(-by, 0);
  return slice(pad(images, axis, front, behind), axis, behind, behind + 28);
}

}  // namespace

Data images_of_the_book(program::Run& run) {
  Data data = program::mnist_of_the_book(run);
  if (!run.quick()) return data;
  run.changed("at most 2,000 training images, 1,000 to judge by");
  data.train = data.train.take(2000);
  data.validation = data.validation.take(1000);
  data.test = data.test.take(1000);
  return data;
}

Data expanded(program::Run& run, Data data) {
  if (run.quick()) data.train = data.train.take(std::min<Index>(data.train.size(), 400));
  const TemporaryFolder folder;
  const std::string images = folder.file("images"), labels = folder.file("labels");
  constexpr double divisor = 256;
  datasets::expand_by_shifts(data.train, images, labels, {.divisor = divisor, .seed = run.seed()});
  data.train = datasets::Dataset();  // before the larger one comes
  data.train = datasets::dataset_from_idx(images, labels, {.divisor = divisor});
  return data;
}

datasets::Dataset shifted(const datasets::Dataset& images, Index right, Index down) {
  const Tensor square = reshape(images.features(), {images.size(), 28, 28});
  const Tensor all = moved(moved(square, 2, right), 1, down);
  return datasets::Dataset::from(reshape(all, {images.size(), 784}), images.labels());
}

}  // namespace chapter6

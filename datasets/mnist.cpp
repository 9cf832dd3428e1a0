#include <gradus/datasets/mnist.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <gradus/datasets/idx_dataset.h>
#include <gradus/datasets/sha256.h>
#include <gradus/graph/error.h>

namespace gradus::datasets {
namespace {

namespace fs = std::filesystem;

/// A file, the SHA-256 of its usual .gz and that of its contents. Others may have zipped the same contents otherwise.
struct KnownFile {
  std::string_view name, zipped, contents;
};

struct KnownSet {
  std::string_view title, folder;
  std::string_view debian;         // where a package puts it; empty if there is none
  std::array<KnownFile, 4> files;  // training images and labels, test images and labels
};

constexpr KnownSet mnist_files{
    "MNIST",
    "mnist",
    "",
    {{{"train-images-idx3-ubyte", "0b367032e93c5d0cea0925647cfdb18614af8ee15f83e6f2fc2ad904a6835971",
       "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
      {"train-labels-idx1-ubyte", "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
       "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"},
      {"t10k-images-idx3-ubyte", "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
       "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
      {"t10k-labels-idx1-ubyte", "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
       "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}}};

constexpr KnownSet fashion_files{
    "Fashion-MNIST",
    "fashion-mnist",
    "/usr/share/datasets/fashion-mnist",
    {{{"train-images-idx3-ubyte", "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
       "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"},
      {"train-labels-idx1-ubyte", "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
       "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"},
      {"t10k-images-idx3-ubyte", "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
       "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"},
      {"t10k-labels-idx1-ubyte", "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
       "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"}}}};

std::vector<fs::path> places(const KnownSet& set, const std::string& directory) {
  if (!directory.empty()) return {directory, fs::path(directory) / set.folder};
  std::vector<fs::path> found;
  const char* data = std::getenv("GRADUS_DATA");
  if (data != nullptr && *data != '\0') found.push_back(fs::path(data) / set.folder);
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home != '\0') found.push_back(fs::path(home) / ".cache" / "gradus" / set.folder);
  if (!set.debian.empty()) found.emplace_back(set.debian);
  return found;
}

/// The file in a folder, zipped rather than not; none if it is there in neither form.
std::optional<fs::path> file_in(const fs::path& folder, const KnownFile& file) {
  std::error_code ignored;
  for (const std::string_view ending : {".gz", ""}) {
    fs::path path = folder / (std::string(file.name) += ending);
    if (fs::exists(path, ignored)) return path;
  }
  return std::nullopt;
}

/// The first place that holds any of the files: where some are missing, that is a mistake to report, not to pass over.
std::optional<fs::path> place_of(const KnownSet& set, const std::string& directory) {
  for (const fs::path& place : places(set, directory)) {
    for (const KnownFile& file : set.files) {
      if (file_in(place, file)) return place;
    }
  }
  return std::nullopt;
}

[[noreturn]] void fail_nowhere(const KnownSet& set, const std::string& directory) {
  std::string looked;
  for (const fs::path& place : places(set, directory)) {
    looked += fmt::format("{}'{}'", looked.empty() ? "" : ", ", place.string());
  }
  throw DataError(fmt::format(
      "{} was not found. Looked for {}[.gz] and the other three files in {}. Put the four files into one "
      "of these{}, or set "
      "GRADUS_DATA to the folder that holds {}/. './dev demo' fetches MNIST.",
      set.title, set.files[0].name, looked,
      set.debian.empty() ? "" : ", or install Debian's package dataset-fashion-mnist", set.folder));
}

std::string expected_sums(const KnownFile& file) {
  return fmt::format("expected {} (unzipped) or {} (.gz)", file.contents, file.zipped);
}

void verify(const KnownSet& set, const KnownFile& file, const std::string& path) {
  const std::string stored = sha256_of_file(path);
  if (stored == file.zipped || stored == file.contents) return;
  std::string contents;
  try {
    contents = sha256_of_contents(path);
  } catch (const DataError& error) {
    throw DataError(fmt::format(
        "'{}' is not the file of {}: its SHA-256 is {}; {}. It is damaged: {}", path, set.title, stored,
        expected_sums(file), error.what()));
  }
  if (contents != file.contents) {
    throw DataError(fmt::format(
        "'{}' is not the file of {}: its SHA-256 is {}{}; {}", path, set.title, stored,
        contents == stored ? "" : fmt::format(" ({} unzipped)", contents), expected_sums(file)));
  }
}

std::string verified_file(const KnownSet& set, const KnownFile& file, const fs::path& place) {
  const auto path = file_in(place, file);
  if (!path) {
    throw DataError(fmt::format(
        "'{}' holds files of {}, but neither {} nor {}.gz; put all four there", place.string(), set.title, file.name,
        file.name));
  }
  verify(set, file, path->string());
  return path->string();
}

TrainTest load(const KnownSet& set, const MnistOptions& options) {
  const auto place = place_of(set, options.directory);
  if (!place) fail_nowhere(set, options.directory);
  std::array<std::string, 4> paths;
  for (std::size_t i = 0; i < paths.size(); ++i) paths[i] = verified_file(set, set.files[i], *place);
  const IdxOptions idx{.divisor = options.divisor, .flat = options.flat, .dtype = options.dtype};
  return {dataset_from_idx(paths[0], paths[1], idx), dataset_from_idx(paths[2], paths[3], idx)};
}

bool must_be_fashion(const MnistOptions& options) {
  return options.directory.empty() && !place_of(mnist_files, options.directory);
}

TrainValidationTest as_in_the_book(const KnownSet& set, MnistOptions options) {
  options.divisor = 256;
  auto [sixty_thousand, test] = load(set, options);
  auto [train, validation] = sixty_thousand.split(50'000);
  return {std::move(train), std::move(validation), std::move(test)};
}

}  // namespace

TrainTest mnist(const MnistOptions& options) {
  return load(mnist_files, options);
}

TrainTest fashion_mnist(const MnistOptions& options) {
  return load(fashion_files, options);
}

TrainValidationTest mnist_of_the_book(const MnistOptions& options) {
  return as_in_the_book(mnist_files, options);
}

NamedTrainTest mnist_or_fashion(const MnistOptions& options) {
  const KnownSet& set = must_be_fashion(options) ? fashion_files : mnist_files;
  auto [train, test] = load(set, options);
  return {std::move(train), std::move(test), std::string(set.title)};
}

NamedTrainValidationTest mnist_or_fashion_of_the_book(const MnistOptions& options) {
  const KnownSet& set = must_be_fashion(options) ? fashion_files : mnist_files;
  auto [train, validation, test] = as_in_the_book(set, options);
  return {std::move(train), std::move(validation), std::move(test), std::string(set.title)};
}

}  // namespace gradus::datasets

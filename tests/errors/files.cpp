#include <cmath>
#include <cstdlib>
#include <optional>

#include <gradus/datasets/idx_dataset.h>
#include <gradus/gradus.h>

#include "datasets/files.h"
#include "errors/misuse.h"

using namespace gradus;
using namespace gradus::tests;
using datasets::read_idx;

namespace {

/// Six labels as an IDX file.
const Bytes six_labels{0, 0, 8, 1, 0, 0, 0, 6, 1, 2, 3, 4, 5, 6};

/// The same, zipped.
const Bytes six_labels_zipped{0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x63, 0x60,
                              0xe0, 0x60, 0x64, 0x60, 0x60, 0x60, 0x63, 0x64, 0x62, 0x66, 0x61, 0x65,
                              0x03, 0x00, 0x44, 0x33, 0xdd, 0x45, 0x0e, 0x00, 0x00, 0x00};

Bytes first_of(const Bytes& bytes, std::size_t count) {
  return {bytes.begin(), bytes.begin() + static_cast<long>(count)};
}

Bytes with_byte(Bytes bytes, std::size_t position, std::uint8_t value) {
  bytes[position] = value;
  return bytes;
}

Bytes text(const std::string& words) {
  return {words.begin(), words.end()};
}

/// Reads a file of the given bytes.
void read(const Bytes& bytes, const std::string& name = "labels-idx1-ubyte") {
  const TemporaryFolder folder;
  read_idx(write_bytes(folder / name, bytes));
}

const Misuses idx_files{{
    {"idx_missing", [] { read_idx("/nowhere/train-images-idx3-ubyte"); }},
    {"idx_directory", [] { read_idx(TemporaryFolder().text()); }},
    {"idx_empty", [] { read({}); }},
    {"idx_web_page", [] { read(text("<!DOCTYPE html><title>404</title>"), "train-images-idx3-ubyte.gz"); }},
    {"idx_type", [] { read(with_byte(six_labels, 2, 0x0f)); }},
    {"idx_axes", [] { read(with_byte(six_labels, 3, 9)); }},
    {"idx_header_truncated", [] { read(first_of(six_labels, 6)); }},
    {"idx_entries_truncated", [] { read(first_of(six_labels, 12)); }},
    {"idx_sizes_too_large", [] { read(with_byte(six_labels, 4, 0x7f)); }},
    {"idx_trailing_bytes",
     [] {
       Bytes bytes = six_labels;
       bytes.push_back(7);
       read(bytes);
     }},
    {"gzip_truncated", [] { read(first_of(six_labels_zipped, 20), "labels-idx1-ubyte.gz"); }},
    {"gzip_corrupt", [] { read(with_byte(six_labels_zipped, 26, 0xff), "labels-idx1-ubyte.gz"); }},
    {"idx_write_bytes",
     [] {
       datasets::write_idx("/nowhere/labels", {.shape = {3}, .bytes = {1, 2}});
     }},
    {"idx_write_folder",
     [] {
       datasets::write_idx("/nowhere/labels", {.shape = {2}, .bytes = {1, 2}});
     }},
    {"draw_folder", [] { draw({ones({2}) + 1}, "/nowhere/graph.dot"); }},
}};

/// An environment variable as a mistaken user sets it, until the end of the scope.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    setenv(name, value, 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { before_ ? setenv(name_, before_->c_str(), 1) : unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

const Misuses mnist_files{{
    {"mnist_nowhere",
     [] {
       const Environment data("GRADUS_DATA", "/nowhere"), home("HOME", "/homeless");
       datasets::mnist();
     }},
    {"mnist_directory", [] { datasets::mnist({.directory = "/nowhere"}); }},
    {"mnist_incomplete",
     [] {
       const TemporaryFolder folder;
       write_bytes(folder / "t10k-labels-idx1-ubyte", six_labels);
       datasets::mnist({.directory = folder.text()});
     }},
    {"mnist_damaged",
     [] {
       const TemporaryFolder folder;
       write_bytes(folder / "train-images-idx3-ubyte", six_labels);
       datasets::mnist({.directory = folder.text()});
     }},
    {"mnist_download_cut_off",
     [] {
       const TemporaryFolder folder;
       write_bytes(folder / "train-images-idx3-ubyte.gz", first_of(six_labels_zipped, 20));
       datasets::mnist({.directory = folder.text()});
     }},
}};

/// Two files, images and labels, as a data set.
void pair_up(const Bytes& images, const Bytes& labels, const datasets::IdxOptions& options = {}) {
  const TemporaryFolder folder;
  datasets::dataset_from_idx(write_bytes(folder / "images", images), write_bytes(folder / "labels", labels), options);
}

const Bytes two_images{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60};

const Misuses pairs{{
    {"idx_pair_counts", [] { pair_up(two_images, six_labels); }},
    {"idx_pair_swapped", [] { pair_up(six_labels, two_images); }},
    {"idx_pair_fraction",
     [] {
       pair_up(two_images, {0, 0, 0x0d, 1, 0, 0, 0, 2, 0x3f, 0x80, 0, 0, 0x3f, 0, 0, 0});
     }},
    {"idx_pair_divisor",
     [] {
       pair_up(two_images, {0, 0, 8, 1, 0, 0, 0, 2, 0, 1}, {.divisor = 0});
     }},
}};

/// Reads a network of 2, 2 and 1 neurons of which one part is other than it should be.
void load_network(const std::string& part, const std::string& instead, Dtype dtype = Dtype::float64) {
  std::string network =
      R"({"sizes": [2, 2, 1], "weights": [[[1, 2], [3, 4]], [[5, 6]]], "biases": [[[7], [8]], [[9]]],
"cost": "QuadraticCost"})";
  network.replace(network.find(part), part.size(), instead);
  const TemporaryFolder folder;
  network2::load(write_bytes(folder / "net.json", text(network)), dtype);
}

const Misuses network_files{{
    {"network2_missing", [] { network2::load("/nowhere/net.json"); }},
    {"network2_directory", [] { network2::load(TemporaryFolder().text()); }},
    {"network2_dtype", [] { network2::load("net.json", Dtype::int32); }},
    {"network2_nan", [] { load_network("[1, 2]", "[NaN, 2]"); }},
    {"network2_cut_off", [] { load_network(", \"biases\": [[[7], [8]], [[9]]],\n\"cost\": \"QuadraticCost\"}", ""); }},
    {"network2_no_object",
     [] {
       const TemporaryFolder folder;
       network2::load(write_bytes(folder / "net.json", text("[2, 2, 1]")));
     }},
    {"network2_key", [] { load_network("biases", "bias"); }},
    {"network2_sizes", [] { load_network("[2, 2, 1]", "2"); }},
    {"network2_size", [] { load_network("[2, 2, 1]", "[2, 2.5, 1]"); }},
    {"network2_layers", [] { load_network("[2, 2, 1]", "[2, 2, 1, 1]"); }},
    {"network2_rows", [] { load_network("[[1, 2], [3, 4]]", "[[1, 2]]"); }},
    {"network2_row", [] { load_network("[3, 4]", "[3, 4, 5]"); }},
    {"network2_number", [] { load_network("[3, 4]", "[3, \"4\"]"); }},
    {"network2_flat_biases", [] { load_network("[[7], [8]]", "[7, 8]"); }},
    {"network2_float32", [] { load_network("9", "1e300", Dtype::float32); }},
    {"network2_cost", [] { load_network("QuadraticCost", "Quadratic"); }},
}};

void save_network(const Parameters& weights, const Parameters& biases, const std::string& path = "/nowhere/net.json") {
  network2::save(path, {weights, biases});
}

const Misuses networks{{
    {"network2_save_nothing", [] { save_network({}, {}); }},
    {"network2_save_counts",
     [] {
       save_network({ones({2, 3})}, {});
     }},
    {"network2_save_book_shapes",
     [] {
       save_network({ones({3, 2})}, {ones({3, 1})});
     }},
    {"network2_save_chain",
     [] {
       save_network({ones({2, 3}), ones({4, 1})}, {ones({3}), ones({1})});
     }},
    {"network2_save_nan",
     [] {
       save_network({ones({2, 1})}, {Parameter(tensor({std::nan("")}))});
     }},
    {"network2_save_folder",
     [] {
       save_network({ones({2, 1})}, {ones({1})});
     }},
}};

}  // namespace

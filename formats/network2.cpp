#include <gradus/formats/network2.h>

#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <gradus/formats/json_description.h>
#include <gradus/graph/error.h>

namespace gradus::network2 {
namespace {

using nlohmann::json;

constexpr std::string_view name_of(Cost cost) {
  return cost == Cost::cross_entropy ? "CrossEntropyCost" : "QuadraticCost";
}

/// A value of the file, and the way to it.
struct Entry {
  const std::string& file;
  std::string place;
  const json& value;

  [[noreturn]] void fail(const std::string& expected) const {
    throw DataError(fmt::format("'{}', {}: {}; expected {}", file, place, description(value), expected));
  }
  Entry operator[](std::size_t i) const { return {file, fmt::format("{}[{}]", place, i), value[i]}; }
  /// Throws unless this is a list of so many entries; `what` they are.
  void require_list(std::size_t count, std::string_view what) const {
    if (!value.is_array() || value.size() != count) fail(fmt::format("a list of {} {}", count, what));
  }
};

class File {
 public:
  explicit File(const std::string& path) : path_(path) {
    if (std::filesystem::is_directory(path)) {
      throw DataError(fmt::format("'{}' is a directory; expected a file of network2.save", path));
    }
    std::ifstream stream(path, std::ios::binary);
    if (!stream) throw DataError(fmt::format("'{}' cannot be opened: {}", path, std::strerror(errno)));
    try {
      network_ = json::parse(stream);
    } catch (const json::exception& error) {
      std::string_view reason = error.what();
      reason.remove_prefix(std::min(reason.size(), reason.find("] ") + 2));  // "[json.exception.parse_error.101] "
      throw DataError(fmt::format("'{}': {}; a file of network2.save is JSON of finite numbers", path, reason));
    }
    if (!network_.is_object()) {
      throw DataError(fmt::format(
          "'{}': {}; expected an object with sizes, weights, biases and cost", path, description(network_)));
    }
  }

  Entry operator[](const std::string& key) const {
    const auto found = network_.find(key);
    if (found == network_.end()) {
      throw DataError(fmt::format("'{}': no key \"{}\"; expected sizes, weights, biases and cost", path_, key));
    }
    return {path_, key, *found};
  }

 private:
  const std::string& path_;
  json network_;
};

std::vector<std::size_t> read_sizes(const Entry& sizes) {
  if (!sizes.value.is_array() || sizes.value.size() < 2) sizes.fail("the numbers of neurons of two layers or more");
  std::vector<std::size_t> counts;
  for (std::size_t layer = 0; layer < sizes.value.size(); ++layer) {
    const Entry size = sizes[layer];
    const bool is_count = size.value.is_number_unsigned() && size.value.get<std::uint64_t>() >= 1 &&
                          size.value.get<std::uint64_t>() <= std::numeric_limits<std::int32_t>::max();
    if (!is_count) size.fail("a number of neurons, at least 1");
    counts.push_back(size.value.get<std::size_t>());
  }
  return counts;
}

template <class T>
T read_number(const Entry& row, std::size_t i) {
  const json& value = row.value[i];
  if (!value.is_number()) row[i].fail("a number");
  const auto number = static_cast<T>(value.get<double>());
  if (!std::isfinite(number)) row[i].fail("a number within float32; float64 holds it");
  return number;
}

/// [inputs, outputs], from a row of inputs for each output.
template <class T>
Tensor read_weights(const Entry& matrix, std::size_t layer, std::size_t inputs, std::size_t outputs) {
  matrix.require_list(outputs, fmt::format("rows, one a neuron of sizes[{}]", layer + 1));
  for (std::size_t output = 0; output < outputs; ++output) {
    matrix[output].require_list(inputs, fmt::format("numbers, one a neuron of sizes[{}]", layer));
  }
  std::vector<T> entries(inputs * outputs);
  for (std::size_t output = 0; output < outputs; ++output) {
    const Entry row = matrix[output];
    for (std::size_t input = 0; input < inputs; ++input) {
      entries[input * outputs + output] = read_number<T>(row, input);
    }
  }
  return tensor(entries, {static_cast<Index>(inputs), static_cast<Index>(outputs)});
}

/// [outputs], from a column.
template <class T>
Tensor read_biases(const Entry& column, std::size_t layer, std::size_t outputs) {
  column.require_list(outputs, fmt::format("lists, one a neuron of sizes[{}]", layer + 1));
  std::vector<T> entries;
  for (std::size_t output = 0; output < outputs; ++output) {
    const Entry row = column[output];
    row.require_list(1, "number");
    entries.push_back(read_number<T>(row, 0));
  }
  return tensor(entries, {static_cast<Index>(outputs)});
}

Cost read_cost(const Entry& cost) {
  for (const Cost known : {Cost::cross_entropy, Cost::quadratic}) {
    if (cost.value == name_of(known)) return known;
  }
  cost.fail(fmt::format("\"{}\" or \"{}\"", name_of(Cost::cross_entropy), name_of(Cost::quadratic)));
}

template <class T>
Model read(const File& file) {
  const auto sizes = read_sizes(file["sizes"]);
  const std::size_t layers = sizes.size() - 1;
  const Entry weights = file["weights"], biases = file["biases"];
  weights.require_list(layers, "matrices, one a layer after the first");
  biases.require_list(layers, "columns, one a layer after the first");
  Model model;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const Entry matrix = weights[layer], column = biases[layer];
    model.weights.emplace_back(read_weights<T>(matrix, layer, sizes[layer], sizes[layer + 1]), matrix.place);
    model.biases.emplace_back(read_biases<T>(column, layer, sizes[layer + 1]), column.place);
  }
  model.cost = read_cost(file["cost"]);
  return model;
}

void require_layers(const Model& model) {
  if (model.weights.empty() || model.weights.size() != model.biases.size()) {
    throw ShapeError(fmt::format(
        "network2::save: {} weights and {} biases; expected one of each a layer", model.weights.size(),
        model.biases.size()));
  }
  for (std::size_t layer = 0; layer < model.weights.size(); ++layer) {
    const Shape &weights = model.weights[layer].shape(), &biases = model.biases[layer].shape();
    const bool fit = weights.rank() == 2 && weights.count() > 0 && biases == Shape{weights[1]};
    if (!fit) {
      throw ShapeError(fmt::format(
          "network2::save: weights[{}] are {} and biases[{}] {}; expected [inputs, outputs] and [outputs]", layer,
          weights.text(), layer, biases.text()));
    }
    if (layer > 0 && weights[0] != model.biases[layer - 1].shape()[0]) {
      throw ShapeError(fmt::format(
          "network2::save: weights[{}] are {}, but layer {} has {} outputs", layer, weights.text(), layer - 1,
          model.biases[layer - 1].shape()[0]));
    }
  }
}

/// The entries; throws where JSON has no word for one.
std::vector<double> finite_values(const Parameter& parameter, std::string_view key, std::size_t layer) {
  if (!is_floating(parameter.dtype())) {
    throw DtypeError(fmt::format(
        "network2::save: {}[{}] are {}; expected float32 or float64", key, layer, gradus::name_of(parameter.dtype())));
  }
  auto values = parameter.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    throw ValueError(fmt::format(
        "network2::save: {}[{}] of {} hold {} at entry {}; a JSON file holds finite numbers alone", key, layer,
        parameter.shape().text(), values[i], i));
  }
  return values;
}

/// Rows of the transpose.
nlohmann::ordered_json matrix_of(const Model& model, std::size_t layer) {
  const auto values = finite_values(model.weights[layer], "weights", layer);
  const auto outputs = static_cast<std::size_t>(model.weights[layer].shape()[1]);
  auto rows = nlohmann::ordered_json::array();
  for (std::size_t output = 0; output < outputs; ++output) {
    std::vector<double> row;
    for (std::size_t i = output; i < values.size(); i += outputs) row.push_back(values[i]);
    rows.push_back(row);
  }
  return rows;
}

nlohmann::ordered_json column_of(const Model& model, std::size_t layer) {
  auto rows = nlohmann::ordered_json::array();
  for (const double value : finite_values(model.biases[layer], "biases", layer)) rows.push_back(std::vector{value});
  return rows;
}

}  // namespace

Model load(const std::string& path, Dtype dtype) {
  if (!is_floating(dtype)) {
    throw DtypeError(fmt::format("network2::load: {}; expected float32 or float64", gradus::name_of(dtype)));
  }
  const File file(path);
  return dtype == Dtype::float32 ? read<float>(file) : read<double>(file);
}

void save(const std::string& path, const Model& model) {
  require_layers(model);
  nlohmann::ordered_json network;
  network["sizes"] = {model.weights[0].shape()[0]};
  for (const char* key : {"weights", "biases"}) network[key] = nlohmann::ordered_json::array();
  for (std::size_t layer = 0; layer < model.weights.size(); ++layer) {
    network["sizes"].push_back(model.weights[layer].shape()[1]);
    network["weights"].push_back(matrix_of(model, layer));
    network["biases"].push_back(column_of(model, layer));
  }
  network["cost"] = name_of(model.cost);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << network;
  file.close();
  if (!file) throw DataError(fmt::format("network2::save: '{}' cannot be written ({})", path, std::strerror(errno)));
}

}  // namespace gradus::network2

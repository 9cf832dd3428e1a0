#include <gradus/datasets/idx_dataset.h>

#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include <gradus/datasets/examples.h>
#include <gradus/graph/error.h>

namespace gradus::datasets {
namespace {

void require(const IdxOptions& options) {
  if (!std::isfinite(options.divisor) || options.divisor == 0) {
    throw ValueError(
        fmt::format("dataset_from_idx: divisor {}; expected a number that can be divided by", options.divisor));
  }
  if (!is_floating(options.dtype)) {
    throw DtypeError(
        fmt::format("dataset_from_idx: features of {}; expected float32 or float64", name_of(options.dtype)));
  }
}

/// The entries, divided, in memory that is theirs.
template <class T>
std::shared_ptr<const std::byte> divided(const Idx& idx, T divisor) {
  const Index count = idx.shape.count();
  const auto memory = aligned_memory(count * static_cast<Index>(sizeof(T)));
  auto* out = reinterpret_cast<T*>(memory.get());
  if (idx.type == IdxType::unsigned_byte) {
    std::array<T, 256> of_byte{};
    for (std::size_t byte = 0; byte < 256; ++byte) of_byte[byte] = static_cast<T>(byte) / divisor;
    for (std::size_t i = 0; i < idx.bytes.size(); ++i) out[i] = of_byte[idx.bytes[i]];
  } else {
    for (Index i = 0; i < count; ++i) out[i] = static_cast<T>(idx.number(i)) / divisor;
  }
  return memory;
}

std::shared_ptr<const std::int32_t> classes(const Idx& idx, const std::string& name) {
  const Index count = idx.shape.count();
  const auto memory = aligned_memory(count * bytes_of(Dtype::int32));
  auto* out = reinterpret_cast<std::int32_t*>(memory.get());
  for (Index i = 0; i < count; ++i) {
    const double label = idx.number(i);
    const bool is_class = label >= 0 && label < std::numeric_limits<std::int32_t>::max() && label == std::floor(label);
    if (!is_class) {
      throw DataError(fmt::format("{}: label {} of example {}; expected a whole number from 0 on", name, label, i));
    }
    out[i] = static_cast<std::int32_t>(label);
  }
  return {memory, out};
}

Dataset assembled(
    const Idx& features, const Idx& labels, const IdxOptions& options, const std::string& features_name,
    const std::string& labels_name) {
  require(options);
  if (features.shape.rank() < 1 || labels.shape.rank() != 1) {
    throw DataError(fmt::format(
        "{} is {}, {} is {}; expected [n, ...] and [n]", features_name, features.shape.text(), labels_name,
        labels.shape.text()));
  }
  if (features.shape[0] != labels.shape[0]) {
    throw DataError(fmt::format(
        "{} holds {} examples, {} {} labels; expected a label each", features_name, features.shape[0], labels_name,
        labels.shape[0]));
  }
  Examples examples;
  examples.count = features.shape[0];
  examples.feature_shape = features.shape.without(0);
  if (options.flat) examples.feature_shape = Shape{examples.feature_shape.count()};
  examples.dtype = options.dtype;
  examples.features = options.dtype == Dtype::float32 ? divided(features, static_cast<float>(options.divisor))
                                                      : divided(features, options.divisor);
  examples.labels = classes(labels, labels_name);
  return Dataset::over(std::move(examples));
}

}  // namespace

Dataset dataset_from_idx(const Idx& features, const Idx& labels, const IdxOptions& options) {
  return assembled(features, labels, options, "features", "labels");
}

Dataset dataset_from_idx(const std::string& features_file, const std::string& labels_file, const IdxOptions& options) {
  return assembled(
      read_idx(features_file), read_idx(labels_file), options, "'" + features_file + "'", "'" + labels_file + "'");
}

}  // namespace gradus::datasets

#include <gradus/formats/safetensors.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <gradus/formats/json_description.h>
#include <gradus/formats/replace_file.h>
#include <gradus/graph/error.h>
#include <gradus/graph/evaluate.h>

namespace gradus::safetensors {
namespace {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "entries are read and written as they lie in memory");

constexpr std::uint64_t length_bytes = 8;
constexpr std::string_view metadata_key = "__metadata__";

struct NamedDtype {
  Dtype dtype;
  std::string_view name;
};
constexpr NamedDtype dtypes[] = {
    {Dtype::float32, "F32"}, {Dtype::float64, "F64"}, {Dtype::int32, "I32"}, {Dtype::boolean, "BOOL"}};

std::string_view name_in_files(Dtype dtype) {
  return std::find_if(std::begin(dtypes), std::end(dtypes), [&](const auto& known) { return known.dtype == dtype; })
      ->name;
}

/// The file of which bytes are read, each once: how long it is, is known first.
class File {
 public:
  explicit File(const std::string& path) : path_(path) {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (std::filesystem::is_directory(status)) {
      throw DataError(fmt::format("'{}' is a directory; expected a safetensors file", path));
    }
    stream_.open(path, std::ios::binary);
    if (!stream_) {
      throw DataError(
          fmt::format("'{}' cannot be opened ({}); expected a safetensors file", path, std::strerror(errno)));
    }
    // Pipes and the like have no end that is known beforehand.
    if (!std::filesystem::is_regular_file(status)) {
      throw DataError(fmt::format("'{}' is not a regular file; expected a safetensors file", path));
    }
    size_ = static_cast<std::uint64_t>(stream_.seekg(0, std::ios::end).tellg());
  }

  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }

  void read(std::uint64_t offset, void* into, std::uint64_t bytes) {
    stream_.seekg(static_cast<std::streamoff>(offset));
    stream_.read(static_cast<char*>(into), static_cast<std::streamsize>(bytes));
    if (!stream_) fail(offset, fmt::format("{} bytes cannot be read", bytes), "a file that does not change meanwhile");
  }

  [[noreturn]] void fail(std::uint64_t byte, const std::string& found, const std::string& expected) const {
    throw DataError(fmt::format("'{}', byte {}: {}; expected {}", path_, byte, found, expected));
  }

 private:
  std::string path_;
  std::ifstream stream_;
  std::uint64_t size_ = 0;
};

/// The JSON between the length and the entries.
class Header {
 public:
  explicit Header(File& file) : file_(file) {
    std::uint64_t length = 0;
    if (file.size() < length_bytes) {
      file.fail(0, fmt::format("only {} bytes", file.size()), "8 bytes with the length of a safetensors header");
    }
    file.read(0, &length, length_bytes);
    const std::uint64_t rest = file.size() - length_bytes;
    if (length > rest) {
      file.fail(
          0, fmt::format("a header of {} bytes, but {} follow", length, rest),
          "the length of a safetensors header, in a file that is not cut off");
    }
    text_.resize(length);
    file.read(length_bytes, text_.data(), length);
    parse();
    if (!json_.is_object()) fail(description(json_), "an object with an entry a tensor");
  }

  const json& entries() const { return json_; }
  std::uint64_t end() const { return length_bytes + text_.size(); }

  [[noreturn]] void fail(const std::string& found, const std::string& expected) const {
    file_.fail(length_bytes, found, expected);
  }
  /// The byte is that of the name in the header.
  [[noreturn]] void fail_at(const std::string& name, const std::string& found, const std::string& expected) const {
    const std::string quoted = json(name).dump(-1, ' ', false, json::error_handler_t::replace);
    const std::size_t place = text_.find(quoted);
    file_.fail(length_bytes + (place == std::string::npos ? 0 : place), fmt::format("{}: {}", quoted, found), expected);
  }

 private:
  // A name that is given twice would hide the first one.
  void parse() {
    std::vector<std::set<std::string>> names;
    const auto look = [&](int, json::parse_event_t event, json& parsed) {
      if (event == json::parse_event_t::object_start) names.emplace_back();
      if (event == json::parse_event_t::object_end) names.pop_back();
      if (event == json::parse_event_t::key && !names.back().insert(parsed.get<std::string>()).second) {
        fail_at(parsed.get<std::string>(), "given twice", "names that differ");
      }
      return true;
    };
    try {
      json_ = json::parse(text_, look);
    } catch (const json::parse_error& error) {
      std::string_view reason = error.what();
      reason.remove_prefix(std::min(reason.size(), reason.find("] ") + 2));  // "[json.exception.parse_error.101] "
      file_.fail(
          length_bytes + std::max<std::size_t>(error.byte, 1) - 1, std::string(reason),
          "a safetensors header, which is JSON");
    } catch (const json::exception& error) {
      fail(error.what(), "a safetensors header, which is JSON of ordinary numbers");
    }
  }

  File& file_;
  std::string text_;
  json json_;
};

/// A tensor as the header has it.
struct Claim {
  std::string name;
  Dtype dtype = Dtype::float32;
  Shape shape;
  std::uint64_t begin = 0, end = 0;  ///< among the bytes behind the header
};

/// What is said of one tensor, and the way to it.
class Entry {
 public:
  Entry(const Header& header, std::string name, const json& value)
      : header_(header), name_(std::move(name)), value_(value) {
    if (!value.is_object()) fail(description(value), "an object");
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!value.contains(key)) fail(fmt::format("no {}", key), "");
    }
  }

  Dtype dtype() const {
    const json& found = value_["dtype"];
    for (const NamedDtype& known : dtypes) {
      if (found == known.name) return known.dtype;
    }
    header_.fail_at(
        name_, fmt::format("its dtype is {}", description(found)),
        "F32, F64, I32 or BOOL, the dtypes that gradus has; convert it before");
  }

  Shape shape() const {
    const json& found = value_["shape"];
    if (!found.is_array() || found.size() > max_rank) {
      header_.fail_at(
          name_, fmt::format("its shape is {}", description(found)), fmt::format("a list of up to {} sizes", max_rank));
    }
    std::vector<Index> sizes;
    for (const json& size : found) sizes.push_back(static_cast<Index>(whole(size, "shape")));
    try {
      return Shape(sizes);
    } catch (const ShapeError& error) {
      header_.fail_at(name_, error.what(), "a tensor that fits into the file");
    }
  }

  Claim claim(std::uint64_t available) const {
    Claim claim{.name = name_, .dtype = dtype(), .shape = shape()};
    const json& offsets = value_["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2) {
      header_.fail_at(name_, fmt::format("its data_offsets are {}", description(offsets)), "a list of begin and end");
    }
    claim.begin = whole(offsets[0], "data_offsets");
    claim.end = whole(offsets[1], "data_offsets");
    const std::string place = fmt::format("its data_offsets are [{}, {}]", claim.begin, claim.end);
    if (claim.begin > claim.end || claim.end > available) {
      header_.fail_at(name_, place, fmt::format("begin <= end <= {}, the bytes behind the header", available));
    }
    const auto entries = static_cast<std::uint64_t>(claim.shape.count()), size = claim.end - claim.begin;
    const auto entry_bytes = static_cast<std::uint64_t>(bytes_of(claim.dtype));
    // Divided, since the product may be more than 64 bits hold.
    if (size % entry_bytes != 0 || size / entry_bytes != entries) {
      header_.fail_at(
          name_, place,
          fmt::format(
              "{} entries of {} bytes, for {} of {}", entries, entry_bytes, claim.shape.text(),
              name_in_files(claim.dtype)));
    }
    return claim;
  }

 private:
  [[noreturn]] void fail(const std::string& found, const std::string& kind) const {
    header_.fail_at(name_, found, kind + (kind.empty() ? "" : " of ") + std::string("dtype, shape and data_offsets"));
  }

  std::uint64_t whole(const json& value, std::string_view key) const {
    const bool fits = value.is_number_unsigned() &&
                      value.get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<Index>::max());
    if (!fits) header_.fail_at(name_, fmt::format("{} in its {}", description(value), key), "whole numbers below 2^63");
    return value.get<std::uint64_t>();
  }

  const Header& header_;
  std::string name_;
  const json& value_;
};

std::map<std::string, std::string> read_metadata(const Header& header) {
  std::map<std::string, std::string> metadata;
  const auto found = header.entries().find(metadata_key);
  if (found == header.entries().end()) return metadata;
  if (!found->is_object()) header.fail_at(std::string(metadata_key), description(*found), "an object of texts");
  for (const auto& [key, value] : found->items()) {
    if (!value.is_string()) header.fail_at(key, description(value), "a text, as for everything in __metadata__");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// By their place in the file, of which every byte belongs to one tensor.
std::vector<Claim> read_claims(const Header& header, std::uint64_t available) {
  std::vector<Claim> claims;
  for (const auto& [name, value] : header.entries().items()) {
    if (name != metadata_key) claims.push_back(Entry(header, name, value).claim(available));
  }
  std::stable_sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t covered = 0;
  for (const Claim& claim : claims) {
    if (claim.begin != covered) {
      header.fail_at(
          claim.name, fmt::format("its data_offsets are [{}, {}]", claim.begin, claim.end),
          fmt::format("{}, where the tensor before it ends", covered));
    }
    covered = claim.end;
  }
  if (covered != available) {
    header.fail(
        fmt::format("tensors of {} bytes in all, but {} bytes behind the header", covered, available),
        "a file that ends where its last tensor does");
  }
  return claims;
}

Tensor read_tensor(File& file, std::uint64_t offset, const Claim& claim) {
  const std::uint64_t bytes = claim.end - claim.begin;
  constexpr std::uint64_t word = sizeof(double);
  // Of doubles, so that entries of any dtype are aligned.
  const auto memory = std::make_shared<std::vector<double>>(bytes / word + 1);
  file.read(offset + claim.begin, memory->data(), bytes);
  if (claim.dtype == Dtype::boolean) {
    const auto* values = reinterpret_cast<const std::uint8_t*>(memory->data());
    const auto* odd = std::find_if(values, values + bytes, [](std::uint8_t value) { return value > 1; });
    if (odd != values + bytes) {
      file.fail(
          offset + claim.begin + static_cast<std::uint64_t>(odd - values), fmt::format("a BOOL of {}", *odd), "0 or 1");
    }
  }
  return tensor_over(memory->data(), claim.dtype, claim.shape, memory).named(claim.name);
}

FilePiece bytes_of_value(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case Dtype::float32:
      return std::as_bytes(tensor.view<float>());
    case Dtype::float64:
      return std::as_bytes(tensor.view<double>());
    case Dtype::int32:
      return std::as_bytes(tensor.view<std::int32_t>());
    case Dtype::boolean:
      break;
  }
  return std::as_bytes(tensor.view<std::uint8_t>());
}

/// In the order in which they are written.
std::vector<std::pair<std::string, Tensor>> in_order(const Contents& contents) {
  std::vector<std::pair<std::string, Tensor>> tensors;
  Tensors values;
  for (const auto& [name, tensor] : contents.tensors) {
    if (tensor.empty()) throw ValueError(fmt::format("safetensors::save: '{}' is an empty handle", name));
    if (name == metadata_key) {
      throw ValueError(
          fmt::format("safetensors::save: a tensor cannot be called {}, which is the place of texts", name));
    }
    values.push_back(tensor);
    tensors.emplace_back(name, tensor);
  }
  evaluate(values);
  std::stable_sort(tensors.begin(), tensors.end(), [](const auto& a, const auto& b) {
    return bytes_of(a.second.dtype()) > bytes_of(b.second.dtype());
  });
  return tensors;
}

std::string text_of(const nlohmann::ordered_json& header) {
  std::string text;
  try {
    text = header.dump();
  } catch (const json::exception&) {
    throw ValueError("safetensors::save: a name or a text is not UTF-8, which JSON must be");
  }
  text.resize((text.size() + length_bytes - 1) / length_bytes * length_bytes, ' ');
  return text;
}

}  // namespace

Contents load(const std::string& path) {
  File file(path);
  const Header header(file);
  Contents contents{.metadata = read_metadata(header)};
  for (const Claim& claim : read_claims(header, file.size() - header.end())) {
    contents.tensors[claim.name] = read_tensor(file, header.end(), claim);
  }
  return contents;
}

void save(const std::string& path, const Contents& contents) {
  auto header = nlohmann::ordered_json::object();
  if (!contents.metadata.empty()) header[std::string(metadata_key)] = contents.metadata;
  const auto tensors = in_order(contents);
  std::vector<FilePiece> pieces(2);
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    pieces.push_back(bytes_of_value(tensor));
    const std::size_t end = offset + pieces.back().size();
    header[name] = {
        {"dtype", name_in_files(tensor.dtype())},
        {"shape", std::vector<Index>(tensor.shape().begin(), tensor.shape().end())},
        {"data_offsets", {offset, end}}};
    offset = end;
  }
  const std::string text = text_of(header);
  const std::uint64_t length = text.size();
  pieces[0] = std::as_bytes(std::span(&length, 1));
  pieces[1] = std::as_bytes(std::span(text));
  replace_file(path, pieces);
}

}  // namespace gradus::safetensors

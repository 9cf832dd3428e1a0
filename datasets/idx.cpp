#include <gradus/datasets/idx.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <limits>
#include <new>
#include <optional>
#include <span>

#include <fmt/format.h>

#include <gradus/datasets/file_bytes.h>

namespace gradus::datasets {
namespace {

constexpr std::array all_types{IdxType::unsigned_byte, IdxType::signed_byte, IdxType::int16,
                               IdxType::int32,         IdxType::float32,     IdxType::float64};

constexpr std::uint64_t header_bytes(int rank) {
  return 4 + 4 * static_cast<std::uint64_t>(rank);
}

/// The product of the sizes and of the bytes of an entry; none if it is past 2^63.
std::optional<std::uint64_t> bytes_needed(const Shape& shape, IdxType type) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  Index bytes = bytes_of(type);
  for (const Index size : shape) {
    if (__builtin_mul_overflow(bytes, size, &bytes)) return std::nullopt;
  }
  return static_cast<std::uint64_t>(bytes);
}

void read_magic(FileBytes& file, IdxType& type, int& rank) {
  std::array<std::uint8_t, 4> magic{};
  const std::size_t got = file.read(magic);
  if (got < magic.size()) file.fail(got, "the file ends", "the four bytes with which an IDX file begins");
  if (magic[0] != 0 || magic[1] != 0) {
    file.fail(
        0, fmt::format("{:02x} {:02x}", magic[0], magic[1]),
        "00 00, with which an IDX file begins, or 1f 8b of a gzip");
  }
  type = static_cast<IdxType>(magic[2]);
  if (std::find(all_types.begin(), all_types.end(), type) == all_types.end()) {
    file.fail(2, fmt::format("{:02x}", magic[2]), "a type: 08, 09, 0b, 0c, 0d or 0e");
  }
  rank = magic[3];
  if (rank > max_rank) file.fail(3, fmt::format("{} axes", rank), fmt::format("at most {}", max_rank));
}

Shape read_sizes(FileBytes& file, int rank) {
  Shape shape;
  for (int axis = 0; axis < rank; ++axis) {
    std::array<std::uint8_t, 4> size{};
    const std::size_t got = file.read(size);
    if (got < size.size()) {
      file.fail(
          file.offset(), "the file ends",
          fmt::format("the sizes of {} ax{}s, up to byte {}", rank, rank == 1 ? "i" : "e", header_bytes(rank)));
    }
    shape.append(Index{size[0]} << 24 | Index{size[1]} << 16 | Index{size[2]} << 8 | Index{size[3]});
  }
  return shape;
}

/// Takes memory only as the bytes come, since a gzip file cannot be asked beforehand whether it keeps what its header
/// says.
std::vector<std::uint8_t> read_entries(FileBytes& file, std::uint64_t needed, const std::string& expected) {
  constexpr std::uint64_t piece = std::uint64_t{64} << 20;
  std::vector<std::uint8_t> bytes;
  while (bytes.size() < needed) {
    const std::size_t before = bytes.size();
    bytes.resize(static_cast<std::size_t>(std::min(needed, before + piece)));
    const std::size_t got = file.read(std::span(bytes).subspan(before));
    if (before + got < bytes.size()) file.fail(file.offset(), "the file ends", expected);
  }
  std::array<std::uint8_t, 1> more{};
  const std::uint64_t end = file.offset();
  if (file.read(more) != 0) file.fail(end, "more bytes", "the end of the file, after " + expected);
  return bytes;
}

/// Between big-endian and this machine's order; the same both ways.
void swap_big_endian(std::vector<std::uint8_t>& bytes, IdxType type) {
  const auto width = static_cast<std::ptrdiff_t>(bytes_of(type));
  if (width == 1 || std::endian::native == std::endian::big) return;
  for (auto entry = bytes.begin(); entry != bytes.end(); entry += width) std::reverse(entry, entry + width);
}

template <class T>
double number_at(const std::vector<std::uint8_t>& bytes, std::size_t position) {
  T entry;
  std::memcpy(&entry, bytes.data() + position * sizeof(T), sizeof(T));
  return static_cast<double>(entry);
}

std::string header_of(IdxType type, const Shape& shape) {
  std::string header{'\0', '\0', static_cast<char>(type), static_cast<char>(shape.rank())};
  for (const Index size : shape) {
    if (size > std::numeric_limits<std::uint32_t>::max()) {
      throw ShapeError(
          fmt::format("write_idx: an axis of {} in {}; an IDX file holds at most 4294967295", size, shape.text()));
    }
    for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(size >> shift & 0xFF);
  }
  return header;
}

}  // namespace

std::string_view name_of(IdxType type) {
  switch (type) {
    case IdxType::unsigned_byte:
      return "unsigned byte";
    case IdxType::signed_byte:
      return "signed byte";
    case IdxType::int16:
      return "int16";
    case IdxType::int32:
      return "int32";
    case IdxType::float32:
      return "float32";
    case IdxType::float64:
      return "float64";
  }
  throw ValueError(fmt::format("{:02x} is not a type of an IDX file", static_cast<int>(type)));
}

Index bytes_of(IdxType type) {
  switch (type) {
    case IdxType::unsigned_byte:
    case IdxType::signed_byte:
      return 1;
    case IdxType::int16:
      return 2;
    case IdxType::int32:
    case IdxType::float32:
      return 4;
    case IdxType::float64:
      return 8;
  }
  throw ValueError(fmt::format("{:02x} is not a type of an IDX file", static_cast<int>(type)));
}

double Idx::number(Index position) const {
  const auto at = static_cast<std::size_t>(position);
  if (position < 0 || at >= bytes.size() / static_cast<std::size_t>(bytes_of(type))) {
    throw ValueError(fmt::format("Idx::number: no entry {} in {}", position, shape.text()));
  }
  switch (type) {
    case IdxType::unsigned_byte:
      return bytes[at];
    case IdxType::signed_byte:
      return number_at<std::int8_t>(bytes, at);
    case IdxType::int16:
      return number_at<std::int16_t>(bytes, at);
    case IdxType::int32:
      return number_at<std::int32_t>(bytes, at);
    case IdxType::float32:
      return number_at<float>(bytes, at);
    case IdxType::float64:
      return number_at<double>(bytes, at);
  }
  return 0;
}

Idx read_idx(const std::string& path) {
  FileBytes file(path);
  Idx idx;
  int rank = 0;
  read_magic(file, idx.type, rank);
  idx.shape = read_sizes(file, rank);
  const auto needed = bytes_needed(idx.shape, idx.type);
  const std::uint64_t begin = header_bytes(rank);
  if (!needed || *needed > file.most()) {
    const auto room = file.most() - std::min(begin, file.most());
    file.fail(
        4,
        fmt::format(
            "sizes {}, which take {}", idx.shape.text(), needed ? fmt::format("{} bytes", *needed) : "past 2^63 bytes"),
        fmt::format(
            "no more than the {} bytes of entries that {}", room, file.gzipped() ? "it can unzip to" : "follow"));
  }
  const std::string expected =
      fmt::format("{} entries of {}, up to byte {}", idx.shape.text(), name_of(idx.type), begin + *needed);
  try {
    idx.bytes = read_entries(file, *needed, expected);
  } catch (const std::bad_alloc&) {
    throw DataError(fmt::format("'{}': not enough memory for {}", path, expected));
  }
  swap_big_endian(idx.bytes, idx.type);
  return idx;
}

IdxWriter::IdxWriter(std::string path, IdxType type, const Shape& shape)
    : path_(std::move(path)), type_(type), shape_(shape) {
  const std::string header = header_of(type, shape);
  const auto needed = bytes_needed(shape, type);
  if (!needed) throw ShapeError(fmt::format("write_idx: {} takes past 2^63 bytes", shape.text()));
  missing_ = *needed;
  file_.open(path_, std::ios::binary | std::ios::trunc);
  file_.write(header.data(), static_cast<std::streamsize>(header.size()));
  require_written();
}

void IdxWriter::write(std::span<const std::uint8_t> entries) {
  const auto width = static_cast<std::size_t>(bytes_of(type_));
  if (entries.size() % width != 0 || entries.size() > missing_) {
    throw ShapeError(fmt::format(
        "write_idx: {} bytes more for '{}'; {} are missing of {} entries of {}, which take {} each", entries.size(),
        path_, missing_, shape_.text(), name_of(type_), width));
  }
  const auto put = [this](std::span<const std::uint8_t> bytes) {
    file_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  };
  if (width == 1) {
    put(entries);
  } else {
    std::vector<std::uint8_t> big_endian(entries.begin(), entries.end());
    swap_big_endian(big_endian, type_);
    put(big_endian);
  }
  missing_ -= entries.size();
  require_written();
}

void IdxWriter::close() {
  if (missing_ != 0) {
    throw ShapeError(fmt::format(
        "write_idx: '{}' lacks {} bytes of {} entries of {}", path_, missing_, shape_.text(), name_of(type_)));
  }
  file_.close();
  require_written();
}

void IdxWriter::require_written() {
  if (!file_) throw DataError(fmt::format("write_idx: '{}' cannot be written ({})", path_, std::strerror(errno)));
}

void write_idx(const std::string& path, const Idx& idx) {
  const auto needed = bytes_needed(idx.shape, idx.type);
  if (!needed || *needed != idx.bytes.size()) {
    throw ShapeError(fmt::format(
        "write_idx: {} bytes are given for {} entries of {}, which take {} each", idx.bytes.size(), idx.shape.text(),
        name_of(idx.type), bytes_of(idx.type)));
  }
  IdxWriter writer(path, idx.type, idx.shape);
  writer.write(idx.bytes);
  writer.close();
}

}  // namespace gradus::datasets

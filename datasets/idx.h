#pragma once

#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gradus/graph/error.h>
#include <gradus/graph/shape.h>

namespace gradus::datasets {

/// What an entry of an IDX file is, by the code in the file's third byte.
enum class IdxType : std::uint8_t {
  unsigned_byte = 0x08,
  signed_byte = 0x09,
  int16 = 0x0B,
  int32 = 0x0C,
  float32 = 0x0D,
  float64 = 0x0E,
};

/// "unsigned byte", "signed byte", "int16", "int32", "float32" or "float64".
std::string_view name_of(IdxType type);
/// Bytes of one entry.
Index bytes_of(IdxType type);

/// The format of MNIST's files: a grid of numbers, with their type and the sizes of the axes before them.
struct Idx {
  IdxType type = IdxType::unsigned_byte;
  Shape shape;
  /// The entries, row-major, in this machine's byte order (the file's is big-endian).
  std::vector<std::uint8_t> bytes;

  /// One entry, as a number.
  double number(Index position) const;
};

/// Reads a file, plain or gzip (its first bytes say which, not its name). Throws DataError, with the file, the byte and
/// what was expected there, where the file is missing or is anything but one whole IDX grid of at most max_rank axes;
/// sizes that the file cannot hold are refused before memory is taken for them.
Idx read_idx(const std::string& path);

/// Writes a plain file piece by piece, so that the grid need never be in memory as a whole. A file that is not closed
/// is cut off, which read_idx refuses.
class IdxWriter {
 public:
  /// Throws ShapeError where an axis is too long for the format, DataError where the file cannot be written.
  IdxWriter(std::string path, IdxType type, const Shape& shape);
  /// The next entries, row-major, in this machine's byte order. Throws ShapeError unless they are whole entries and the
  /// grid has room for them.
  void write(std::span<const std::uint8_t> entries);
  /// Throws ShapeError while entries are missing, DataError where the file could not be written.
  void close();

 private:
  void require_written();

  std::string path_;
  IdxType type_;
  Shape shape_;
  std::uint64_t missing_ = 0;  // bytes
  std::ofstream file_;
};

/// Writes a plain file. Throws ShapeError unless there are as many bytes as the shape and the type say, and DataError
/// where the file cannot be written.
void write_idx(const std::string& path, const Idx& idx);

}  // namespace gradus::datasets

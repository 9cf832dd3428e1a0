#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <streambuf>
#include <string>

#include <gradus/graph/error.h>

namespace gradus::datasets {

/// What is in a file, from its beginning: unzipped if it is gzip, which its first bytes say, never its name.
class FileBytes {
 public:
  enum Form { unzipped, as_stored };
  /// Throws DataError unless the path is a regular file that can be read.
  explicit FileBytes(std::string path, Form form = unzipped);

  /// Fills `into` and returns how many bytes were left, fewer than asked for only at the end. Throws DataError where
  /// the gzip is corrupt or cut off.
  std::size_t read(std::span<std::uint8_t> into);

  /// How many bytes have been read.
  std::uint64_t offset() const { return offset_; }
  /// The bytes that are there: exactly, or for gzip the most that so many bytes can unzip to.
  std::uint64_t most() const;
  bool gzipped() const { return gzipped_; }

  /// "'train.gz', byte 4 of the unzipped contents: found …; expected …"
  [[noreturn]] void fail(std::uint64_t offset, const std::string& found, const std::string& expected) const;

 private:
  std::string path_;
  std::uint64_t size_ = 0;
  bool gzipped_ = false;
  std::unique_ptr<std::streambuf> stream_;
  std::uint64_t offset_ = 0;
};

}  // namespace gradus::datasets

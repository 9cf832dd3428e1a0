#include <gradus/datasets/file_bytes.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <new>

#include <fmt/format.h>
#include <boost/iostreams/device/file.hpp>
#include <boost/iostreams/filter/gzip.hpp>
#include <boost/iostreams/filtering_streambuf.hpp>

namespace gradus::datasets {
namespace {

std::uint64_t size_of_regular_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw DataError(fmt::format("'{}': no such file; expected a data file", path));
  }
  if (error) throw DataError(fmt::format("'{}': {}; expected a data file", path, error.message()));
  if (status.type() == std::filesystem::file_type::directory) {
    throw DataError(fmt::format("'{}' is a directory; expected a data file", path));
  }
  if (status.type() != std::filesystem::file_type::regular) {
    throw DataError(fmt::format("'{}' is not a regular file; expected a data file", path));
  }
  const auto size = std::filesystem::file_size(path, error);
  if (error) throw DataError(fmt::format("'{}': {}", path, error.message()));
  return size;
}

bool begins_like_gzip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(fmt::format("'{}' cannot be opened: {}", path, std::strerror(errno)));
  std::array<char, 2> magic{};
  file.read(magic.data(), 2);
  return file && magic[0] == '\x1f' && magic[1] == '\x8b';
}

}  // namespace

FileBytes::FileBytes(std::string path, Form form) : path_(std::move(path)), size_(size_of_regular_file(path_)) {
  const bool gzip = begins_like_gzip(path_);
  gzipped_ = gzip && form == unzipped;
  auto stream = std::make_unique<boost::iostreams::filtering_streambuf<boost::iostreams::input>>();
  constexpr std::streamsize buffer = 1 << 16;
  if (gzipped_)
    stream->push(boost::iostreams::gzip_decompressor(boost::iostreams::gzip::default_window_bits, buffer), buffer);
  stream->push(boost::iostreams::file_source(path_, std::ios::in | std::ios::binary), buffer);
  stream_ = std::move(stream);
}

std::size_t FileBytes::read(std::span<std::uint8_t> into) {
  std::size_t got = 0;
  try {
    while (got < into.size()) {
      const auto more =
          stream_->sgetn(reinterpret_cast<char*>(into.data() + got), static_cast<std::streamsize>(into.size() - got));
      if (more <= 0) break;
      got += static_cast<std::size_t>(more);
    }
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const boost::iostreams::gzip_error& error) {
    const bool changed =
        error.error() == boost::iostreams::gzip::bad_crc || error.error() == boost::iostreams::gzip::bad_length;
    fail(
        offset_ + got, changed ? "the gzip checksum does not match" : "the gzip is cut off or damaged",
        "a sound gzip file");
  } catch (const std::exception& error) {
    fail(offset_ + got, error.what(), "more bytes");
  }
  offset_ += got;
  return got;
}

std::uint64_t FileBytes::most() const {
  if (!gzipped_) return size_;
  constexpr std::uint64_t ratio = 1032;  // deflate never does better
  return size_ > std::numeric_limits<std::uint64_t>::max() / ratio ? std::numeric_limits<std::uint64_t>::max()
                                                                   : size_ * ratio;
}

void FileBytes::fail(std::uint64_t offset, const std::string& found, const std::string& expected) const {
  throw DataError(fmt::format(
      "'{}', byte {}{}: {}; expected {}", path_, offset, gzipped_ ? " of the unzipped contents" : "", found, expected));
}

}  // namespace gradus::datasets

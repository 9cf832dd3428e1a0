#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

namespace gradus::datasets {

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece. Files of data are known by it.
class Sha256 {
 public:
  void add(std::span<const std::uint8_t> bytes);
  /// 64 hexadecimal digits. Nothing may be added afterwards.
  std::string digits();

 private:
  void mix(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::uint64_t length_ = 0;
};

std::string sha256(std::span<const std::uint8_t> bytes);

/// The sum of a file as it lies on disk, and of what is in it, unzipped. Throw DataError where it cannot be read.
std::string sha256_of_file(const std::string& path);
std::string sha256_of_contents(const std::string& path);

}  // namespace gradus::datasets

#include <doctest/doctest.h>

#include <string_view>

#include <gradus/datasets/sha256.h>

#include "files.h"

namespace {

using namespace gradus;
using namespace gradus::datasets;
using namespace gradus::tests;

std::string sum_of(std::string_view text) {
  return sha256({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

TEST_CASE("SHA-256 gives the sums of the standard's examples") {
  CHECK(sum_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sum_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(
      sum_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(sum_of(std::string(1'000'000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("SHA-256 does not depend on how the bytes are cut into pieces") {
  Bytes bytes(300);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i * 31);
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    const auto whole = std::span<const std::uint8_t>(bytes).first(length);
    for (std::size_t piece = 1; piece < 140; piece += 13) {
      Sha256 sum;
      for (std::size_t at = 0; at < length; at += piece) sum.add(whole.subspan(at, std::min(piece, length - at)));
      CHECK(sum.digits() == sha256(whole));
    }
  }
}

TEST_CASE("a zipped file has a sum as it is stored and a sum of its contents") {
  const TemporaryFolder folder;
  const Bytes bytes(1000, 42);
  const std::string path = write_bytes(folder / "file", zipped(bytes));
  CHECK(sha256_of_file(path) == sha256(zipped(bytes)));
  CHECK(sha256_of_contents(path) == sha256(bytes));
  CHECK_THROWS_AS(sha256_of_file(folder / "none"), DataError);
}

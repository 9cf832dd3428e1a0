#include <doctest/doctest.h>

#include <gradus/datasets/idx.h>

#include "files.h"

namespace {

using namespace gradus;
using namespace gradus::datasets;
using namespace gradus::tests;

const Bytes two_by_three{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 10, 20, 30, 40, 50, 255};

std::string error_of(const Bytes& bytes) {
  const TemporaryFolder folder;
  const std::string path = write_bytes(folder / "broken.idx", bytes);
  std::string text = data_error([&] { read_idx(path); });
  CHECK_MESSAGE(holds(text, path), text);
  return text;
}

Bytes header(std::uint8_t type, const std::vector<std::uint32_t>& sizes) {
  Bytes bytes{0, 0, type, static_cast<std::uint8_t>(sizes.size())};
  for (const std::uint32_t size : sizes) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(size >> shift));
  }
  return bytes;
}

}  // namespace

TEST_CASE("a plain and a zipped IDX file are read alike, whatever their names") {
  const TemporaryFolder folder;
  write_bytes(folder / "plain.gz", two_by_three);
  write_bytes(folder / "zipped.idx", zipped(two_by_three));
  for (const char* name : {"plain.gz", "zipped.idx"}) {
    const Idx idx = read_idx(folder / name);
    CHECK(idx.type == IdxType::unsigned_byte);
    CHECK(idx.shape == Shape{2, 3});
    CHECK(idx.bytes == Bytes{10, 20, 30, 40, 50, 255});
    CHECK(idx.number(5) == 255);
    CHECK_THROWS_AS(idx.number(6), ValueError);
    CHECK_THROWS_AS(idx.number(-1), ValueError);
  }
}

TEST_CASE("entries of several bytes are big-endian in the file") {
  const TemporaryFolder folder;
  const auto number = [&](const Bytes& bytes) { return read_idx(write_bytes(folder / "one.idx", bytes)).number(0); };
  CHECK(number({0, 0, 0x08, 1, 0, 0, 0, 1, 0xFF}) == 255);
  CHECK(number({0, 0, 0x09, 1, 0, 0, 0, 1, 0xFF}) == -1);
  CHECK(number({0, 0, 0x0B, 1, 0, 0, 0, 1, 0xFF, 0x00}) == -256);
  CHECK(number({0, 0, 0x0C, 1, 0, 0, 0, 1, 0, 1, 0, 2}) == 65538);
  CHECK(number({0, 0, 0x0D, 1, 0, 0, 0, 1, 0xC0, 0x20, 0, 0}) == -2.5);
  CHECK(number({0, 0, 0x0E, 1, 0, 0, 0, 1, 0x40, 0x04, 0, 0, 0, 0, 0, 0}) == 2.5);
}

TEST_CASE("what is written is read again, for every type, empty grids and scalars too") {
  const TemporaryFolder folder;
  const std::string path = folder / "again.idx";
  for (const int code : {0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E}) {
    for (const Shape& shape : {Shape{}, Shape{0}, Shape{3}, Shape{2, 0, 4}, Shape{2, 3, 1, 2}}) {
      Idx idx{static_cast<IdxType>(code), shape, {}};
      for (Index i = 0; i < shape.count() * bytes_of(idx.type); ++i)
        idx.bytes.push_back(static_cast<std::uint8_t>(7 * i + 1));
      write_idx(path, idx);
      const Idx again = read_idx(path);
      CHECK(again.type == idx.type);
      CHECK(again.shape == idx.shape);
      CHECK(again.bytes == idx.bytes);
    }
  }
}

TEST_CASE("write_idx refuses bytes that do not fill the shape, and a path that cannot be written") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(write_idx(folder / "a.idx", {IdxType::int16, {3}, Bytes(5)}), ShapeError);
  CHECK_THROWS_AS(write_idx(folder / "a.idx", {IdxType::unsigned_byte, {Index{1} << 33, 0}, {}}), ShapeError);
  CHECK_THROWS_AS(write_idx(folder / "nowhere/a.idx", {IdxType::unsigned_byte, {1}, {1}}), DataError);
}

TEST_CASE("a missing file, a directory and a device are named as what they are") {
  const TemporaryFolder folder;
  CHECK(holds(data_error([&] { read_idx(folder / "none.idx"); }), "none.idx': no such file"));
  CHECK(holds(data_error([&] { read_idx(folder.text()); }), folder.text() + "' is a directory"));
  CHECK(holds(data_error([&] { read_idx("/dev/zero"); }), "'/dev/zero' is not a regular file"));
  CHECK(holds(data_error([&] { read_idx(""); }), "no such file"));
}

TEST_CASE("a malformed IDX file is refused with the byte, what is there and what was expected") {
  CHECK(holds(error_of({}), "byte 0: the file ends; expected the four bytes"));
  CHECK(holds(error_of({0, 0, 8}), "byte 3: the file ends"));
  CHECK(holds(error_of({0x89, 'P', 'N', 'G', 1, 2, 3, 4}), "byte 0: 89 50; expected 00 00"));
  CHECK(holds(error_of({0, 0, 7, 1, 0, 0, 0, 1, 1}), "byte 2: 07; expected a type: 08"));
  CHECK(holds(error_of({0, 0, 8, 9}), "byte 3: 9 axes; expected at most 8"));
  CHECK(holds(
      error_of({0, 0, 8, 2, 0, 0, 0, 2, 0, 0}), "byte 10: the file ends; expected the sizes of 2 axes, up to byte 12"));
  Bytes bytes = two_by_three;
  bytes.pop_back();
  CHECK(holds(error_of(bytes), "byte 17: the file ends; expected [2, 3] entries of unsigned byte, up to byte 18"));
  bytes = two_by_three;
  bytes.push_back(0);
  CHECK(holds(error_of(bytes), "byte 18: more bytes; expected the end of the file"));
}

TEST_CASE("sizes that no file holds are refused without taking the memory") {
  for (const bool zip : {false, true}) {
    for (const auto& sizes :
         {std::vector<std::uint32_t>(8, 0xFFFFFFFF), std::vector<std::uint32_t>{0xFFFFFFFF, 0x10000000},
          std::vector<std::uint32_t>{0x80000000, 0x80000000, 2}}) {
      Bytes bytes = header(0x0E, sizes);
      bytes.resize(bytes.size() + 100);
      const std::string text = error_of(zip ? zipped(bytes) : bytes);
      CHECK_MESSAGE(holds(text, "byte 4"), text);
      CHECK_MESSAGE(holds(text, "sizes [4294967295, ") != holds(text, "sizes [2147483648, "), text);
    }
  }
}

TEST_CASE("any byte of a small IDX file may be anything, and any byte may be its last") {
  const TemporaryFolder folder;
  int refused = 0;
  for (std::size_t place = 0; place < two_by_three.size(); ++place) {
    for (int value = 0; value < 256; ++value) {
      Bytes bytes = two_by_three;
      bytes[place] = static_cast<std::uint8_t>(value);
      const std::string path = write_bytes(folder / "fuzzed.idx", bytes);
      const std::string error = data_error([&] { read_idx(path); });
      if (!error.empty()) ++refused;
      // Of the header, only what it was is right; entries may be anything.
      CHECK_MESSAGE(
          error.empty() == (place >= 12 || bytes == two_by_three || (place == 2 && value == 9)),
          place << ' ' << value << ' ' << error);
    }
    const std::string path =
        write_bytes(folder / "cut.idx", {two_by_three.begin(), two_by_three.begin() + static_cast<long>(place)});
    CHECK(data_error([&] { read_idx(path); }) != "");
  }
  CHECK(refused == 12 * 255 - 1);
}

TEST_CASE("a damaged gzip file is refused, or else holds what it held") {
  const TemporaryFolder folder;
  const Bytes sound = zipped(two_by_three);
  int refused = 0;
  for (std::size_t place = 0; place < sound.size(); ++place) {
    for (int bit = 0; bit < 8; ++bit) {
      Bytes bytes = sound;
      bytes[place] = static_cast<std::uint8_t>(bytes[place] ^ (1 << bit));
      const std::string path = write_bytes(folder / "fuzzed.gz", bytes);
      Idx idx;
      const std::string error = data_error([&] { idx = read_idx(path); });
      if (!error.empty()) ++refused;
      CHECK_MESSAGE((!error.empty() || idx.bytes == Bytes(two_by_three.begin() + 12, two_by_three.end())), place);
    }
  }
  CHECK(refused > static_cast<int>(8 * (sound.size() - 14)));  // not seen: time, system and the like, and the length
}

TEST_CASE("a gzip file that is cut off or goes on is refused") {
  const TemporaryFolder folder;
  const Bytes sound = zipped(two_by_three);
  for (std::size_t length = 0; length < sound.size(); ++length) {
    const std::string path = write_bytes(folder / "cut.gz", {sound.begin(), sound.begin() + static_cast<long>(length)});
    CHECK_MESSAGE(data_error([&] { read_idx(path); }) != "", length);
  }
  Bytes longer = sound;
  longer.insert(longer.end(), {1, 2, 3});
  CHECK(error_of(longer) != "");
  Bytes twice = sound;
  twice.insert(twice.end(), sound.begin(), sound.end());
  CHECK(holds(error_of(twice), "byte 18 of the unzipped contents: more bytes"));
}

TEST_CASE("a gzip file that does not keep what its header says is refused when it ends") {
  Bytes bytes = header(0x08, {20'000});  // few bytes that could unzip to so many, but do not
  bytes.resize(bytes.size() + 10'000);
  const std::string text = error_of(zipped(bytes));
  CHECK_MESSAGE(holds(text, "byte 10008 of the unzipped contents: the file ends; expected [20000] entries"), text);
}

TEST_CASE("a grid that is written piece by piece is the file of the grid as a whole") {
  const TemporaryFolder folder;
  const Idx idx{IdxType::int16, {2, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}};
  write_idx(folder / "whole.idx", idx);
  IdxWriter writer(folder / "pieces.idx", idx.type, idx.shape);
  const std::span<const std::uint8_t> bytes(idx.bytes);
  for (const auto piece : {bytes.first(2), bytes.subspan(2, 0), bytes.subspan(2)}) writer.write(piece);
  writer.close();
  CHECK(read_bytes(folder / "pieces.idx") == read_bytes(folder / "whole.idx"));
  CHECK(read_idx(folder / "pieces.idx").bytes == idx.bytes);
}

TEST_CASE("pieces that are too many, too few or no whole entries are refused") {
  const TemporaryFolder folder;
  const Bytes bytes(10);
  IdxWriter writer(folder / "grid.idx", IdxType::int32, {2});
  CHECK_THROWS_WITH_AS(writer.write(std::span(bytes).first(3)), doctest::Contains("3 bytes more for '"), ShapeError);
  writer.write(std::span(bytes).first(4));
  CHECK_THROWS_WITH_AS(writer.close(), doctest::Contains("lacks 4 bytes of [2] entries of int32"), ShapeError);
  CHECK_THROWS_WITH_AS(writer.write(std::span(bytes).first(8)), doctest::Contains("4 are missing"), ShapeError);
  writer.write(std::span(bytes).first(4));
  writer.close();
  CHECK(read_idx(folder / "grid.idx").shape == Shape{2});
}

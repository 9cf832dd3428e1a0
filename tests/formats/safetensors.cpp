#include <gradus/formats/safetensors.h>

#include <bit>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <gradus/formats/replace_file.h>
#include <gradus/gradus.h>

#include "datasets/files.h"
#include "formats/python.h"

namespace {

using namespace gradus;
using namespace gradus::tests;
using safetensors::Contents;

/// A file of the given header and so many bytes behind it, each its own number.
Bytes file_of(const std::string& header, std::size_t bytes) {
  Bytes file(8);
  const std::uint64_t length = header.size();
  std::memcpy(file.data(), &length, 8);
  file.insert(file.end(), header.begin(), header.end());
  for (std::size_t i = 0; i < bytes; ++i) file.push_back(static_cast<std::uint8_t>(i));
  return file;
}

std::string error_of(const Bytes& bytes) {
  const TemporaryFolder folder;
  const std::string path = write_bytes(folder / "model.safetensors", bytes);
  const std::string error = data_error([&] { safetensors::load(path); });
  CHECK(error.starts_with("'" + path + "'"));
  CHECK(holds(error, "; expected "));
  return error;
}

std::string error_of(const std::string& header, std::size_t bytes = 8) {
  return error_of(file_of(header, bytes));
}

template <class T>
std::vector<T> some(Index count) {
  if constexpr (std::is_same_v<T, bool>) {
    return *rc::gen::container<std::vector<bool>>(static_cast<std::size_t>(count), rc::gen::arbitrary<bool>());
  } else {
    using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
    std::vector<T> values;
    for (const Bits bits :
         *rc::gen::container<std::vector<Bits>>(static_cast<std::size_t>(count), rc::gen::arbitrary<Bits>())) {
      values.push_back(std::bit_cast<T>(bits));
    }
    return values;
  }
}

Tensor some_tensor() {
  std::vector<Index> sizes = *rc::gen::container<std::vector<Index>>(rc::gen::inRange<Index>(0, 4));
  sizes.resize(std::min<std::size_t>(sizes.size(), 4));
  const Shape shape(sizes);
  switch (*rc::gen::inRange(0, 4)) {
    case 0:
      return tensor(some<float>(shape.count()), shape);
    case 1:
      return tensor(some<double>(shape.count()), shape);
    case 2:
      return tensor(some<std::int32_t>(shape.count()), shape);
    default:
      return tensor(some<bool>(shape.count()), shape);
  }
}

Bytes bits_of(const Tensor& tensor) {
  const auto copy = [](const auto& view) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(view.data());
    return Bytes(bytes, bytes + view.size_bytes());
  };
  switch (tensor.dtype()) {
    case Dtype::float32:
      return copy(tensor.view<float>());
    case Dtype::float64:
      return copy(tensor.view<double>());
    case Dtype::int32:
      return copy(tensor.view<std::int32_t>());
    default:
      return copy(tensor.view<std::uint8_t>());
  }
}

const std::string one_tensor = R"({"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

#ifdef GRADUS_PYTHON

std::string python(const std::string& arguments) {
  return tests::printed_by("safetensors.py", arguments);
}

#endif

}  // namespace

TEST_CASE("any tensors and texts come back from a safetensors file to the bit, and are written as the same bytes") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors", again = folder / "again.safetensors";
  CHECK(rc::check([&] {
    Contents contents;
    for (const auto& name : *rc::gen::arbitrary<std::vector<std::uint8_t>>()) {
      contents.tensors[std::string("tensor \"\\\n") + static_cast<char>('a' + name % 20)] = some_tensor();
    }
    for (const auto number : *rc::gen::arbitrary<std::vector<int>>()) {
      contents.metadata[std::to_string(number)] = "ü\"" + std::to_string(number);
    }
    safetensors::save(path, contents);
    const Contents read = safetensors::load(path);
    RC_ASSERT(read.metadata == contents.metadata);
    RC_ASSERT(read.tensors.size() == contents.tensors.size());
    for (const auto& [name, tensor] : contents.tensors) {
      const Tensor& found = read.tensors.at(name);
      RC_ASSERT(found.dtype() == tensor.dtype());
      RC_ASSERT(found.shape() == tensor.shape());
      RC_ASSERT(bits_of(found) == bits_of(tensor));
      RC_ASSERT(found.name() == name);
    }
    safetensors::save(again, read);
    RC_ASSERT(read_bytes(again) == read_bytes(path));
  }));
}

TEST_CASE("values that are not there yet are computed when a safetensors file is written") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  const Parameter w(tensor({1.0, 2.0}), "w");
  safetensors::save(path, {.tensors = {{"w", w}, {"double", w + w}, {"number", 0.5}}});
  const auto read = safetensors::load(path).tensors;
  CHECK(read.at("double").values() == std::vector<double>{2, 4});
  CHECK(read.at("w").dtype() == Dtype::float64);
  CHECK(read.at("number").item() == 0.5);
}

TEST_CASE("what a file claims is not believed") {
  const auto tensor_with = [](const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return error_of(R"({"w":{"dtype":)" + dtype + R"(,"shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}");
  };
  CHECK(holds(error_of(Bytes{}), "byte 0: only 0 bytes"));
  CHECK(holds(error_of(Bytes{1, 0, 0}), "byte 0: only 3 bytes"));
  CHECK(holds(error_of(Bytes{255, 255, 255, 255, 255, 255, 255, 255, '{', '}'}), "but 2 follow"));
  CHECK(holds(error_of(Bytes{3, 0, 0, 0, 0, 0, 0, 0, '{', '}'}), "a header of 3 bytes, but 2 follow"));
  CHECK(holds(error_of("", 0), "byte 8: "));
  CHECK(holds(error_of(R"({"w":)", 0), "JSON"));
  CHECK(holds(error_of(std::string(5000, '['), 0), "JSON"));
  CHECK(holds(error_of("\xff\xfe", 0), "byte 8: "));
  CHECK(holds(error_of("[1,2]", 0), "byte 8: a list of 2; expected an object"));
  CHECK(holds(error_of(R"({"w":5})"), R"(byte 9: "w": 5; expected an object of dtype)"));
  CHECK(holds(error_of(R"({"w":{"dtype":"F32","shape":[2]}})"), "no data_offsets"));
  CHECK(holds(error_of(R"({"__metadata__":{"a":1}})", 0), "\"a\": 1; expected a text"));
  CHECK(holds(error_of(R"({"__metadata__":[]})", 0), "an object of texts"));
  CHECK(holds(error_of(one_tensor.substr(0, one_tensor.size() - 1) + "," + one_tensor.substr(1)), "given twice"));
  CHECK(holds(error_of(R"({"__metadata__":{"a":"","a":""}})", 0), "\"a\": given twice"));
  CHECK(holds(tensor_with("\"BF16\"", "[4]", "[0,8]"), "F32, F64, I32 or BOOL"));
  CHECK(holds(tensor_with("\"F16\"", "[4]", "[0,8]"), "\"F16\""));
  CHECK(holds(tensor_with("7", "[2]", "[0,8]"), "its dtype is 7"));
  CHECK(holds(tensor_with("\"F32\"", "2", "[0,8]"), "its shape is 2"));
  CHECK(holds(tensor_with("\"F32\"", "[1,1,1,1,1,1,1,1,2]", "[0,8]"), "up to 8 sizes"));
  CHECK(holds(tensor_with("\"F32\"", "[-2]", "[0,8]"), "-2 in its shape"));
  CHECK(holds(tensor_with("\"F32\"", "[2.0]", "[0,8]"), "2.0 in its shape"));
  CHECK(holds(tensor_with("\"F32\"", "[1e400]", "[0,8]"), "expected"));
  CHECK(holds(tensor_with("\"F32\"", "[18446744073709551615]", "[0,8]"), "below 2^63"));
  CHECK(holds(tensor_with("\"F32\"", "[99999999999999999999]", "[0,8]"), "below 2^63"));
  CHECK(holds(tensor_with("\"F32\"", "[4611686018427387904,4]", "[0,8]"), "can be counted"));
  CHECK(holds(tensor_with("\"F64\"", "[4611686018427387904]", "[0,8]"), "entries of 8 bytes"));
  CHECK(holds(tensor_with("\"F32\"", "[3]", "[0,8]"), "expected 3 entries of 4 bytes"));
  CHECK(holds(tensor_with("\"F64\"", "[]", "[0,7]"), "expected 1 entries of 8 bytes"));
  CHECK(holds(tensor_with("\"F32\"", "[2]", "[0]"), "a list of begin and end"));
  CHECK(holds(tensor_with("\"F32\"", "[2]", "[8,0]"), "begin <= end <= 8"));
  CHECK(holds(tensor_with("\"F32\"", "[2]", "[0,9]"), "begin <= end <= 8"));
  CHECK(holds(tensor_with("\"F32\"", "[1]", "[4,8]"), "expected 0, where the tensor before it ends"));
  CHECK(holds(tensor_with("\"F32\"", "[1]", "[0,4]"), "4 bytes in all, but 8 bytes behind"));
  CHECK(holds(tensor_with("\"BOOL\"", "[8]", "[0,8]"), "a BOOL of 2; expected 0 or 1"));
  const std::string two = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],)";
  CHECK(holds(error_of(two + R"("data_offsets":[4,12]}})", 12), R"("b": its data_offsets are [4, 12]; expected 8)"));
}

TEST_CASE("a safetensors file that is damaged anywhere loads or ends in an error that names it") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  safetensors::save(path, {{{"w", tensor({1.0, 2.0})}, {"flags", tensor({true, false})}}, {{"text", "word"}}});
  const Bytes sound = read_bytes(path);
  for (std::size_t length = 0; length < sound.size(); ++length) {
    write_bytes(path, {sound.begin(), sound.begin() + static_cast<long>(length)});
    CHECK(holds(data_error([&] { safetensors::load(path); }), path));
  }
  CHECK(rc::check([&] {
    Bytes damaged = sound;
    for (int i = *rc::gen::inRange(1, 4); i > 0; --i) {
      damaged[*rc::gen::inRange<std::size_t>(0, sound.size())] = *rc::gen::arbitrary<std::uint8_t>();
    }
    write_bytes(path, damaged);
    const std::string error = data_error([&] { safetensors::load(path); });
    RC_ASSERT(error.empty() || holds(error, path));
  }));
}

TEST_CASE("a safetensors file is replaced in one go, or stays where that fails") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  // What a program that was killed has left.
  write_bytes(path + ".part", Bytes(100'000, 7));
  safetensors::save(path, {.tensors = {{"w", tensor({1.0})}}});
  CHECK_FALSE(std::filesystem::exists(path + ".part"));
  CHECK_THROWS_WITH_AS(
      safetensors::save(path, {.tensors = {{"w", Tensor()}}}), doctest::Contains("empty handle"), ValueError);
  CHECK_THROWS_WITH_AS(safetensors::save(path, {.metadata = {{"a", "\xff"}}}), doctest::Contains("UTF-8"), ValueError);
  CHECK_THROWS_AS(safetensors::save(path, {.tensors = {{"__metadata__", tensor({1.0})}}}), ValueError);
  // Where the new file should be made there is a folder.
  std::filesystem::create_directory(path + ".part");
  CHECK(holds(data_error([&] { safetensors::save(path, {}); }), "cannot be written"));
  CHECK(safetensors::load(path).tensors.at("w").item() == 1);
  CHECK(holds(data_error([&] { safetensors::save(folder.text(), {}); }), folder.text()));
  CHECK_FALSE(std::filesystem::exists(folder.text() + ".part"));
  CHECK(holds(data_error([&] { safetensors::save(folder / "nowhere/model.safetensors", {}); }), "folder that exists"));
  CHECK(holds(data_error([&] { safetensors::load(folder / "nowhere"); }), "cannot be opened"));
  CHECK(holds(data_error([&] { safetensors::load(folder.text()); }), "is a directory"));
  CHECK(holds(data_error([&] { safetensors::load("/dev/null"); }), "not a regular file"));
}

#ifdef GRADUS_PYTHON

TEST_CASE("a safetensors file that Python writes is read here") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  python("write '" + path + "'");
  const Contents read = safetensors::load(path);
  CHECK(read.metadata == std::map<std::string, std::string>{{"who", "Python ü"}});
  CHECK(read.tensors.size() == 6);
  CHECK(read.tensors.at("flags").values<bool>() == std::vector<bool>{true, false, true});
  CHECK(read.tensors.at("single").shape() == Shape{2, 2});
  CHECK(read.tensors.at("single").values<float>() == std::vector<float>{0.1F, -0.0F, 1e30F, 1.5F});
  CHECK(read.tensors.at("twice").shape() == Shape{});
  CHECK(read.tensors.at("twice").item() == 0.1);
  CHECK(read.tensors.at("none").shape() == Shape{0, 4});
  CHECK(read.tensors.at("whole").values<std::int32_t>() == std::vector<std::int32_t>{-2147483647 - 1, 2147483647});
  CHECK(read.tensors.at("odd \"name\" ü\n").item() == 7);
}

TEST_CASE("a safetensors file that is written here is read by Python") {
  const TemporaryFolder folder;
  const std::string path = folder / "model.safetensors";
  safetensors::save(
      path, {{{"flags", tensor({true, false, true})},
              {"odd \"name\"", tensor<float>({0.5F, -0.0F}, {1, 2})},
              {"none", zeros({0, 3})},
              {"scalar", Tensor(tensor<double>({0.1}, {}))},
              {"whole", tensor<std::int32_t>({-1, 2147483647}, {2})}},
             {{"who", "gradus"}}});
  CHECK(
      python("print '" + path + "'") ==
      "\"who\" \"gradus\"\n"
      "\"scalar\" F64 [] ['0.1']\n"
      "\"none\" F32 [0, 3] []\n"
      "\"odd \\\"name\\\"\" F32 [1, 2] ['0.5', '-0.0']\n"
      "\"whole\" I32 [2] ['-1', '2147483647']\n"
      "\"flags\" BOOL [3] ['True', 'False', 'True']\n");
}

#endif

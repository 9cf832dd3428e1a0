#include <program/metrics.h>

#include <string>

#include <doctest/doctest.h>

#include "datasets/files.h"

namespace {

using namespace gradus::tests;
using program::Metrics;

const std::string first = R"({"epoch":0,"seconds":1.5})", first_again = R"({"epoch":0,"seconds":0.001})";
const std::string second = R"({"epoch":1,"seconds":1.5})", other = R"({"epoch":2,"seconds":1.5})";

/// What is in the file after some lines were there and a resumed run wrote records.
std::string after(const std::string& before, const std::vector<std::string>& records) {
  const TemporaryFolder folder;
  const std::string path = write_bytes(folder / "run.jsonl", {before.begin(), before.end()});
  Metrics metrics(path, Metrics::Old::is_repeated);
  for (const std::string& record : records) metrics.write(record);
  const Bytes bytes = read_bytes(path);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("a resumed run keeps the lines that it says again, with their timings, and adds those that follow") {
  CHECK(after("", {first, second}) == first + "\n" + second + "\n");
  CHECK(after(first + "\n", {first_again, second}) == first + "\n" + second + "\n");
  CHECK(after(first + "\n" + second + "\n", {first_again}) == first + "\n" + second + "\n");
}

TEST_CASE("a resumed run replaces half a line, and lines that say something else") {
  CHECK(after(first + "\n" + second.substr(0, 9), {first_again, second}) == first + "\n" + second + "\n");
  CHECK(after(second.substr(0, 9), {first}) == first + "\n");
  CHECK(after(first + "\n" + other + "\n" + other + "\n", {first_again, second}) == first + "\n" + second + "\n");
  CHECK(after("no record\n" + first + "\n", {first}) == first + "\n");
}

TEST_CASE("a run that begins anew loses the lines of the one before") {
  const TemporaryFolder folder;
  const std::string path = write_bytes(folder / "run.jsonl", {'a', '\n'});
  Metrics(path).write(first);
  const Bytes bytes = read_bytes(path);
  CHECK(std::string(bytes.begin(), bytes.end()) == first + "\n");
}

#pragma once

#include <cstdint>
#include <vector>

#include <rapidcheck.h>

namespace gradus {

/// What random graphs and programs are made from: at least `least` words, less than `end`. Of any number and size from
/// the first test on; RapidCheck begins with few and small ones otherwise.
inline rc::Gen<std::vector<std::uint16_t>> random_words(std::size_t least, std::size_t end) {
  const auto words = rc::gen::mapcat(rc::gen::inRange(least, end), [](std::size_t count) {
    return rc::gen::container<std::vector<std::uint16_t>>(count, rc::gen::arbitrary<std::uint16_t>());
  });
  return rc::gen::resize(100, words);
}

}  // namespace gradus

#pragma once

#ifdef GRADUS_PYTHON

#include <cstdio>
#include <string>

#include <doctest/doctest.h>

namespace gradus::tests {

/// Runs a script of this folder with Python, which must succeed, and returns what it prints.
inline std::string printed_by(const std::string& script, const std::string& arguments) {
  const std::string command = "'" GRADUS_PYTHON "' '" GRADUS_SOURCE_DIR "/tests/formats/" + script + "' " + arguments;
  FILE* program = popen(command.c_str(), "r");
  REQUIRE(program != nullptr);
  std::string output;
  for (int c = std::fgetc(program); c != EOF; c = std::fgetc(program)) output += static_cast<char>(c);
  CHECK_MESSAGE(pclose(program) == 0, command);
  return output;
}

}  // namespace gradus::tests

#endif

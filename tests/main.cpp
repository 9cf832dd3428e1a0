#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  // RapidCheck draws its seed from the clock otherwise, and a failure could not be seen again. RC_PARAMS overrides it.
  setenv("RC_PARAMS", "seed=20131125 max_success=" GRADUS_RANDOM_CASES, 0);
  // What this machine is like changes plans; tests plan the same everywhere, and leave the user's cache alone.
  setenv("GRADUS_COSTS", "usual", 0);
  return doctest::Context(argc, argv).run();
}

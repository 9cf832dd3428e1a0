#define DOCTEST_CONFIG_IMPLEMENT
#include <cstdlib>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  // RapidCheck draws its seed from the clock otherwise, and a failure could not be seen again. RC_PARAMS overrides it.
  setenv("RC_PARAMS", "seed=20131125", 0);
  return doctest::Context(argc, argv).run();
}

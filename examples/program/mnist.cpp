#include <program/mnist.h>

namespace program {

gradus::datasets::NamedTrainValidationTest mnist_of_the_book(Run& run, gradus::Dtype dtype) {
  auto data = gradus::datasets::mnist_or_fashion_of_the_book({.directory = run.data(), .dtype = dtype});
  if (data.name != "MNIST") {
    run.say("MNIST was not found ('./dev demo' fetches it, or set GRADUS_DATA); going on with {}", data.name);
    run.changed(fmt::format("{} instead of MNIST", data.name));
  }
  return data;
}

}  // namespace program

// "Convolutional neural networks in practice" begins with what chapter 3 ended with, as a baseline.
#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {
const Row baseline{
    .name = "shallow",
    .description = "784-100-10, sigmoid: the baseline",
    .architecture = {.neurons = {100}},
    .published = 0.9780,
    .seconds = 30};
}

const Experiment shallow = as_in_the_book<baseline>(), shallow_right = started_right<baseline>();

}  // namespace chapter6

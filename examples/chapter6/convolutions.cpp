// One convolutional-pooling layer, then two; and what the activation does for the latter.
#include "experiments.h"
#include "row.h"

namespace chapter6 {

namespace {

const Row one{
    .name = "basic-conv",
    .description = "20 filters 5×5, pooling, 100 neurons, sigmoid",
    .architecture = {.filters = {20}, .neurons = {100}},
    .published = 0.9878,
    .seconds = 240};

const Row without_fully_connected{
    .name = "omit-fc",
    .description = "20 filters 5×5, pooling, no fully connected layer (an exercise)",
    .architecture = {.filters = {20}},
    .seconds = 150};

const Row two{
    .name = "dbl-conv",
    .description = "20 and 40 filters 5×5, each with pooling, 100 neurons, sigmoid",
    .architecture = {.filters = {20, 40}, .neurons = {100}},
    .published = 0.9906,
    .seconds = 400};

const Row two_tanh{
    .name = "dbl-conv-tanh",
    .description = "20 and 40 filters, 100 neurons, tanh (a problem)",
    .architecture = {.filters = {20, 40}, .neurons = {100}, .activation = Activation::tanh},
    .seconds = 400};

const Row two_relu{
    .name = "dbl-conv-relu",
    .description = "20 and 40 filters, 100 neurons, ReLU, λ = 0.1",
    .architecture = {.filters = {20, 40}, .neurons = {100}, .activation = Activation::relu},
    .learning_rate = 0.03,
    .lambda = 0.1,
    .published = 0.9923,
    .seconds = 400};

}  // namespace

const Experiment basic_conv = as_in_the_book<one>(), basic_conv_right = started_right<one>();
const Experiment omit_fc = as_in_the_book<without_fully_connected>(),
                 omit_fc_right = started_right<without_fully_connected>();
const Experiment dbl_conv = as_in_the_book<two>(), dbl_conv_right = started_right<two>();
const Experiment dbl_conv_tanh = as_in_the_book<two_tanh>(), dbl_conv_tanh_right = started_right<two_tanh>();
const Experiment dbl_conv_relu = as_in_the_book<two_relu>(), dbl_conv_relu_right = started_right<two_relu>();

}  // namespace chapter6

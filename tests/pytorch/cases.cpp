// Writes what gradus makes of some inputs, for compare.py to hold against PyTorch: values, gradients, and gradients of
// gradients, in float64.
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <gradus/formats/safetensors.h>
#include <gradus/gradus.h>

using namespace gradus;

namespace {

struct Case {
  std::string pytorch;        ///< the same in Python, of F = torch.nn.functional and inputs x
  std::vector<Shape> shapes;  ///< of the inputs
  std::function<Tensor(const Tensors&)> gradus;
  bool positive = false;  ///< inputs in (0, 1) instead of (−1, 1)
};

std::vector<Case> convolutions() {
  return {
      {"F.conv1d(x[0], x[1], x[2], stride=2, padding=1)",
       {{2, 3, 9}, {4, 3, 3}, {4}},
       [](const Tensors& x) { return conv1d(x[0], x[1], x[2], {.stride = 2, .padding = 1}); }},
      {"F.conv2d(x[0], x[1], stride=(2, 1), padding=(1, 2), dilation=(1, 2))",
       {{2, 3, 8, 9}, {4, 3, 3, 2}},
       [](const Tensors& x) {
         return conv2d(x[0], x[1], {.stride = {2, 1}, .padding = {1, 2}, .dilation = {1, 2}});
       }},
      {"F.conv2d(x[0], x[1], x[2], groups=2, padding='same')",
       {{2, 4, 5, 6}, {6, 2, 3, 4}, {6}},
       [](const Tensors& x) { return conv2d(x[0], x[1], x[2], {.padding = Padding::same(), .groups = 2}); }},
      {"F.conv3d(x[0], x[1], stride=2, padding=1)",
       {{1, 2, 5, 4, 6}, {3, 2, 2, 3, 2}},
       [](const Tensors& x) { return conv3d(x[0], x[1], {.stride = 2, .padding = 1}); }},
      {"F.conv_transpose1d(x[0], x[1], x[2], stride=3, padding=1, output_padding=2)",
       {{2, 3, 4}, {3, 2, 3}, {2}},
       [](const Tensors& x) {
         return conv_transpose1d(x[0], x[1], x[2], {.stride = 3, .padding = 1, .output_padding = 2});
       }},
      {"F.conv_transpose2d(x[0], x[1], stride=2, padding=(1, 0), groups=2, dilation=(2, 1))",
       {{2, 4, 4, 3}, {4, 3, 3, 2}},
       [](const Tensors& x) {
         return conv_transpose2d(x[0], x[1], {.stride = 2, .padding = {1, 0}, .dilation = {2, 1}, .groups = 2});
       }},
      {"F.conv_transpose3d(x[0], x[1], stride=2)",
       {{1, 2, 2, 3, 2}, {2, 2, 2, 1, 3}},
       [](const Tensors& x) { return conv_transpose3d(x[0], x[1], {.stride = 2}); }},
  };
}

std::vector<Case> pooling() {
  return {
      {"F.max_pool1d(x[0], 3, stride=2, padding=1)",
       {{2, 3, 9}},
       [](const Tensors& x) { return max_pool1d(x[0], 3, {.stride = 2, .padding = 1}); }},
      {"F.max_pool2d(x[0], (2, 3), dilation=(2, 1))",
       {{2, 3, 8, 9}},
       [](const Tensors& x) {
         return max_pool2d(x[0], {2, 3}, {.dilation = {2, 1}});
       }},
      {"F.max_pool3d(x[0], 2)", {{1, 2, 4, 6, 5}}, [](const Tensors& x) { return max_pool3d(x[0], 2); }},
      {"F.avg_pool1d(x[0], 4, stride=3, padding=2)",
       {{2, 3, 10}},
       [](const Tensors& x) { return average_pool1d(x[0], 4, {.stride = 3, .padding = 2}); }},
      {"F.avg_pool2d(x[0], 3, stride=2, padding=1, count_include_pad=False)",
       {{2, 3, 7, 8}},
       [](const Tensors& x) { return average_pool2d(x[0], 3, {.stride = 2, .padding = 1, .count_padding = false}); }},
      {"F.avg_pool3d(x[0], (1, 2, 3))",
       {{1, 2, 3, 4, 6}},
       [](const Tensors& x) {
         return average_pool3d(x[0], {1, 2, 3});
       }},
      {"F.adaptive_avg_pool2d(x[0], (3, 4))",
       {{2, 3, 7, 9}},
       [](const Tensors& x) {
         return adaptive_average_pool(x[0], {3, 4});
       }},
      {"F.adaptive_max_pool2d(x[0], (3, 2))",
       {{2, 3, 8, 7}},
       [](const Tensors& x) {
         return adaptive_max_pool(x[0], {3, 2});
       }},
      {"F.adaptive_avg_pool3d(x[0], 1)", {{2, 3, 2, 3, 4}}, [](const Tensors& x) { return global_average_pool(x[0]); }},
  };
}

std::vector<Case> normalization() {
  return {
      {"F.batch_norm(x[0], None, None, x[1], x[2], training=True)",
       {{4, 3, 5, 2}, {3}, {3}},
       [](const Tensors& x) { return batch_norm(x[0], x[1], x[2]); }},
      {"F.batch_norm(x[0], x[1], x[2], x[3], x[4], eps=1e-3)",
       {{4, 3, 5}, {3}, {3}, {3}, {3}},
       [](const Tensors& x) {
         return batch_norm_with_statistics(x[0], x[1].detach(), x[2].detach(), x[3], x[4], {.epsilon = 1e-3});
       },
       true},
      {"F.layer_norm(x[0], (4, 5), x[1], x[2])",
       {{3, 4, 5}, {4, 5}, {4, 5}},
       [](const Tensors& x) { return layer_norm(x[0], x[1], x[2], {.axes = 2}); }},
      {"F.group_norm(x[0], 2, x[1], x[2])",
       {{2, 6, 3, 4}, {6}, {6}},
       [](const Tensors& x) { return group_norm(x[0], 2, x[1], x[2]); }},
      {"F.instance_norm(x[0], weight=x[1], bias=x[2])",
       {{2, 3, 4, 5}, {3}, {3}},
       [](const Tensors& x) { return instance_norm(x[0], x[1], x[2]); }},
      {"F.softmax(x[0], 1)", {{3, 4, 2}}, [](const Tensors& x) { return softmax(x[0], 1); }},
      {"F.log_softmax(x[0], -1)", {{3, 4}}, [](const Tensors& x) { return log_softmax(x[0]); }},
  };
}

std::vector<Case> resizing() {
  return {
      {"F.interpolate(x[0], scale_factor=(2, 3))",
       {{2, 3, 3, 4}},
       [](const Tensors& x) {
         return upsample_nearest(x[0], {2, 3});
       }},
      {"F.interpolate(x[0], size=7, mode='linear')",
       {{2, 3, 4}},
       [](const Tensors& x) { return resize_linear(x[0], 7); }},
      {"F.interpolate(x[0], size=(5, 3), mode='bilinear', align_corners=True)",
       {{2, 3, 3, 4}},
       [](const Tensors& x) {
         return resize_linear(x[0], {5, 3}, {.align_corners = true});
       }},
      {"F.interpolate(x[0], scale_factor=2, mode='trilinear')",
       {{1, 2, 2, 3, 2}},
       [](const Tensors& x) { return upsample_linear(x[0], 2); }},
  };
}

std::vector<Case> activations_and_losses() {
  return {
      {"torch.sigmoid(x[0])", {{3, 4}}, [](const Tensors& x) { return sigmoid(x[0]); }},
      {"torch.tanh(x[0])", {{3, 4}}, [](const Tensors& x) { return tanh(x[0]); }},
      {"F.relu(x[0])", {{3, 4}}, [](const Tensors& x) { return relu(x[0]); }},
      {"F.leaky_relu(x[0])", {{3, 4}}, [](const Tensors& x) { return leaky_relu(x[0]); }},
      {"F.elu(x[0])", {{3, 4}}, [](const Tensors& x) { return elu(x[0]); }},
      {"F.softplus(x[0])", {{3, 4}}, [](const Tensors& x) { return softplus(x[0]); }},
      {"F.gelu(x[0])", {{3, 4}}, [](const Tensors& x) { return gelu(x[0]); }},
      {"F.gelu(x[0], approximate='tanh')", {{3, 4}}, [](const Tensors& x) { return gelu_tanh(x[0]); }},
      {"F.silu(x[0])", {{3, 4}}, [](const Tensors& x) { return silu(x[0]); }},
      {"F.mse_loss(x[0], x[1])", {{3, 4}, {3, 4}}, [](const Tensors& x) { return mean_squared_error(x[0], x[1]); }},
      {"F.l1_loss(x[0], x[1])", {{3, 4}, {3, 4}}, [](const Tensors& x) { return mean_absolute_error(x[0], x[1]); }},
      {"F.huber_loss(x[0], x[1], delta=0.5)",
       {{3, 4}, {3, 4}},
       [](const Tensors& x) { return huber(x[0], x[1], 0.5); }},
  };
}

Tensors inputs_of(const Case& c) {
  Tensors inputs;
  for (const Shape& shape : c.shapes) {
    const auto seed = static_cast<std::int64_t>(inputs.size()) + 1;
    inputs.push_back(
        uniform(shape, {.from = c.positive ? 0.1 : -1.0, .to = 1, .dtype = Dtype::float64, .seed = seed}).detach());
  }
  return inputs;
}

Tensor weights_like(const Tensor& x, std::int64_t seed) {
  return uniform(x.shape(), {.from = -1, .to = 1, .dtype = Dtype::float64, .seed = seed}).detach();
}

// y, the cotangent ȳ and the gradients g of Σ ȳ y; weights u of these and the gradients of Σ u g.
void write(const std::string& name, const Case& c, safetensors::Contents& file) {
  const Tensors inputs = inputs_of(c);
  const auto add = [&](const std::string& what, std::size_t i, const Tensor& tensor) {
    file.tensors.emplace(fmt::format("{}/{}{}", name, what, i), tensor);
  };
  const Tensor y = c.gradus(inputs), cotangent = weights_like(y, 101);
  const Tensors first = gradients(sum(y * cotangent), inputs, Missing::zeros);
  Tensor sums = zeros({}, Dtype::float64);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Tensor weights = weights_like(inputs[i], 102 + static_cast<std::int64_t>(i));
    sums = sums + sum(first[i] * weights);
    add("input", i, inputs[i]);
    add("gradient", i, first[i]);
    add("weights", i, weights);
  }
  const Tensors second = gradients(sums, inputs, Missing::zeros);
  for (std::size_t i = 0; i < inputs.size(); ++i) add("second", i, second[i]);
  add("value", 0, y);
  add("cotangent", 0, cotangent);
  file.metadata.emplace(name, c.pytorch);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "pytorch_cases FILE: writes cases for tests/pytorch/compare.py\n");
    return 2;
  }
  try {
    safetensors::Contents file;
    int number = 0;
    for (const auto& group : {convolutions(), pooling(), normalization(), resizing(), activations_and_losses()}) {
      for (const Case& c : group) write(fmt::format("{:02}", number++), c, file);
    }
    safetensors::save(arguments[1], file);
  } catch (const Error& error) {
    fmt::print(stderr, "pytorch_cases: {}\n", error.what());
    return 1;
  }
}

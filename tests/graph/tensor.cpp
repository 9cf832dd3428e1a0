#include <doctest/doctest.h>

#include <gradus/gradus.h>

using namespace gradus;

TEST_CASE("nothing is computed until a value is asked for") {
  const Tensor x = tensor<float>({1, 2, 3});
  const Tensor y = x + x;
  CHECK_FALSE(y.evaluated());
  CHECK(y.values<float>() == std::vector<float>{2, 4, 6});
  CHECK(y.evaluated());
}

TEST_CASE("numbers take the dtype of what they meet") {
  CHECK((tensor<double>({1}) * 2.0).dtype() == Dtype::float64);
  CHECK((1 + tensor<std::int32_t>({1})).dtype() == Dtype::int32);
  CHECK((Tensor(2.0) * 3.0).dtype() == Dtype::float32);
  CHECK(where(tensor<bool>({true}), tensor<double>({1}), 0.0).dtype() == Dtype::float64);
  CHECK_THROWS_AS(tensor<std::int32_t>({1}) * 2.5, DtypeError);
}

TEST_CASE("values are read only in dtypes that hold them exactly") {
  const Tensor x = tensor<double>({0.1, 0.2});
  CHECK(x.values<double>() == std::vector<double>{0.1, 0.2});
  CHECK_THROWS_AS(x.values<float>(), DtypeError);
  CHECK(tensor<std::int32_t>({1, 2}).values() == std::vector<double>{1, 2});
  CHECK_THROWS_AS(tensor<std::int32_t>({1, 2}).values<float>(), DtypeError);
  CHECK(tensor<bool>({true, false}).values<bool>() == std::vector<bool>{true, false});
  CHECK_THROWS_AS(tensor<float>({1, 2}).item(), ShapeError);
  CHECK_THROWS_AS(tensor<float>({1, 2}).view<double>(), DtypeError);
}

TEST_CASE("a view looks at the value in place") {
  const Tensor y = tensor<float>({1, 2}) * 3.0;
  const auto view = y.view<float>();
  CHECK(view[1] == 6);
  CHECK(view.data() == y.view<float>().data());
  CHECK(number(0.25, Dtype::float64).view<double>()[0] == 0.25);
}

TEST_CASE("names belong to the node and every handle sees them") {
  const Tensor x = ones({2});
  const Tensor other = x;
  x.named("input");
  CHECK(other.name() == "input");
}

TEST_CASE("memory of others is used in place and kept alive") {
  auto memory = std::make_shared<std::vector<float>>(std::vector<float>{1, 2, 3});
  const std::weak_ptr<std::vector<float>> watch = memory;
  {
    const Tensor x = tensor_over(memory->data(), Dtype::float32, {3}, memory);
    CHECK(x.view<float>().data() == memory->data());
    memory.reset();
    CHECK((x * 2.0).values<float>() == std::vector<float>{2, 4, 6});
    CHECK_FALSE(watch.expired());
  }
  CHECK(watch.expired());
}

TEST_CASE("an empty handle is refused wherever it is used") {
  const Tensor nothing;
  CHECK_THROWS_AS(nothing.shape(), ValueError);
  CHECK_THROWS_AS(nothing + 1.0, ValueError);
  CHECK_THROWS_AS(evaluate({nothing}), ValueError);
  CHECK_THROWS_AS(gradients(nothing, {}), ValueError);
}

TEST_CASE("errors name the user's line, the operation, and the tensors") {
  const Tensor images = ones({10, 784}).named("images"), weights = ones({30, 784}).named("weights");
  std::string message;
  const int line = __LINE__ + 2;
  try {
    matmul(images, weights);
  } catch (const ShapeError& error) {
    message = error.what();
  }
  CHECK(message.find("tensor.cpp:" + std::to_string(line) + ": matmul: ") == 0);
  for (const char* word : {"'images'", "'weights'", "[10, 784]", "[30, 784]", "784 ≠ 30"}) {
    CAPTURE(message);
    CHECK(message.find(word) != std::string::npos);
  }
}

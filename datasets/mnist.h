#pragma once

#include <string>

#include <gradus/datasets/dataset.h>

namespace gradus::datasets {

/// How to load MNIST or a data set of the same four files.
struct MnistOptions {
  /// Where the files are; empty: the usual places, see mnist().
  std::string directory = "";
  /// A pixel is its byte, 0 (paper) to 255 (ink), divided by this.
  double divisor = 255;
  /// An example is a vector [784], or else an image [28, 28].
  bool flat = true;
  /// float32 or float64.
  Dtype dtype = Dtype::float32;
};

/// 60,000 and 10,000 examples.
struct TrainTest {
  Dataset train, test;
};

/// 50,000, 10,000 and 10,000 examples.
struct TrainValidationTest {
  Dataset train, validation, test;
};

/// `name` is "MNIST" or "Fashion-MNIST": print it.
struct NamedTrainTest {
  Dataset train, test;
  std::string name;
};
struct NamedTrainValidationTest {
  Dataset train, validation, test;
  std::string name;
};

/// MNIST: `auto [train, test] = mnist();`. Its files are train-images-idx3-ubyte, train-labels-idx1-ubyte and
/// t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, as .gz or unzipped. They are taken from the first place that holds
/// any of them: $GRADUS_DATA/mnist, then ~/.cache/gradus/mnist; if a directory is given, only from there or its folder
/// mnist. Throws DataError where no place holds them (with every place and what to do), where one of them is missing,
/// and where its contents are not MNIST's by their SHA-256; as dataset_from_idx for the other options.
TrainTest mnist(const MnistOptions& options = {});

/// Fashion-MNIST (Xiao, Rasul and Vollgraf 2017), ten kinds of clothes in the same format. Looked for in the same way,
/// in folders named fashion-mnist, and last where Debian's package dataset-fashion-mnist puts it. Throws as mnist().
TrainTest fashion_mnist(const MnistOptions& options = {});

/// MNIST as Nielsen's book uses it: pixels are byte/256 (0 to 0.99609375), the last 10,000 of the 60,000 are for
/// validation. `options.divisor` is not looked at. Throws as mnist().
TrainValidationTest mnist_of_the_book(const MnistOptions& options = {});

/// The same two, with Fashion-MNIST instead where MNIST is in none of the usual places: whoever calls has to say so,
/// with `name`. A given directory without MNIST, or damaged files, still throw.
NamedTrainTest mnist_or_fashion(const MnistOptions& options = {});
NamedTrainValidationTest mnist_or_fashion_of_the_book(const MnistOptions& options = {});

}  // namespace gradus::datasets

#pragma once

#include <stdexcept>
#include <string>

namespace gradus {

/// Everything that gradus throws. The text names the user's line, the operation, the shapes or the file, and what would
/// be right.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Shapes, axes or sizes that do not fit together.
class ShapeError : public Error {
 public:
  using Error::Error;
};

/// A dtype that an operation does not take, or a conversion that would lose something.
class DtypeError : public Error {
 public:
  using Error::Error;
};

/// An argument outside what it may be: a probability of 1.5, a step of 0, an index past the end.
class ValueError : public Error {
 public:
  using Error::Error;
};

/// A value was asked for that depends on a parameter which has moved on since.
class StaleError : public Error {
 public:
  using Error::Error;
};

/// A gradient that would be lost in silence: nothing leads from the cost to what was asked for.
class GradientError : public Error {
 public:
  using Error::Error;
};

/// A file that is missing, truncated or not what it claims to be.
class DataError : public Error {
 public:
  using Error::Error;
};

}  // namespace gradus

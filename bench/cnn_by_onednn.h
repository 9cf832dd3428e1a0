#pragma once

#include <memory>

namespace bench {

/// The five convolutions of one training step of the book's network C, and nothing else: oneDNN's primitives, made once
/// and kept, in whatever blocked formats it likes best. One thread.
class CnnByOnednn {
 public:
  explicit CnnByOnednn(long batch);
  ~CnnByOnednn();
  void step();

 private:
  class Convolutions;
  std::unique_ptr<Convolutions> convolutions_;
};

}  // namespace bench

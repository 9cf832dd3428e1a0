#pragma once

#include <vector>

namespace gradus {

struct Node;

/// Watches, on this thread, which numbers are copied into new ones while it lives. A derived plan holds for other
/// numbers too, so it must not hold a copy of one.
class NumberWatch {
 public:
  NumberWatch();
  ~NumberWatch();
  NumberWatch(const NumberWatch&) = delete;
  NumberWatch& operator=(const NumberWatch&) = delete;
  bool copied(const Node* number) const;
  /// To be called by whoever copies a number.
  static void note(const Node* number);

 private:
  std::vector<const Node*> copied_;
  NumberWatch* previous_;
};

}  // namespace gradus

#pragma once

#include <functional>
#include <memory>

namespace gradus::datasets {

/// Work whose result is needed soon. A free worker of oneTBB begins it; if none has when it is needed, whoever needs it
/// does it. So nobody ever waits for work that has not begun, with one thread or many.
class Prefetch {
 public:
  Prefetch() = default;
  explicit Prefetch(std::function<void()> work);
  Prefetch(Prefetch&&) noexcept = default;
  Prefetch& operator=(Prefetch&& other) noexcept;
  /// Drops work that has not begun and waits for work that has.
  ~Prefetch();

  /// The work is done when this returns. Throws what the work threw.
  void finish();

 private:
  struct State;
  struct Task;
  void abandon() noexcept;
  std::shared_ptr<State> state_;
};

}  // namespace gradus::datasets

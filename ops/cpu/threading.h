#pragma once

// oneDNN's OpenMP is GCC's, whatever compiler builds gradus: these two are declared by hand because another compiler's
// <omp.h> belongs to another runtime.
extern "C" {
int omp_get_max_threads() noexcept;
void omp_set_num_threads(int count) noexcept;
}

namespace gradus::cpu {

/// While one lives, what OpenMP runs from this thread stays on it: oneTBB splits the work already. Costs some 4 ns.
class SingleThreadedOpenMP {
 public:
  SingleThreadedOpenMP() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~SingleThreadedOpenMP() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  SingleThreadedOpenMP(const SingleThreadedOpenMP&) = delete;
  SingleThreadedOpenMP& operator=(const SingleThreadedOpenMP&) = delete;

 private:
  int before_;
};

}  // namespace gradus::cpu

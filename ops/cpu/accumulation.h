#pragma once

#include <gradus/graph/kernel.h>

namespace gradus::cpu {

/// What a kernel of two inputs that accumulates makes: addend_scale·addend + scale·result.
template <class T>
struct AccumulationScales {
  T scale, addend_scale = 1;

  AccumulationScales(const KernelRequest::Accumulation& accumulation, const void* const* inputs)
      : scale(static_cast<T>(accumulation.sign)) {
    const void* const* factor = inputs + 3;
    for (int i = 0; i < accumulation.factors; ++i) scale *= *static_cast<const T*>(*factor++);
    for (int i = 0; i < accumulation.addend_factors; ++i) addend_scale *= *static_cast<const T*>(*factor++);
  }
};

}  // namespace gradus::cpu

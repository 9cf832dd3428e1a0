#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace gradus::cpu::onednn {

inline const dnnl::engine& processor() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

inline dnnl::stream& stream_of_this_thread() {
  thread_local dnnl::stream stream(processor());
  return stream;
}

}  // namespace gradus::cpu::onednn

#include <gradus/graph/plan/elementwise_kernel.h>

#include <algorithm>

namespace gradus::plan {

namespace {

constexpr Index part_entries = 1 << 14;

class ElementwiseKernel final : public Kernel {
 public:
  explicit ElementwiseKernel(ElementwiseProgram program)
      : runner_(std::move(program)),
        count_(runner_.shape().count()),
        step_(runner_.tile() * std::max<Index>(1, part_entries / runner_.tile())) {}

  Index parts() const override { return std::max<Index>(1, (count_ + step_ - 1) / step_); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    runner_.run(inputs, outputs, begin * step_, std::min(count_, end * step_));
  }

 private:
  TileRunner runner_;
  Index count_;
  Index step_;  // entries of one part, a whole number of tiles
};

class ProgramSource final : public EntrySource {
 public:
  explicit ProgramSource(ElementwiseProgram program) : runner_(std::move(program)) {}

  void read(const void* const* inputs, Index first, Index count, void* to) const override {
    runner_.run(inputs, &to, first, first + count, first);
  }

 private:
  TileRunner runner_;
};

class EpilogueKernel final : public Kernel {
 public:
  EpilogueKernel(std::shared_ptr<const Kernel> kernel, ElementwiseProgram program, std::vector<int> sources)
      : kernel_(std::move(kernel)),
        runner_(std::move(program)),
        sources_(std::move(sources)),
        parts_(kernel_->parts()),
        count_(runner_.shape().count()),
        has_scratch_(kernel_->scratch_bytes() > 0) {}

  Index parts() const override { return parts_; }
  std::optional<EntryRuns> entries(Index part) const override { return kernel_->entries(part); }
  Index scratch_bytes() const override { return kernel_->scratch_bytes(); }

  void start(const void* const* inputs, void* const* outputs) const override {
    kernel_->start(inputs, kernel_outputs(outputs).data());
  }

  // What finishes the result of several parts would come too late for the program: nothing joins such a kernel.
  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const auto kernel_outputs = this->kernel_outputs(outputs);
    const void* operands[TileRunner::max_registers];
    for (std::size_t i = 0; i < sources_.size(); ++i) operands[i] = sources_[i] < 0 ? outputs[0] : inputs[sources_[i]];
    for (Index part = begin; part < end; ++part) {
      kernel_->run(inputs, kernel_outputs.data(), part, part + 1);
      if (parts_ == 1) kernel_->finish(inputs, kernel_outputs.data());
      const EntryRuns runs = parts_ == 1 ? EntryRuns{.length = count_} : *kernel_->entries(part);
      for (Index k = 0; k < runs.count; ++k) {
        const Index first = runs.first + k * runs.stride;
        runner_.run(operands, outputs + 1, first, first + runs.length);
      }
    }
  }

 private:
  // The kernel's output, and its scratch memory if it wants any, which stands behind what the program writes.
  std::array<void*, 2> kernel_outputs(void* const* outputs) const {
    return {outputs[0], has_scratch_ ? outputs[1 + runner_.output_count()] : nullptr};
  }

  std::shared_ptr<const Kernel> kernel_;
  TileRunner runner_;
  std::vector<int> sources_;
  Index parts_, count_;
  bool has_scratch_;
};

}  // namespace

KernelPointer elementwise_kernel(ElementwiseProgram program) {
  return std::make_unique<ElementwiseKernel>(std::move(program));
}

std::shared_ptr<const EntrySource> entry_source(ElementwiseProgram program) {
  return std::make_shared<ProgramSource>(std::move(program));
}

KernelPointer epilogue_kernel(
    std::shared_ptr<const Kernel> kernel, ElementwiseProgram program, std::vector<int> sources) {
  return std::make_unique<EpilogueKernel>(std::move(kernel), std::move(program), std::move(sources));
}

}  // namespace gradus::plan

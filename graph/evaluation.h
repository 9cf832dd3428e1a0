#pragma once

#include <span>
#include <vector>

#include <gradus/graph/batch/run.h>
#include <gradus/graph/derivation.h>
#include <gradus/graph/parameter_locks.h>
#include <gradus/graph/plan/derived.h>

namespace gradus {

/// Throws what `assign` throws about assignments that are impossible.
void check_assignments(const std::vector<Assignment>& assignments, Where where);

/// One evaluation from recording to published values. Its memory is used again by the next one on its thread.
class Evaluation {
 public:
  void run(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where);
  void run_derived(const Tensors& cost, const Derivation& derivation, Where where);
  /// Gives up locks and references, whatever has happened.
  void reset();

 private:
  void record(const Tensors& tensors, const std::vector<Assignment>& assignments, Where where);
  /// Another thread may forget inputs meanwhile: what this evaluation needs stays alive.
  void share_leaves_and_kept();
  /// Null, and the recorded nodes stay alive for `new_plan`, if there is none. Call with graph_mutex held.
  std::shared_ptr<const plan::Plan> known_plan();
  static std::shared_ptr<const plan::Plan> new_plan(const plan::Recording& recording);
  /// The first cost of its structure: differentiates and plans, and remembers.
  void derive(const Tensors& cost, const Derivation& derivation, const plan::Signature& signature, Where where);

  void execute(const plan::Plan& plan, const Tensors& tensors, const std::vector<Assignment>& assignments, Where where);
  void lock_parameters(Where where);
  void bind_leaves();
  void bind(const Node& leaf);
  void bind(void* data, double number);
  void allocate_outputs(const plan::Plan& plan);
  void move_on();
  void publish(std::span<const plan::Plan::Output> outputs);
  bool is_assigned(const ParameterCell* cell) const;
  bool reads_what_stays() const;

  // Group by group, where a graph repeats itself: evaluation_in_batches.cpp.
  /// Call with graph_mutex held.
  bool find_repetition();
  /// Both return false if it cannot be done; nothing has changed then.
  bool evaluate_in_batches(const Tensors& tensors, Where where);
  bool step_in_batches(const Tensors& cost, const Derivation& derivation, Where where);
  void run_batches(const Tensors& roots, Where where);
  /// Empty where nothing flows to one of the parameters.
  Tensors gradients_in_batches(const Derivation& derivation);
  void keep_batched_values();
  /// New values from gradients that are there, under the locks that this evaluation holds already. False, and nothing
  /// done, if the rule keeps a handle to what it makes, or reads a parameter that these do not hold.
  bool update(const std::vector<Assignment>& assignments, Where where);

  plan::Recording recording_, update_recording_;
  plan::Bindings bindings_;
  ParameterLocks locks_;
  Tensors leaves_, kept_, nodes_, released_;
  std::vector<BufferHandle> buffers_;
  std::vector<ParameterState*> assigned_;
  std::vector<std::uint64_t> signature_words_;
  const plan::DerivedPlan* further_ = nullptr;
  std::span<const double> numbers_;

  std::shared_ptr<batch::CellTable> cell_table_;
  batch::CellGraph cells_;
  batch::Run batched_;
  std::vector<plan::Plan::Output> batched_outputs_;
};

/// The numbers of a derivation as leaves: each as float32 and as float64.
Tensors number_leaves(const Derivation& derivation);
/// What a derivation assigns, from gradients.
std::vector<Assignment> assignments_of(
    const Derivation& derivation, const Tensors& gradients, const Tensors& numbers, Where where);
/// An error of a kernel, which knows no lines, with the line of its operation.
[[noreturn]] void throw_with_line(
    const ValueError& error, Tensors roots, const std::vector<Assignment>& assignments, Where where);

}  // namespace gradus

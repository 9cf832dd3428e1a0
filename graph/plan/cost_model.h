#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <gradus/graph/kernel.h>
#include <gradus/graph/plan/grouping.h>

namespace gradus::plan {

/// What work costs on this machine, in ns. Decides where work runs, never what comes out.
struct MachineCosts {
  double step = 25;            ///< a step, beside what it computes
  double entry = 0.15;         ///< one entry of an elementwise operation on float32 that was not measured
  double passed_byte = 0.04;   ///< read or written by an elementwise step
  double gathered_byte = 0.1;  ///< read or written by a copy of what is not dense
  double reduced_byte = 0.08;  ///< read by kernels that do not estimate themselves: reductions, indexing
  double estimated = 1;        ///< what the estimates of kernels that have their own (products) are multiplied by
  TaskCosts tasks = {};
  std::map<std::string, double, std::less<>> entry_of = {};  ///< `entry`, by the operation's name
};

/// As loaded or measured, or else what is usual. Changes at most once in a program.
const MachineCosts& machine_costs();
/// Loads what was measured on this processor before, or measures now (some 10 ms) and stores it in the user's cache.
/// GRADUS_COSTS=usual switches that off. True if machine_costs() has changed.
bool measure_costs_once();

/// Measures on this thread and one more.
MachineCosts measured_costs();

/// $XDG_CACHE_HOME/gradus/costs.json or ~/.cache/gradus/costs.json; empty if there is no home.
std::filesystem::path costs_file();
/// What a file says of a processor; nothing if it does not, cannot be read, or holds what costs cannot be.
std::optional<MachineCosts> loaded_costs(const std::filesystem::path& file, const std::string& processor);
/// Adds a processor to a file, at once or not at all. A file that cannot be written stays as it is.
void store_costs(const std::filesystem::path& file, const std::string& processor, const MachineCosts& costs);

/// A kernel to time, for a class of kernels of which the planner knows none.
struct CostProbe {
  enum class Kind { reduction, estimate };
  Kind kind;
  KernelRequest (*request)();
  KernelPointer (*prepare)(const KernelRequest&);
};

/// A probe that is used because it exists.
struct RegisteredProbe : CostProbe {
  explicit RegisteredProbe(CostProbe probe) : CostProbe(probe), next(first()) { first() = this; }
  RegisteredProbe(const RegisteredProbe&) = delete;
  RegisteredProbe& operator=(const RegisteredProbe&) = delete;
  const RegisteredProbe* next;
  static const RegisteredProbe*& first();
};

}  // namespace gradus::plan

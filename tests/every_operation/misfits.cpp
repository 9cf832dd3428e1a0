#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include <gradus/graph/evaluate.h>

#include "cases.h"

using namespace gradus;
using namespace checks;

namespace {

/// The message of the Error that `body` throws; empty if it throws none.
std::string thrown_by(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

bool holds(const std::string& message, std::string_view word) {
  return message.find(word) != std::string::npos;
}

struct Complaint {
  std::string text;
  bool about_shapes = false;
};

Complaint complaint_about(const std::function<void()>& body) {
  try {
    body();
  } catch (const ShapeError& error) {
    return {error.what(), true};
  } catch (const Error& error) {
    return {error.what(), false};
  }
  return {};
}

/// "file.cpp:12: permute: …"
bool names_a_function(const std::string& message) {
  return std::regex_search(message, std::regex("^([^ ]+:[0-9]+: )?[a-z_0-9]+: "));
}

Case as_case(const Registered& operation, const Misfit& misfit) {
  Case sample{&operation, std::string(operation.name) + " (misfit)", misfit.shapes, {}, misfit.build};
  for (std::size_t i = 0; i < misfit.shapes.size(); ++i) {
    if (i < misfit.domains.size()) {
      sample.domains.push_back(misfit.domains[i]);
    } else if (i < operation.domains.size()) {
      sample.domains.push_back(operation.domains[i]);
    } else {
      sample.domains.emplace_back();
    }
  }
  return sample;
}

/// A plain application of an operation that its record describes fully: without attributes.
const Case* plain_case(const std::vector<Case>& cases) {
  const auto found = std::find_if(cases.begin(), cases.end(), [](const Case& sample) {
    return !sample.build && !sample.same_tensor && sample.entries() > 0;
  });
  return found == cases.end() ? nullptr : &*found;
}

Tensors of_dtype(const Case& sample, Dtype dtype) {
  Tensors inputs;
  for (const Shape& shape : sample.shapes) {
    inputs.push_back(leaf(std::vector<double>(static_cast<std::size_t>(shape.count()), 1), shape, dtype));
  }
  return inputs;
}

}  // namespace

TEST_CASE("every operation: misfits throw, naming operation and shapes") {
  int misfits = 0;
  for (const Registered* operation : operations()) {
    for (std::size_t i = 0; i < operation->misfits.size(); ++i) {
      const Misfit& misfit = operation->misfits[i];
      const Case sample = as_case(*operation, misfit);
      INFO("operation: ", operation->name, ", misfit ", i);
      guarded(sample.name, [&] {
        const Tensors inputs = leaves(sample, draw(sample));
        const Complaint complaint = complaint_about([&] {
          const Tensor built = result(sample, inputs);
          // What depends on values, such as an index past the end, shows only then.
          evaluate({built});
        });
        ++misfits;
        INFO("message: ", complaint.text);
        CHECK_MESSAGE(!complaint.text.empty(), "nothing was thrown");
        CHECK_MESSAGE(holds(complaint.text, misfit.word), "no '" << misfit.word << "' in it");
        // Several functions may share an operation; then the message names the one that was called.
        CHECK((holds(complaint.text, operation->name) || (misfit.build && names_a_function(complaint.text))));
        if (!complaint.about_shapes) return;
        const auto tells = [&](const Shape& shape) { return shape.rank() == 0 || holds(complaint.text, shape.text()); };
        if (misfit.build) {
          CHECK_MESSAGE(std::any_of(sample.shapes.begin(), sample.shapes.end(), tells), "no shape in it");
        } else {
          CHECK_MESSAGE(std::all_of(sample.shapes.begin(), sample.shapes.end(), tells), "not every shape in it");
        }
      });
    }
  }
  MESSAGE("misfits: " << misfits << " refused");
  CHECK(misfits > 0);
}

TEST_CASE("every operation: a wrong number of inputs is refused") {
  for (const Registered* operation : operations()) {
    INFO("operation: ", operation->name);
    const Tensor x = leaf({1, 2}, {2}, Dtype::float64);
    const std::size_t right = operation->inputs.size();
    for (const std::size_t count : {right - 1, right + 1}) {
      if (count > 8 || count == 0 || (operation->variadic && count > right)) continue;
      const std::vector<Operand> operands(count, Operand(x));
      const std::string message = thrown_by([&] { gradus::apply(*operation, operands); });
      INFO("message: ", message);
      CHECK(holds(message, operation->name));
      CHECK(holds(message, fmt::format("not {}", count)));
    }
    if (right > 0) {
      const Tensor none;
      const std::vector<Operand> empties(right, Operand(none));
      const std::string message = thrown_by([&] { gradus::apply(*operation, empties); });
      INFO("message: ", message);
      CHECK(holds(message, operation->name));
      CHECK(holds(message, "empty handle"));
    }
  }
}

TEST_CASE("every operation: dtypes that it does not take are refused") {
  int refused = 0;
  for (const Registered* operation : operations()) {
    const std::vector<Case> cases = cases_of(*operation);
    const Case* sample = plain_case(cases);
    if (!sample) continue;
    INFO("operation: ", operation->name);
    const auto refuses = [&](const Tensors& inputs) {
      const std::vector<Operand> operands(inputs.begin(), inputs.end());
      std::string message;
      try {
        gradus::apply(*operation, operands);
      } catch (const DtypeError& error) {
        message = error.what();
      } catch (const std::exception& error) {
        FAIL_CHECK("not a DtypeError: " << std::string(error.what()));
        return;
      }
      INFO("message: ", message);
      CHECK_MESSAGE(!message.empty(), "nothing was thrown");
      CHECK(holds(message, operation->name));
      ++refused;
    };
    if (operation->dtype == same_floating && !operation->is_composed()) {
      refuses(of_dtype(*sample, Dtype::int32));
      refuses(of_dtype(*sample, Dtype::boolean));
    }
    if (operation->dtype == same_numeric) refuses(of_dtype(*sample, Dtype::boolean));
    if (operation->dtype == logical) refuses(of_dtype(*sample, Dtype::float64));
    const bool all_floating = std::all_of(
        sample->domains.begin(), sample->domains.end(), [](const Domain& domain) { return is_floating(domain.dtype); });
    if (sample->shapes.size() >= 2 && all_floating && !operation->is_composed()) {
      Tensors mixed = of_dtype(*sample, Dtype::float64);
      mixed.back() = of_dtype(*sample, Dtype::float32).back();
      refuses(mixed);
    }
  }
  MESSAGE("dtypes: " << refused << " calls refused");
  CHECK(refused > 0);
}

#include <algorithm>
#include <cstring>
#include <limits>

#include <fmt/format.h>

#include <gradus/graph/evaluate.h>
#include <gradus/graph/gradients.h>
#include <gradus/ops/movement.h>

#include "cases.h"
#include "graph/scoped_threads.h"

using namespace gradus;
using namespace checks;

namespace {

/// The result and the gradients by every floating input.
Tensors wanted_of(const Case& sample, const Tensors& inputs) {
  const Tensor y = result(sample, inputs);
  Tensors wanted{y};
  const Tensors by = floating(inputs);
  if (sample.operation->differentiable() && is_floating(y.dtype()) && !by.empty()) {
    for (const Tensor& gradient : vjp({y}, {cotangent_for(y)}, by, Missing::zeros)) wanted.push_back(gradient);
  }
  return wanted;
}

std::vector<std::string> bits(const Tensors& wanted) {
  evaluate(wanted);
  std::vector<std::string> all;
  for (const Tensor& tensor : wanted) all.push_back(raw(tensor));
  return all;
}

std::vector<std::string> bits(const Case& sample, const Tensors& inputs) {
  return bits(wanted_of(sample, inputs));
}

}  // namespace

// All samples of an operation in one plan, large ones among them, so that there is something to do at once.
TEST_CASE("every operation: one thread and many give the same bits") {
  int large = 0, parallel = 0;
  for (const Registered* operation : operations()) {
    guarded(std::string(operation->name), [&] {
      std::vector<Case> cases = cases_of(*operation);
      for (std::size_t i = cases.size(); i-- > 0;) {
        Case blown_up = cases[i];
        if (!blow_up(blown_up, 40) && !blow_up(blown_up, 12)) continue;
        cases.push_back(blown_up);
        ++large;
      }
      for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
        const auto everything = [&] {
          Tensors wanted;
          for (const Case& sample : cases) {
            for (const Tensor& tensor : wanted_of(sample, leaves(sample, draw(sample), dtype)))
              wanted.push_back(tensor);
          }
          return wanted;
        };
        std::vector<std::string> serial;
        {
          const tests::ScopedThreads one(1);
          serial = bits(everything());
        }
        for (const int count : {2, 3, 7}) {
          const tests::ScopedThreads many(count);
          if (count == 2) parallel += explain(everything()).parallel ? 1 : 0;
          CHECK_MESSAGE(
              bits(everything()) == serial,
              operation->name << ": " << count << " threads give other bits in " << name_of(dtype));
        }
      }
    });
  }
  MESSAGE("threads: " << large << " large samples; " << parallel << " plans ran in parallel");
  CHECK(large > 0);
  CHECK(parallel > 0);
}

namespace {

/// The same entries in memory that is laid out another way, with NaN where nobody should look.
struct Arrangement {
  std::string_view name;
  Tensor (*arrange)(const std::vector<double>& values, const Shape& shape, Dtype dtype);
};

Shape reversed(const Shape& shape) {
  Shape turned = shape;
  for (int axis = 0; axis < shape.rank(); ++axis) turned[axis] = shape[shape.rank() - 1 - axis];
  return turned;
}

Tensor as_transpose(const std::vector<double>& values, const Shape& shape, Dtype dtype) {
  const Tensor turned = transpose(leaf(values, shape, dtype));
  return transpose(leaf(numbers(turned), reversed(shape), dtype));
}

/// Every second entry of the last axis, from the second one on.
Tensor as_steps(const std::vector<double>& values, const Shape& shape, Dtype dtype) {
  if (shape.rank() == 0) return leaf(values, shape, dtype);
  Shape wide = shape;
  const Index last = shape[shape.rank() - 1];
  wide[shape.rank() - 1] = 2 * last + 1;
  const double junk = is_floating(dtype) ? std::numeric_limits<double>::quiet_NaN() : 1;
  std::vector<double> entries(static_cast<std::size_t>(wide.count()), junk);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t row = i / static_cast<std::size_t>(last), column = i % static_cast<std::size_t>(last);
    entries[row * static_cast<std::size_t>(2 * last + 1) + 2 * column + 1] = values[i];
  }
  return slice(leaf(entries, wide, dtype), -1, 1, 2 * last + 1, 2);
}

Tensor as_flip(const std::vector<double>& values, const Shape& shape, Dtype dtype) {
  if (shape.rank() == 0 || shape.count() == 0) return leaf(values, shape, dtype);
  const Tensor turned = flip(leaf(values, shape, dtype), {0});
  return flip(leaf(numbers(turned), shape, dtype), {0});
}

constexpr Arrangement arrangements[] = {
    {"transposed", as_transpose}, {"every second entry", as_steps}, {"backwards", as_flip}};

}  // namespace

namespace {

std::vector<double> entries_of(const std::string& bytes, Dtype dtype) {
  const auto read = [&]<class T>(std::vector<T> entries) {
    if (!entries.empty()) std::memcpy(entries.data(), bytes.data(), entries.size() * sizeof(T));
    return std::vector<double>(entries.begin(), entries.end());
  };
  if (dtype == Dtype::float32) return read(std::vector<float>(bytes.size() / sizeof(float)));
  return read(std::vector<double>(bytes.size() / sizeof(double)));
}

/// The bits, but for kernels that read strided memory in an order of their own: those may round otherwise.
bool same(
    const Case& sample, Dtype dtype, const std::vector<std::string>& found, const std::vector<std::string>& expected) {
  if (found == expected) return true;
  if (!sample.operation->accepts || found.size() != expected.size()) return false;
  const double rounding = dtype == Dtype::float32 ? 2e-6 : 4e-15;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i].size() != expected[i].size()) return false;
    if (distance(entries_of(found[i], dtype), entries_of(expected[i], dtype)) > rounding) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("every operation: views give the same bits as dense inputs") {
  int compared = 0;
  each_case([&](const Case& sample) {
    for (const Dtype dtype : {Dtype::float32, Dtype::float64}) {
      const Values values = draw(sample);
      const Tensors dense = leaves(sample, values, dtype);
      const auto expected = bits(sample, dense);
      for (const Arrangement& arrangement : arrangements) {
        // Each input alone, then all of them.
        for (std::size_t turned = 0; turned <= dense.size(); ++turned) {
          if (dense.size() == 1 && turned == 1) continue;
          Tensors inputs = dense;
          for (std::size_t i = 0; i < dense.size(); ++i) {
            if (i != turned && turned != dense.size()) continue;
            inputs[i] = arrangement.arrange(values[i], sample.shapes[i], dense[i].dtype());
          }
          ++compared;
          CHECK_MESSAGE(
              same(sample, dtype, bits(sample, inputs), expected),
              sample.name << ": " << name_of(dtype) << " " << arrangement.name << " gives other bits (input " << turned
                          << ")");
        }
      }
      // Stride 0: the values must repeat along the first axis.
      Values repeated = values;
      Tensors broadcast = dense;
      for (std::size_t i = 0; i < dense.size(); ++i) {
        if (dense[i].rank() == 0 || dense[i].count() == 0) continue;
        const Shape row = sample.shapes[i].without(0);
        for (std::size_t k = 0; k < values[i].size(); ++k) {
          repeated[i][k] = values[i][k % static_cast<std::size_t>(row.count())];
        }
        const auto entries = static_cast<std::ptrdiff_t>(row.count());
        const std::vector<double> first(values[i].begin(), values[i].begin() + entries);
        broadcast[i] = broadcast_to(leaf(first, row, dense[i].dtype()), sample.shapes[i]);
      }
      CHECK_MESSAGE(
          same(sample, dtype, bits(sample, broadcast), bits(sample, leaves(sample, repeated, dtype))),
          sample.name << ": " << name_of(dtype) << " broadcast views give other bits");
    }
  });
  CHECK(compared > 0);
}

// Sizes of 0 where a sample has a size: the operation works, or refuses in its own words.
TEST_CASE("every operation: sizes of 0 work or are refused") {
  int worked = 0;
  for (const Registered* operation : operations()) {
    for (const Case& sample : cases_of(*operation)) {
      for (Index size = 1; size <= 6; ++size) {
        Case empty = sample;
        bool changed = false;
        for (Shape& shape : empty.shapes) {
          for (int axis = 0; axis < shape.rank(); ++axis) {
            if (shape[axis] != size) continue;
            shape[axis] = 0;
            changed = true;
          }
        }
        if (!changed) continue;
        empty.name += fmt::format(" with 0 for {}", size);
        guarded(empty.name, [&] {
          try {
            bits(empty, leaves(empty, draw(empty)));
            ++worked;
          } catch (const Error& error) {
            // Some part of a composition may speak, but it must be about the user's call.
            CHECK_MESSAGE(std::string(error.what()).size() > 10, empty.name << ": " << std::string(error.what()));
          }
        });
      }
    }
  }
  MESSAGE("sizes of 0: " << worked << " samples worked");
  CHECK(worked > 0);
}

#include "cases.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/format.h>

#include <gradus/graph/evaluate.h>

using namespace gradus;

namespace checks {

namespace {

// Wider than the widest step of a difference, 2 · 2⁻¹⁰ · (1 + |x|) for |x| up to about 4.
constexpr double widest_margin = 0.012;

class Random {
 public:
  explicit Random(std::string_view seed) {
    std::uint64_t hash = 1469598103934665603u;
    for (const char c : seed) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
    engine_.seed(hash);
  }
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  std::uint64_t whole() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

Domain domain_of(const Registered& operation, const std::vector<Domain>& domains, std::size_t input) {
  if (!domains.empty()) return domains[operation.variadic ? std::min(input, domains.size() - 1) : input];
  return {};
}

std::vector<Domain> domains_of(const Registered& operation, const std::vector<Domain>& own, std::size_t count) {
  std::vector<Domain> domains;
  for (std::size_t i = 0; i < count; ++i) {
    if (i < own.size()) {
      domains.push_back(own[i]);
    } else if (i < operation.domains.size() || (operation.variadic && !operation.domains.empty())) {
      domains.push_back(domain_of(operation, operation.domains, i));
    } else {
      Domain domain;
      if (operation.dtype == logical) domain.dtype = Dtype::boolean;
      if (operation.inputs.size() == 3 && operation.inputs[i] == "condition") domain.dtype = Dtype::boolean;
      domains.push_back(domain);
    }
  }
  return domains;
}

std::vector<std::vector<Shape>> family_shapes(std::size_t inputs) {
  if (inputs == 1) return {{{2, 3}}, {{}}, {{7}}, {{0}}, {{2, 0, 3}}, {{1, 1}}};
  if (inputs == 2) {
    return {{{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{3}, {2, 3}},       {{2, 1}, {1, 3}}, {{}, {2, 2}},
            {{3}, {}},        {{}, {}},      {{2, 1, 2}, {3, 1}}, {{0}, {1}},       {{2, 0}, {2, 1}}};
  }
  return {{{2, 3}, {2, 3}, {2, 3}}, {{4}, {4}, {}}, {{2, 1}, {1, 3}, {2, 3}}, {{}, {3}, {2, 1}}, {{3}, {}, {}},
          {{2, 3}, {3}, {2, 3}},    {{0}, {1}, {}}, {{2, 1}, {2, 0}, {1}}};
}

std::string case_name(const Registered& operation, const std::vector<Shape>& shapes, std::string_view more = "") {
  std::string name(operation.name);
  for (const Shape& shape : shapes) name += " " + shape.text();
  return name + std::string(more);
}

/// Where the domains of all inputs meet, for f(x, x).
bool intersect(const std::vector<Domain>& domains, Domain& common) {
  common = domains[0];
  for (const Domain& domain : domains) {
    if (domain.dtype != common.dtype) return false;
    common.from = std::max(common.from, domain.from);
    common.to = std::min(common.to, domain.to);
    if (&domain != domains.data()) common.kinks.insert(common.kinks.end(), domain.kinks.begin(), domain.kinks.end());
  }
  return common.to - common.from > 0.5 || common.dtype == Dtype::boolean;
}

/// The stretches of a domain between its kinks, shortened by the margin.
std::vector<std::pair<double, double>> stretches(const Domain& domain, double margin) {
  std::vector<double> kinks = domain.kinks;
  std::sort(kinks.begin(), kinks.end());
  std::vector<std::pair<double, double>> found;
  double from = domain.from;
  for (const double kink : kinks) {
    if (kink > domain.from && kink < domain.to) {
      found.emplace_back(from, kink - margin);
      from = kink + margin;
    } else if (kink == domain.from) {
      from = kink + margin;
    }
  }
  const bool kink_at_end = std::find(kinks.begin(), kinks.end(), domain.to) != kinks.end();
  found.emplace_back(from, kink_at_end ? domain.to - margin : domain.to);
  return found;
}

double draw_apart(Random& random, double from, double to, double margin, std::vector<double>& taken) {
  for (int tries = 0;; ++tries) {
    if (tries == 100) {
      tries = 0;
      margin /= 2;
    }
    const double x = from + (to - from) * random.unit();
    const bool free =
        std::none_of(taken.begin(), taken.end(), [&](double other) { return std::abs(x - other) < margin; });
    if (!free) continue;
    taken.push_back(x);
    return x;
  }
}

}  // namespace

Index Case::entries() const {
  Index count = 0;
  for (const Shape& shape : shapes) count += shape.count();
  return count;
}

std::vector<const Registered*> operations() {
  std::vector<const Registered*> all;
  for (const Registered* operation = Registered::first(); operation; operation = operation->next) {
    if (!operation->name.starts_with("test_")) all.push_back(operation);
  }
  std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return a->name < b->name; });
  return all;
}

std::vector<Case> cases_of(const Registered& operation) {
  std::vector<Case> cases;
  if (operation.is_elementwise() && operation.samples.empty()) {
    const std::size_t count = operation.inputs.size();
    for (const auto& shapes : family_shapes(count)) {
      cases.push_back({&operation, case_name(operation, shapes), shapes, domains_of(operation, {}, count)});
    }
    Domain common;
    if (count > 1 && intersect(domains_of(operation, {}, count), common)) {
      cases.push_back(
          {&operation, case_name(operation, {{2, 3}}, " as every input"), {{2, 3}}, {common}, nullptr, true});
    }
  }
  for (const Sample& sample : operation.samples) {
    std::string name =
        case_name(operation, sample.shapes, fmt::format(" (sample {})", &sample - operation.samples.data()));
    cases.push_back(
        {&operation, std::move(name), sample.shapes, domains_of(operation, sample.domains, sample.shapes.size()),
         sample.build});
  }
  return cases;
}

bool blow_up(Case& sample, Index factor) {
  Case larger = sample;
  larger.name += fmt::format(" times {}", factor);
  for (Shape& shape : larger.shapes) {
    for (int axis = 0; axis < shape.rank(); ++axis) {
      if (shape[axis] > 1) shape[axis] *= factor;
    }
  }
  if (larger.entries() == sample.entries() || larger.entries() > 500'000) return false;
  try {
    const Tensor y = result(larger, leaves(larger, draw(larger)));
    if (y.count() > 2'000'000) return false;
  } catch (const Error&) {
    return false;
  }
  sample = larger;
  return true;
}

Values draw(const Case& sample) {
  Random random(sample.name);
  std::vector<double> taken;
  Values values;
  const auto entries = static_cast<double>(sample.entries());
  for (std::size_t i = 0; i < sample.shapes.size(); ++i) {
    const Domain& domain = sample.domains[i];
    const double range = domain.to - domain.from;
    const double margin = std::min(widest_margin, range / (4 * entries + 8));
    const auto parts = stretches(domain, std::min(2 * widest_margin, range / 16));
    std::vector<double> drawn;
    const auto count = static_cast<std::size_t>(sample.shapes[i].count());
    const std::size_t first = random.whole() % 2;
    for (std::size_t k = 0; k < count; ++k) {
      if (domain.dtype == Dtype::boolean) {
        drawn.push_back(static_cast<double>((k + first) % 2));
      } else if (domain.dtype == Dtype::int32) {
        const auto choices = static_cast<std::uint64_t>(range) + 1;
        drawn.push_back(domain.from + static_cast<double>(random.whole() % choices));
      } else {
        const auto& [from, to] = parts[(k + first) % parts.size()];
        // Too many are not kept apart.
        const bool apart = entries <= 1000;
        drawn.push_back(apart ? draw_apart(random, from, to, margin, taken) : from + (to - from) * random.unit());
      }
    }
    values.push_back(std::move(drawn));
  }
  return values;
}

Values rounded(Values values) {
  for (auto& input : values) {
    for (double& x : input) x = static_cast<float>(x);
  }
  return values;
}

Tensor leaf(const std::vector<double>& values, const Shape& shape, Dtype dtype) {
  switch (dtype) {
    case Dtype::float32:
      return tensor(std::vector<float>(values.begin(), values.end()), shape);
    case Dtype::float64:
      return tensor(values, shape);
    case Dtype::int32:
      return tensor(std::vector<std::int32_t>(values.begin(), values.end()), shape);
    case Dtype::boolean:
      break;
  }
  std::vector<bool> booleans;
  for (const double x : values) booleans.push_back(x != 0);
  return tensor(booleans, shape);
}

Tensors leaves(const Case& sample, const Values& values, Dtype floating) {
  Tensors inputs;
  for (std::size_t i = 0; i < sample.shapes.size(); ++i) {
    const Dtype own = sample.domains[i].dtype;
    inputs.push_back(leaf(values[i], sample.shapes[i], is_floating(own) ? floating : own));
  }
  return inputs;
}

Tensor result(const Case& sample, const Tensors& inputs) {
  if (sample.build) return sample.build(inputs);
  std::vector<Operand> operands;
  if (sample.same_tensor) {
    operands.assign(sample.operation->inputs.size(), Operand(inputs[0]));
  } else {
    for (const Tensor& input : inputs) operands.emplace_back(input);
  }
  return gradus::apply(*sample.operation, operands);
}

Tensors floating(const Tensors& tensors) {
  Tensors found;
  for (const Tensor& x : tensors) {
    if (is_floating(x.dtype())) found.push_back(x);
  }
  return found;
}

Tensor cotangent_for(const Tensor& like) {
  Random random("cotangent " + like.shape().text());
  std::vector<double> values;
  for (Index i = 0; i < like.count(); ++i) {
    const double size = static_cast<float>(0.5 + random.unit());
    values.push_back(random.whole() % 2 == 0 ? size : -size);
  }
  return leaf(values, like.shape(), like.dtype());
}

std::vector<double> numbers(const Tensor& tensor) {
  if (is_floating(tensor.dtype())) return tensor.values<double>();
  if (tensor.dtype() == Dtype::int32) {
    const auto values = tensor.values<std::int32_t>();
    return {values.begin(), values.end()};
  }
  evaluate({tensor});
  const auto bytes = tensor.view<std::uint8_t>();
  return {bytes.begin(), bytes.end()};
}

namespace {

template <class T>
std::string bytes_in(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

}  // namespace

std::string raw(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case Dtype::float32:
      return bytes_in(tensor.values<float>());
    case Dtype::float64:
      return bytes_in(tensor.values<double>());
    case Dtype::int32:
      return bytes_in(tensor.values<std::int32_t>());
    case Dtype::boolean:
      break;
  }
  evaluate({tensor});
  const auto view = tensor.view<std::uint8_t>();
  return {view.begin(), view.end()};
}

void guarded(const std::string& name, const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    FAIL_CHECK(name << " threw: " << std::string(error.what()));
  }
}

void each_case(const std::function<void(const Case&)>& body) {
  for (const Registered* operation : operations()) {
    for (const Case& sample : cases_of(*operation)) {
      guarded(sample.name, [&] { body(sample); });
    }
  }
}

double distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double scale = std::numeric_limits<double>::min(), worst = 0;
  for (const double x : b) {
    if (std::isfinite(x)) scale = std::max(scale, std::abs(x));
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    const double off = std::abs(a[i] - b[i]);
    worst = std::isnan(off) ? std::numeric_limits<double>::infinity() : std::max(worst, off);
  }
  return worst / scale;
}

}  // namespace checks

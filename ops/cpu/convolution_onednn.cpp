#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include <gradus/graph/error.h>
#include <gradus/ops/cpu/accumulation.h>
#include <gradus/ops/cpu/convolution_parts.h>
#include <gradus/ops/cpu/onednn.h>
#include <gradus/ops/cpu/threading.h>

namespace gradus::cpu {

namespace {

// In ns: parts that write what is theirs, and parts that add up weights of their own.
constexpr double least_part = 40'000, least_weight_part = 400'000;

using Description = dnnl::memory::desc;
using Dimensions = dnnl::memory::dims;

using onednn::processor;

using Type = dnnl::memory::data_type;

// [examples, channels, axes…] as oneDNN counts, lying channels-last.
Description channels_last(
    Type type, Index examples, const std::array<Index, max_spatial_axes>& sizes, int rank, Index channels) {
  Dimensions dimensions{examples, channels}, strides(static_cast<std::size_t>(rank) + 2);
  for (int axis = 0; axis < rank; ++axis) dimensions.push_back(sizes[static_cast<std::size_t>(axis)]);
  Index stride = channels;
  strides[1] = 1;
  for (std::size_t axis = dimensions.size(); axis-- > 2;) {
    strides[axis] = stride;
    stride *= dimensions[axis];
  }
  strides[0] = stride;
  return {dimensions, type, strides};
}

Dimensions weight_dimensions(const ConvolutionSizes& sizes) {
  Dimensions dimensions{sizes.filters / sizes.groups, sizes.channels / sizes.groups};
  if (sizes.groups > 1) dimensions.insert(dimensions.begin(), sizes.groups);
  for (int axis = 0; axis < sizes.window.rank; ++axis) dimensions.push_back(sizes.window[axis].size);
  return dimensions;
}

Description dense(const Dimensions& dimensions) {
  Dimensions strides(dimensions.size());
  Index stride = 1;
  for (std::size_t axis = dimensions.size(); axis-- > 0;) {
    strides[axis] = stride;
    stride *= dimensions[axis];
  }
  return {dimensions, dnnl::memory::data_type::f32, strides};
}

Description for_onednn_to_choose(Type type, const Dimensions& dimensions) {
  return {dimensions, type, dnnl::memory::format_tag::any};
}

// Entries lie as they did.
Description with_type(const Description& description, Type type) {
  Description result = description;
  result.data.data_type = dnnl::memory::convert_to_c(type);
  return result;
}

Dimensions of_window(const SlidingWindow& window, Index (*number)(const WindowAxis&)) {
  Dimensions numbers;
  for (int axis = 0; axis < window.rank; ++axis) numbers.push_back(number(window[axis]));
  return numbers;
}

void execute(
    const dnnl::primitive& primitive,
    std::initializer_list<std::tuple<int, const Description*, const void*>> arguments) {
  const SingleThreadedOpenMP single_threaded;
  std::array<dnnl::memory, 4> memories;
  std::array<dnnl_exec_arg_t, 4> given{};
  int count = 0;
  for (const auto& [index, description, data] : arguments) {
    const auto i = static_cast<std::size_t>(count++);
    memories[i] = dnnl::memory(*description, processor(), const_cast<void*>(data));
    given[i] = {index, memories[i].get()};
  }
  const dnnl_status_t status =
      dnnl_primitive_execute(primitive.get(), onednn::stream_of_this_thread().get(), count, given.data());
  if (status != dnnl_success) throw Error(fmt::format("convolution: oneDNN failed with status {}", int{status}));
}

class NoCode : public Error {
 public:
  using Error::Error;
};

template <class Factor>
constexpr Type type_of = std::is_same_v<Factor, float> ? Type::f32 : Type::bf16;

// One of a convolution's products for so many examples.
struct Primitive {
  dnnl::primitive primitive;
  Description x, w, y, scratchpad;
  Index scratch_bytes = 0;
};

// Primitives of one convolution. They ask for their weights in a form of oneDNN's choice, but all in the same.
class Maker {
 public:
  Maker(ConvolutionProduct product, const ConvolutionSizes& sizes, Type factors)
      : product_(product),
        sizes_(sizes),
        factors_(factors),
        weights_(for_onednn_to_choose(
            product == ConvolutionProduct::weight_gradient ? Type::f32 : factors, weight_dimensions(sizes))) {}

  Primitive make(Index examples) {
    const SingleThreadedOpenMP single_threaded;
    try {
      return made(examples);
    } catch (const dnnl::error& error) {
      throw NoCode(fmt::format("convolution: oneDNN has no code for it: {}", error.what()));
    }
  }

 private:
  Primitive made(Index examples) {
    const int rank = sizes_.window.rank;
    const auto x_of = [&](Type type) { return channels_last(type, examples, sizes_.entries, rank, sizes_.channels); };
    const auto y_of = [&](Type type) { return channels_last(type, examples, sizes_.positions, rank, sizes_.filters); };
    const Description x = x_of(product_ == ConvolutionProduct::data_gradient ? Type::f32 : factors_),
                      y = y_of(product_ == ConvolutionProduct::result ? Type::f32 : factors_);
    dnnl::primitive_attr user_scratchpad;
    user_scratchpad.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const auto strides = of_window(sizes_.window, [](const WindowAxis& axis) { return axis.stride; }),
               dilations = of_window(sizes_.window, [](const WindowAxis& axis) { return axis.dilation - 1; }),
               before = of_window(sizes_.window, [](const WindowAxis& axis) { return axis.before; }),
               after = of_window(sizes_.window, [](const WindowAxis& axis) { return axis.after; });
    constexpr auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::desc forward(
        dnnl::prop_kind::forward_training, direct, x_of(factors_), with_type(weights_, factors_), y, strides, dilations,
        before, after);
    const dnnl::convolution_forward::primitive_desc forward_choice(forward, user_scratchpad, processor());
    if (product_ == ConvolutionProduct::result) {
      return finished<dnnl::convolution_forward>(forward_choice, x, forward_choice.weights_desc(), y);
    }
    if (product_ == ConvolutionProduct::data_gradient) {
      const dnnl::convolution_backward_data::desc backward(direct, x, weights_, y, strides, dilations, before, after);
      const dnnl::convolution_backward_data::primitive_desc choice(
          backward, user_scratchpad, processor(), forward_choice);
      return finished<dnnl::convolution_backward_data>(choice, x, choice.weights_desc(), y);
    }
    const dnnl::convolution_backward_weights::desc backward(direct, x, weights_, y, strides, dilations, before, after);
    const dnnl::convolution_backward_weights::primitive_desc choice(
        backward, user_scratchpad, processor(), forward_choice);
    return finished<dnnl::convolution_backward_weights>(choice, x, choice.diff_weights_desc(), y);
  }

  template <class Made, class Choice>
  Primitive finished(const Choice& choice, const Description& x, const Description& w, const Description& y) {
    weights_ = w;
    return {
        .primitive = Made(choice),
        .x = x,
        .w = w,
        .y = y,
        .scratchpad = choice.scratchpad_desc(),
        .scratch_bytes = aligned_bytes(static_cast<Index>(choice.scratchpad_desc().get_size()))};
  }

  ConvolutionProduct product_;
  ConvolutionSizes sizes_;
  Type factors_;
  Description weights_;
};

class InParts : public ExamplesInParts {
 protected:
  InParts(ConvolutionProduct product, const ConvolutionSizes& given, double least, Type factors)
      : ExamplesInParts(given, least), plain_weights(dense(weight_dimensions(given))) {
    Maker maker(product, given, factors);
    whole = maker.make(part_examples);
    const Index rest = given.examples % part_examples;
    last = rest == 0 ? whole : maker.make(rest);
  }

  const Primitive& primitive(Index part) const { return part + 1 == part_count ? last : whole; }
  Index part_scratch() const { return std::max(whole.scratch_bytes, last.scratch_bytes); }
  Index weight_bytes() const { return aligned_bytes(static_cast<Index>(whole.w.get_size())); }
  bool weights_are_plain() const { return whole.w == plain_weights; }

  Description plain_weights;
  Primitive whole, last;
};

// Where the entries of weights lie once oneDNN has put them in a form of its own. Its general reorders take five times
// as long as a loop over these places.
class WeightPlaces {
 public:
  WeightPlaces(const Description& plain, const Description& chosen_in_its_type, Index count) {
    const Description chosen = with_type(chosen_in_its_type, Type::f32);
    // Numbers that float32 holds exactly: the places' low digits, then their high ones.
    places_.resize(static_cast<std::size_t>(count));
    std::vector<float> numbers(static_cast<std::size_t>(count));
    std::vector<float> moved(chosen.get_size() / sizeof(float));
    for (const Index base : {Index{1}, digits}) {
      for (Index i = 0; i < count; ++i) {
        numbers[static_cast<std::size_t>(i)] = static_cast<float>(i / base % digits + 1);
      }
      std::fill(moved.begin(), moved.end(), 0.0F);
      move(plain, chosen, numbers, moved);
      collect(moved, base);
    }
    for (std::size_t place = 0; place < from_.size(); ++place) {
      if (from_[place] >= 0) places_[static_cast<std::size_t>(from_[place])] = static_cast<std::int32_t>(place);
    }
    from_ = {};
  }

  /// What is padding must be 0 already.
  template <class Entry>
  void scatter(const Entry* plain, Entry* chosen) const {
    for (std::size_t i = 0; i < places_.size(); ++i) chosen[places_[i]] = plain[i];
  }
  const std::int32_t* places() const { return places_.data(); }

 private:
  static constexpr Index digits = Index{1} << 20;

  static void move(
      const Description& plain, const Description& chosen, const std::vector<float>& from, std::vector<float>& to) {
    const SingleThreadedOpenMP single_threaded;
    const dnnl::reorder reorder(dnnl::reorder::primitive_desc(processor(), plain, processor(), chosen));
    execute(reorder, {{DNNL_ARG_FROM, &plain, from.data()}, {DNNL_ARG_TO, &chosen, to.data()}});
  }

  void collect(const std::vector<float>& moved, Index base) {
    from_.resize(moved.size(), 0);
    for (std::size_t place = 0; place < moved.size(); ++place) {
      from_[place] = moved[place] == 0 ? -1 : from_[place] + (static_cast<Index>(moved[place]) - 1) * base;
    }
  }

  std::vector<std::int32_t> places_;
  std::vector<Index> from_;
};

// y or the gradient of x: scratch memory holds the weights in oneDNN's form, then each part's scratchpad.
template <class Factor>
class Spread final : public InParts {
 public:
  Spread(ConvolutionProduct product, const ConvolutionSizes& given)
      : InParts(product, given, least_part, type_of<Factor>),
        gradient_(product == ConvolutionProduct::data_gradient),
        places_(plain_weights, whole.w, given.weight_count()) {}

  std::optional<EntryRuns> entries(Index part) const override {
    return part_of(part, gradient_ ? x_example() : y_example());
  }

  Index scratch_bytes() const override {
    return (weights_are_plain() ? 0 : weight_bytes()) + part_count * part_scratch();
  }

  void start(const void* const* inputs, void* const* outputs) const override {
    if (weights_are_plain()) return;
    std::memset(outputs[1], 0, whole.w.get_size());
    places_.scatter(static_cast<const Factor*>(inputs[1]), static_cast<Factor*>(outputs[1]));
  }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    const auto* input = static_cast<const Factor*>(inputs[0]);
    auto* output = static_cast<float*>(outputs[0]);
    const void* weights = weights_are_plain() ? inputs[1] : outputs[1];
    for (Index part = begin; part < end; ++part) {
      const Primitive& p = primitive(part);
      void* scratchpad = scratch_of(part, outputs);
      if (gradient_) {
        execute(
            p.primitive, {{DNNL_ARG_DIFF_DST, &p.y, input + y_start(part)},
                          {DNNL_ARG_WEIGHTS, &p.w, weights},
                          {DNNL_ARG_DIFF_SRC, &p.x, output + x_start(part)},
                          {DNNL_ARG_SCRATCHPAD, &p.scratchpad, scratchpad}});
      } else {
        execute(
            p.primitive, {{DNNL_ARG_SRC, &p.x, input + x_start(part)},
                          {DNNL_ARG_WEIGHTS, &p.w, weights},
                          {DNNL_ARG_DST, &p.y, output + y_start(part)},
                          {DNNL_ARG_SCRATCHPAD, &p.scratchpad, scratchpad}});
      }
    }
  }

 private:
  void* scratch_of(Index part, void* const* outputs) const {
    if (part_scratch() == 0) return nullptr;
    return static_cast<std::byte*>(outputs[1]) + (weights_are_plain() ? 0 : weight_bytes()) + part * part_scratch();
  }

  bool gradient_;
  WeightPlaces places_;
};

// The gradient of w: each part's own sum lies in scratch memory in oneDNN's form, then the parts' scratchpads. The sums
// are added up in the order of the parts.
template <class Factor>
class Collected final : public InParts {
 public:
  Collected(const ConvolutionSizes& given, std::optional<KernelRequest::Accumulation> accumulation)
      : InParts(ConvolutionProduct::weight_gradient, given, least_weight_part, type_of<Factor>),
        accumulation_(accumulation),
        places_(plain_weights, whole.w, given.weight_count()) {}

  Index scratch_bytes() const override { return part_count * (weight_bytes() + part_scratch()); }

  void run(const void* const* inputs, void* const* outputs, Index begin, Index end) const override {
    for (Index part = begin; part < end; ++part) {
      const Primitive& p = primitive(part);
      std::byte* const scratchpad = sum_of(part_count, outputs) + part * part_scratch();
      execute(
          p.primitive, {{DNNL_ARG_SRC, &p.x, static_cast<const Factor*>(inputs[0]) + x_start(part)},
                        {DNNL_ARG_DIFF_DST, &p.y, static_cast<const Factor*>(inputs[1]) + y_start(part)},
                        {DNNL_ARG_DIFF_WEIGHTS, &p.w, sum_of(part, outputs)},
                        {DNNL_ARG_SCRATCHPAD, &p.scratchpad, scratchpad}});
    }
  }

  void finish(const void* const* inputs, void* const* outputs) const override {
    auto* total = reinterpret_cast<float*>(sum_of(0, outputs));
    const auto count = static_cast<Index>(whole.w.get_size() / sizeof(float));
    for (Index part = 1; part < part_count; ++part) {
      const auto* sum = reinterpret_cast<const float*>(sum_of(part, outputs));
      for (Index i = 0; i < count; ++i) total[i] += sum[i];
    }
    auto* const output = static_cast<float*>(outputs[0]);
    const std::int32_t* const places = places_.places();
    if (!accumulation_) {
      for (Index i = 0; i < sizes.weight_count(); ++i) output[i] = total[places[i]];
      return;
    }
    const AccumulationScales<float> by(*accumulation_, inputs);
    const auto* addend = static_cast<const float*>(inputs[2]);
    for (Index i = 0; i < sizes.weight_count(); ++i) {
      output[i] = by.addend_scale * addend[i] + by.scale * total[places[i]];
    }
  }

 private:
  std::byte* sum_of(Index part, void* const* outputs) const {
    return static_cast<std::byte*>(outputs[1]) + part * weight_bytes();
  }

  std::optional<KernelRequest::Accumulation> accumulation_;
  WeightPlaces places_;
};

}  // namespace

KernelPointer convolution_in_onednn(
    ConvolutionProduct product, const ConvolutionSizes& sizes,
    const std::optional<KernelRequest::Accumulation>& accumulation) {
  if (product == ConvolutionProduct::weight_gradient) return std::make_unique<Collected<float>>(sizes, accumulation);
  return std::make_unique<Spread<float>>(product, sizes);
}

KernelPointer convolution_of_bfloat16(
    ConvolutionProduct product, const ConvolutionSizes& sizes,
    const std::optional<KernelRequest::Accumulation>& accumulation) {
  try {
    if (product == ConvolutionProduct::weight_gradient) {
      return std::make_unique<Collected<std::uint16_t>>(sizes, accumulation);
    }
    return std::make_unique<Spread<std::uint16_t>>(product, sizes);
  } catch (const NoCode&) {
    return nullptr;
  }
}

}  // namespace gradus::cpu

#include <gradus/graph/rewrite.h>

#include <gradus/graph/plan/draft.h>

namespace gradus {

bool Term::is(const Registered& operation) const {
  return (*draft_)[vertex_].operation == &operation;
}

bool Term::is_number(double value) const {
  const plan::DraftVertex& vertex = (*draft_)[vertex_];
  return vertex.neutral_number && vertex.number == value;
}

Term Term::operator[](int input) const {
  return {*draft_, (*draft_)[vertex_].inputs[static_cast<std::size_t>(input)]};
}

const Registered* Term::operation() const {
  return (*draft_)[vertex_].operation;
}
const Attributes& Term::attributes() const {
  return (*draft_)[vertex_].attributes;
}
const Shape& Term::shape() const {
  return (*draft_)[vertex_].shape;
}
Dtype Term::dtype() const {
  return (*draft_)[vertex_].dtype;
}

Term Term::with(const Registered& operation, std::initializer_list<Term> inputs, const Attributes& attributes) const {
  return with(operation, std::vector<Term>(inputs), attributes, shape());
}

Term Term::with(
    const Registered& operation, const std::vector<Term>& inputs, const Attributes& attributes,
    const Shape& shape) const {
  plan::DraftVertex vertex;
  vertex.operation = &operation;
  vertex.dtype = dtype();
  vertex.shape = shape;
  vertex.layout = Layout::dense(vertex.shape);
  vertex.attributes = attributes;
  for (const Term& input : inputs) vertex.inputs.push_back(input.vertex_);
  return {*draft_, draft_->add(vertex)};
}

}  // namespace gradus

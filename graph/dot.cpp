#include <gradus/graph/dot.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/graphviz.hpp>

#include <gradus/graph/node.h>

namespace gradus {

namespace {

struct Drawn {
  Tensor tensor;
};
struct Use {
  std::size_t input = 0, of = 1;
};
using Drawing = boost::adjacency_list<boost::vecS, boost::vecS, boost::directedS, Drawn, Use>;

// Inputs before their readers, so that ids say where a node stands and equal graphs give equal text.
Drawing drawing_of(const Tensors& tensors) {
  Drawing drawing;
  std::unordered_map<const Node*, std::size_t> id;
  const std::scoped_lock lock(graph_mutex());
  for (const Tensor& root : tensors) {
    std::vector<std::pair<Node*, std::size_t>> stack{{root.node(), 0}};
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (!id.contains(node) && next < node->input_count) {
        stack.emplace_back(node->inputs()[next++], 0);
        continue;
      }
      Node* const done = node;
      stack.pop_back();
      if (!id.emplace(done, boost::num_vertices(drawing)).second) continue;
      const auto v = boost::add_vertex({share(done)}, drawing);
      for (std::size_t i = 0; i < done->input_count; ++i) {
        boost::add_edge(id.at(done->inputs()[i]), v, {i, done->input_count}, drawing);
      }
    }
  }
  return drawing;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result;
}

std::string number_text(double number) {
  return fmt::format("{:g}", number);
}

// Colours of Okabe and Ito, which the colour-blind can tell apart.
std::string vertex_attributes(const Tensor& tensor) {
  const Node* node = tensor.node();
  if (node->is_number()) return fmt::format("[label=\"{}\", shape=plaintext]", number_text(node->number));
  const std::string name = escaped(tensor.name());
  const std::string title = node->operation ? std::string(node->operation->name) : name.empty() ? "constant" : name;
  const std::string second = node->operation && !name.empty() ? fmt::format("\\n‘{}’", name) : "";
  const std::string label = fmt::format("{}{}\\n{} {}", title, second, name_of(node->dtype), node->shape.text());
  const std::string tip = node->operation ? escaped(node->operation->formula) : label;
  if (node->kind == NodeKind::parameter) {
    return fmt::format(
        "[label=\"{}\", tooltip=\"{}\", shape=box, style=\"filled,rounded\", fillcolor=\"#F0E442\"]", label, tip);
  }
  if (node->is_leaf())
    return fmt::format(
        "[label=\"{}\", tooltip=\"{}\", shape=box, style=\"filled,rounded\", fillcolor=\"#DDDDDD\"]", label, tip);
  return fmt::format("[label=\"{}\", tooltip=\"{}\", shape=box, style=filled, fillcolor=\"#9AD0F3\"]", label, tip);
}

void replace_file(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw DataError(fmt::format("draw: '{}' cannot be written ({})", file, std::strerror(errno)));
}

std::string extension(const std::string& file) {
  const std::size_t point = file.rfind('.');
  return point == std::string::npos ? "" : file.substr(point + 1);
}

std::string shell_quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

}  // namespace

std::string dot(const Tensors& tensors) {
  for (const Tensor& tensor : tensors) {
    if (tensor.empty()) throw ValueError("dot: one of the tensors is an empty handle");
  }
  const Drawing drawing = drawing_of(tensors);
  std::ostringstream text;
  boost::write_graphviz(
      text, drawing, [&](std::ostream& out, std::size_t v) { out << vertex_attributes(drawing[v].tensor); },
      [&](std::ostream& out, const auto& edge) {
        if (drawing[edge].of > 1)
          out << fmt::format("[headlabel=\"{}\", labelfontsize=8, labeldistance=1.8]", drawing[edge].input);
      },
      [](std::ostream& out) {
        out << "rankdir=TB;\nnode [fontname=\"DejaVu Sans\", fontsize=11, penwidth=0.7];\nedge [penwidth=0.8, "
               "arrowsize=0.7];\n";
      });
  return text.str();
}

void draw(const Tensors& tensors, const std::string& file) {
  const std::string format = extension(file);
  const std::string text = dot(tensors);
  if (format != "svg" && format != "png" && format != "pdf") return replace_file(file, text);
  const std::string source = file + ".dot";
  replace_file(source, text);
  const std::string command = fmt::format(
      "dot -T{} {}{} -o {}", format, format == "png" ? "-Gdpi=110 " : "", shell_quoted(source), shell_quoted(file));
  const int status = std::system(command.c_str());
  std::remove(source.c_str());
  if (status != 0)
    throw DataError(fmt::format("draw: Graphviz's dot could not draw '{}'; is the package graphviz installed?", file));
}

}  // namespace gradus

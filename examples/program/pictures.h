#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <gradus/graph/tensor.h>

namespace program {

/// From and to, both included.
struct Band {
  double from = 0, to = 0;
};

enum class Style { line, points, line_and_points, boxes };

/// Points (x[i], y[i]) that belong together.
struct Series {
  std::string title;
  std::vector<double> x = {}, y = {};
  Style style = Style::line_and_points;
};

/// A dashed horizontal line: what the book says.
struct Reference {
  std::string title;
  double y = 0;
};

/// A dashed vertical line: where something happens.
struct Mark {
  std::string title;
  double x = 0;
};

/// A strip of the plot that is shaded, from top to bottom.
struct Strip {
  std::string title;
  Band x;
};

struct Arrow {
  std::string title;  ///< written at its head
  std::array<double, 2> from{}, to{};
};

/// Curves over labelled axes, in colours that the colour-blind can tell apart (Okabe and Ito 2008).
struct Plot {
  std::string title, x_label, y_label;
  std::vector<Series> series = {};
  std::vector<Reference> references = {};
  std::vector<Mark> marks = {};
  std::vector<Strip> strips = {};
  std::vector<Arrow> arrows = {};
  std::optional<Band> x_range = {}, y_range = {};
  bool whole_x = false;  ///< x counts something: marks at whole numbers only
  bool logarithmic_x = false, logarithmic_y = false;
  bool same_scale = false;  ///< a unit is as long on both axes, so that right angles look right
};

/// A function of two variables in colours from dark to light, with the scale beside it: rows × columns values,
/// row-major, the first row at the bottom.
struct HeatMap {
  std::string title, x_label, y_label, value_label;
  std::vector<double> values = {};
  gradus::Index rows = 0, columns = 0;
  Band x = {0, 1}, y = {0, 1};           ///< where the centres of the outermost values lie
  std::optional<Band> value_range = {};  ///< none: from the least to the greatest
};

/// One small picture: rows × columns grey values from 0 (paper) to 1 (ink), row-major.
struct Tile {
  std::vector<float> pixels;
  std::string caption;
  bool marked = false;                            ///< its caption in another colour: something is wrong with it
  std::string top_right = {}, bottom_right = {};  ///< written over the picture's corners
};

struct ImageGrid {
  std::string title;
  std::vector<Tile> tiles = {};
  gradus::Index across = 10;  ///< tiles in a row
  gradus::Index rows = 28, columns = 28;
};

// These write STEM.svg and STEM.png and return what went wrong, in a line, if anything did. Curves, maps and grids
// are drawn by gnuplot, graphs by Graphviz.
std::optional<std::string> draw(const Plot& plot, const std::string& stem);
std::optional<std::string> draw(const HeatMap& map, const std::string& stem);
std::optional<std::string> draw(const ImageGrid& grid, const std::string& stem);
std::optional<std::string> draw(const gradus::Tensors& graph, const std::string& stem);

}  // namespace program

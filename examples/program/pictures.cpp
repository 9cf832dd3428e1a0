#include <program/pictures.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gradus/graph/dot.h>
#include <gradus/graph/error.h>

namespace program {
namespace {

using gradus::Index;

// Okabe and Ito, "Color universal design", 2008; black is for references, yellow is too light for lines.
constexpr std::array<std::string_view, 6> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"};

std::string_view colour(std::size_t i) {
  return colours[i % colours.size()];
}

/// In double quotes, as gnuplot reads them.
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' ? ' ' : c;
  }
  return result + '"';
}

std::string shell_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

std::string first_line_of(const std::string& file) {
  std::ifstream in(file);
  std::string line;
  while (line.find_first_not_of(" \t^") == std::string::npos && std::getline(in, line)) {
  }
  return line;
}

bool found(std::string_view program) {
  return std::system(fmt::format("command -v {} >/dev/null 2>&1", program).c_str()) == 0;
}

/// Runs `setting`, then `plotting` once for each kind of file.
std::optional<std::string> run_gnuplot(
    std::string_view setting, std::string_view plotting, const std::string& stem, int width, int height) {
  if (!found("gnuplot")) return "no gnuplot (Debian's package gnuplot-nox), so no plots";
  const std::string script = stem + ".gnuplot", errors = stem + ".errors";
  std::ofstream out(script);
  out << "set encoding utf8\n" << setting;
  out << fmt::format("set terminal svg size {},{} font 'DejaVu Sans,14' background 'white'\n", width, height);
  out << fmt::format("set output {}\n{}\n", quoted(stem + ".svg"), plotting);
  out << fmt::format(
      "set terminal pngcairo size {},{} fontscale 1.2 linewidth 1.5 pointscale 1.5 font 'DejaVu Sans,14' "
      "background 'white'\n",
      width * 3 / 2, height * 3 / 2);
  out << fmt::format("set output {}\n{}\n", quoted(stem + ".png"), plotting);
  if (!out.flush()) return fmt::format("cannot write '{}', so no plots", script);
  out.close();
  const int status = std::system(fmt::format("gnuplot {} 2>{}", shell_quoted(script), shell_quoted(errors)).c_str());
  const std::string error = first_line_of(errors);
  std::remove(errors.c_str());
  if (status != 0) return fmt::format("gnuplot could not draw '{}': {}", script, error);
  std::remove(script.c_str());
  return std::nullopt;
}

/// Filled point types of gnuplot: disc, square, triangle, diamond.
constexpr std::array<int, 4> shapes{7, 5, 9, 13};

std::string drawing_of(Style style, std::size_t i) {
  const int shape = shapes[i % shapes.size()];
  switch (style) {
    case Style::line:
      return "lines linewidth 2";
    case Style::points:
      return fmt::format("points pointtype {} pointsize 1.1", shape);
    case Style::line_and_points:
      return fmt::format("linespoints linewidth 2 pointtype {} pointsize 0.6", shape);
    case Style::boxes:
      return "boxes fillstyle solid 0.8 noborder";
  }
  return "lines";
}

/// As large as fits above a picture 1,200 pixels wide.
std::string title_setting(std::string_view title) {
  constexpr std::size_t fits = 80, size = 16, least_size = 8;
  const std::size_t fitting = title.size() <= fits ? size : std::max(least_size, size * fits / title.size());
  return fmt::format("set title {} noenhanced font ',{}'\n", quoted(title), fitting);
}

std::string range(std::string_view axis, const std::optional<Band>& band) {
  return band ? fmt::format("set {}range [{}:{}]\n", axis, band->from, band->to) : "";
}

/// Marks at whole numbers: 1, 2, 5, 10, … apart, at most some ten of them.
std::string whole_marks(const std::vector<Series>& all) {
  double from = 0, to = 1;
  for (const Series& series : all) {
    for (const double x : series.x) from = std::min(from, x), to = std::max(to, x);
  }
  int apart = 1;
  for (int i = 0; (to - from) / apart > 10; ++i) apart = apart * (i % 3 == 1 ? 5 : 4) / 2;
  return fmt::format("set xtics {}\n", apart);
}

std::string axes_of(const Plot& plot) {
  std::string text = fmt::format(
      "{}set xlabel {} noenhanced\nset ylabel {} noenhanced\n", title_setting(plot.title), quoted(plot.x_label),
      quoted(plot.y_label));
  text += "set border 3 linecolor rgb '#444444'\nset tics nomirror\nset grid linecolor rgb '#DDDDDD' linetype 1\n";
  text +=
      "set key outside bottom center horizontal Left reverse height 1 noenhanced\nset clip two\nset boxwidth 0.8 "
      "relative\n";
  text += range("x", plot.x_range) + range("y", plot.y_range);
  if (plot.whole_x) text += whole_marks(plot.series);
  if (plot.logarithmic_x) text += "set logscale x\nset format x '10^{%T}'\n";
  if (plot.logarithmic_y) text += "set logscale y\nset format y '10^{%T}'\n";
  if (plot.same_scale) text += "set size ratio -1\n";
  for (const Strip& strip : plot.strips) {
    text += fmt::format(
        "set object rectangle from first {},graph 0 to first {},graph 1 behind fillcolor rgb '#E8E8E8' fillstyle solid "
        "noborder\nset label {} at first {},graph 0.97 center noenhanced\n",
        strip.x.from, strip.x.to, quoted(strip.title), (strip.x.from + strip.x.to) / 2);
  }
  for (const Mark& mark : plot.marks) {
    text += fmt::format(
        "set arrow from first {0},graph 0 to first {0},graph 1 nohead linewidth 1.5 dashtype 3 linecolor rgb "
        "'#000000'\nset label {1} at first {0},graph 0.97 offset 0.5,0 noenhanced\n",
        mark.x, quoted(mark.title));
  }
  for (const Arrow& arrow : plot.arrows) {
    text += fmt::format(
        "set arrow from {},{} to {},{} linewidth 3 linecolor rgb '#000000' front\n", arrow.from[0], arrow.from[1],
        arrow.to[0], arrow.to[1]);
    text += fmt::format(
        "set label {} at {},{} offset 1,0 front noenhanced\n", quoted(arrow.title), arrow.to[0], arrow.to[1]);
  }
  return text;
}

}  // namespace

std::optional<std::string> draw(const Plot& plot, const std::string& stem) {
  std::string setting = axes_of(plot), drawings;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const Series& series = plot.series[i];
    setting += fmt::format("$series{} << EOD\n", i);
    for (std::size_t j = 0; j < series.x.size(); ++j) setting += fmt::format("{} {}\n", series.x[j], series.y[j]);
    setting += "EOD\n";
    drawings += fmt::format(
        "{}$series{} using 1:2 with {} linecolor rgb '{}' title {}", i == 0 ? "" : ", ", i, drawing_of(series.style, i),
        colour(i), quoted(series.title));
  }
  for (std::size_t i = 0; i < plot.references.size(); ++i) {
    drawings += fmt::format(
        "{}{} with lines linewidth 2 dashtype {} linecolor rgb '#000000' title {}", drawings.empty() ? "" : ", ",
        plot.references[i].y, i + 2, quoted(plot.references[i].title));
  }
  return run_gnuplot(setting, "plot " + drawings, stem, 800, plot.same_scale ? 640 : 500);
}

std::optional<std::string> draw(const HeatMap& map, const std::string& stem) {
  const auto step = [](const Band& axis, Index count) {
    return count > 1 ? (axis.to - axis.from) / static_cast<double>(count - 1) : 1.0;
  };
  std::string setting = fmt::format(
      "{}set xlabel {} noenhanced\nset ylabel {} noenhanced\n"
      "set cblabel {} noenhanced offset 1,0\nset format cb '%g'\nset tics nomirror out\n",
      title_setting(map.title), quoted(map.x_label), quoted(map.y_label), quoted(map.value_label));
  // Viridis: even in brightness, and the same order to the colour-blind (van der Walt and Smith 2015).
  setting +=
      "set palette defined (0 '#440154', 1 '#472D7B', 2 '#3B528B', 3 '#2C728E', 4 '#21918C', 5 '#28AE80', "
      "6 '#5EC962', 7 '#ADDC30', 8 '#FDE725')\n";
  setting += range("cb", map.value_range) + "$map << EOD\n";
  for (Index row = 0; row < map.rows; ++row) {
    const double* const entries = map.values.data() + row * map.columns;
    setting += fmt::format("{:.5g}\n", fmt::join(entries, entries + map.columns, " "));
  }
  setting += "EOD\nset size square\nset autoscale fix\n";
  const std::string plotting = fmt::format(
      "plot $map matrix using ({} + $1 * {}):({} + $2 * {}):3 with image notitle", map.x.from, step(map.x, map.columns),
      map.y.from, step(map.y, map.rows));
  return run_gnuplot(setting, plotting, stem, 720, 600);
}

namespace {

std::string in_corner(const std::string& text, double right, double height) {
  if (text.empty()) return "";
  return fmt::format("set label {} at {},{} right front noenhanced font ',13'\n", quoted(text), right, height);
}

}  // namespace

std::optional<std::string> draw(const ImageGrid& grid, const std::string& stem) {
  if (grid.tiles.empty()) return std::nullopt;
  const Index caption_rows = 10, gap = 4;
  const Index count = static_cast<Index>(grid.tiles.size()), across = std::min(grid.across, count);
  const Index down = (count + across - 1) / across;
  const Index tile_width = grid.columns + gap, tile_height = grid.rows + caption_rows;
  const Index width = across * tile_width, height = down * tile_height;
  std::vector<float> sheet(static_cast<std::size_t>(width * height));
  std::string setting = title_setting(grid.title);
  for (Index i = 0; i < count; ++i) {
    const Tile& tile = grid.tiles[static_cast<std::size_t>(i)];
    const Index left = i % across * tile_width + gap / 2, top = i / across * tile_height;
    for (Index row = 0; row < grid.rows; ++row) {
      const auto from = tile.pixels.begin() + row * grid.columns;
      std::copy(from, from + grid.columns, sheet.begin() + (top + row) * width + left);
    }
    setting += fmt::format(
        "set label {} at {},{} center front noenhanced font ',13' textcolor rgb '{}'\n", quoted(tile.caption),
        static_cast<double>(left) + static_cast<double>(grid.columns) / 2 - 0.5, top + grid.rows + 3,
        tile.marked ? colours[1] : std::string_view("#000000"));
    const auto right = static_cast<double>(left + grid.columns) - 0.5;
    setting += in_corner(tile.top_right, right, static_cast<double>(top) + 2.5);
    setting += in_corner(tile.bottom_right, right, static_cast<double>(top + grid.rows) - 3.5);
  }
  setting += "$sheet << EOD\n";
  for (Index row = 0; row < height; ++row) {
    const float* const entries = sheet.data() + row * width;
    setting += fmt::format("{:.3g}\n", fmt::join(entries, entries + width, " "));
  }
  setting += "EOD\nset palette defined (0 'white', 1 'black')\nset cbrange [0:1]\nunset colorbox\nunset tics\n";
  setting += fmt::format(
      "unset border\nset size ratio -1\nset lmargin 1\nset rmargin 1\nset bmargin 0\n"
      "set xrange [-0.5:{}]\nset yrange [{}:-0.5]\n",
      static_cast<double>(width) - 0.5, static_cast<double>(height) - 0.5);
  const int pixels_wide = 800;
  const int pixels_high = static_cast<int>(800 * height / width) + 50;
  return run_gnuplot(setting, "plot $sheet matrix with image notitle", stem, pixels_wide, pixels_high);
}

std::optional<std::string> draw(const gradus::Tensors& graph, const std::string& stem) {
  if (!found("dot")) return "no Graphviz (Debian's package graphviz), so no drawings of graphs";
  try {
    gradus::draw(graph, stem + ".svg");
    gradus::draw(graph, stem + ".png");
  } catch (const gradus::DataError& error) {
    return error.what();
  }
  return std::nullopt;
}

}  // namespace program

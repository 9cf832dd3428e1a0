#include "curves.h"

namespace chapter3 {

program::Plot accuracy_plot(std::string title, const std::string& set, std::vector<program::Series> series) {
  return {
      .title = std::move(title),
      .x_label = "epoch",
      .y_label = fmt::format("accuracy on the {} images, %", set),
      .series = std::move(series),
      .whole_x = true};
}

}  // namespace chapter3

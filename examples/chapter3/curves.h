#pragma once

#include <string>
#include <vector>

#include <program/pictures.h>
#include <program/training.h>

namespace chapter3 {

using gradus::Index;
using program::best;
using program::Curve;
using program::series_of;

/// Accuracies in percent against epochs, of the set that is named: "validation".
program::Plot accuracy_plot(std::string title, const std::string& set, std::vector<program::Series> series);

}  // namespace chapter3

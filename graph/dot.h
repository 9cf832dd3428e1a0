#pragma once

#include <string>

#include <gradus/graph/tensor.h>

namespace gradus {

/// The graph behind some tensors in Graphviz's language: operations, names, shapes; leaves and parameters in colours
/// safe for the colour-blind. Ids are positions, so equal graphs give equal text.
std::string dot(const Tensors& tensors);

/// Writes `dot(tensors)` to a file, drawn as SVG, PNG or PDF if its name ends so (by Graphviz's `dot`, which must be
/// installed). Throws DataError if it cannot be written or drawn.
void draw(const Tensors& tensors, const std::string& file);

}  // namespace gradus

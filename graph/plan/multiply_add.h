#pragma once

#include <gradus/graph/plan/tile_runner.h>

namespace gradus::plan {

/// Where a product goes into one sum or difference and nowhere else, one instruction does both, rounding in between as
/// the two would: half the ways through the cache. Numbers that are the same for all entries are read once a tile.
ElementwiseProgram with_products_added(ElementwiseProgram program);

}  // namespace gradus::plan

#pragma once

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

/// Sorts `order` so that every step follows its inputs and the hazards hold, keeping the old order where it can. False,
/// and nothing changed, if that is impossible.
bool reorder(Draft& draft);

/// Sorts `order` so that every vertex follows what it is made from, and what makes the last assignment's value comes
/// first: parameters move while what moves them is in the caches, and of several networks each moves before the next
/// one begins.
void assignments_first(Draft& draft);

}  // namespace gradus::plan

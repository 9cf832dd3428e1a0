#pragma once

#include <gradus/graph/plan/draft.h>

namespace gradus::plan {

/// Sorts `order` so that every step follows its inputs and the hazards hold, keeping the old order where it can. False,
/// and nothing changed, if that is impossible.
bool reorder(Draft& draft);

}  // namespace gradus::plan

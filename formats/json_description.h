#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace gradus {

/// What was found where something else was expected, for messages: "a list of 3", or the value itself, cut off.
std::string description(const nlohmann::json& value);

}  // namespace gradus

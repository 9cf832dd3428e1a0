#include <gradus/formats/json_description.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace gradus {

std::string description(const nlohmann::json& value) {
  using nlohmann::json;
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  if (value.is_object()) return "an object";
  constexpr std::size_t longest = 40;
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > longest) text = text.substr(0, longest) + "…";
  return text;
}

}  // namespace gradus

#pragma once
#include "doctor/limits.hpp"
#include "llm/models.hpp"

namespace persais::doctor {

/// The names of the list that are most similar to `model`, best first, at most limits::doctor_names: those of the same
/// vendor and family, then others of the vendor, then the same words at other vendors.
std::vector<std::string> resembling(const llm::model_list& all, std::string_view model);

} // namespace persais::doctor

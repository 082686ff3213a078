#pragma once
#include "doctor/limits.hpp"
#include "llm/models.hpp"

namespace persais::doctor {

/// Names of the list that are most like `model`, best first, at most limits::doctor_names: of the same vendor and
/// family before others of the vendor, before the same words elsewhere.
std::vector<std::string> resembling(const llm::model_list& all, std::string_view model);

} // namespace persais::doctor

#pragma once
#include <string_view>

namespace persais::checks {

/// Why a person should look at this path of a change: "ci" (what runs on the forge), "lock" (which dependencies are
/// taken), "licence". Empty: there is no reason in its name.
std::string_view noted_kind(std::string_view path);

} // namespace persais::checks

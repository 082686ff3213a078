#pragma once
#include "base/text.hpp"

#include <string>
#include <string_view>

namespace persais::config {

using persais::text::trim;
/// Whether they are equal except for the case of ASCII letters.
bool same_letters(std::string_view left, std::string_view right);
/// Shortens a text for messages: at most 80 bytes on one line. Never pass it a secret.
std::string shorten(std::string_view text);
/// `value # comment` → `value`: cuts at the first # that has a blank before it, and removes blanks at both ends.
std::string_view without_comment(std::string_view text);

} // namespace persais::config

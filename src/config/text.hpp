#pragma once
#include "base/text.hpp"

#include <string>
#include <string_view>

namespace persais::config {

using persais::text::trim;
/// Equal but for the case of ASCII letters.
bool same_letters(std::string_view left, std::string_view right);
/// For messages: at most 80 bytes on one line. Never give it a secret.
std::string shorten(std::string_view text);
/// `value # comment` → `value`: cut at the first # that has a blank before it. Blanks at both ends go too.
std::string_view without_comment(std::string_view text);

} // namespace persais::config

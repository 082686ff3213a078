#pragma once
#include <string>
#include <string_view>

namespace persais::config {

/// Without blanks (space, tab, CR, LF) at both ends.
std::string_view trim(std::string_view text);
/// Equal but for the case of ASCII letters.
bool same_letters(std::string_view left, std::string_view right);
/// For messages: at most 80 bytes, control characters as '?'. Never give it a secret.
std::string shorten(std::string_view text);
/// `value # comment` → `value`: cut at the first # that has a blank before it. Blanks at both ends go too.
std::string_view without_comment(std::string_view text);

} // namespace persais::config

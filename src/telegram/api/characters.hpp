#pragma once
#include <string_view>

/// What kinds of characters there are. Of valid UTF-8.
namespace persais::telegram {

char32_t code_point(std::string_view character);

/// Nobody sees it, it makes a reader see other text than a compiler does (CVE-2021-42574), or Telegram drops it.
/// Controls are not among them.
bool is_hidden(char32_t c);

/// U+200C and U+200D.
bool is_joiner(char32_t c);
/// A joiner between two of these is a part of how they are written: emoji, and scripts that need it.
bool may_be_joined(char32_t c);

/// Belongs to the character before it: accents, skin tones, variants.
bool is_attached(char32_t c);
/// Two of them are one flag.
bool is_flag_half(char32_t c);

} // namespace persais::telegram

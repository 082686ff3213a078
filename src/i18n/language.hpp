#pragma once
#include "i18n/phrase.hpp"

#include <cstdint>
#include <string_view>

/// What Persais says to people, and in which language. Nothing here knows where it is shown: a chat, a console.
namespace persais::i18n {

enum class language { en, ru };
/// "en", "ru": how the database and Telegram spell it.
std::string_view to_string(language l);
/// From the person's choice, else from the IETF tag of their client; whatever is not Russian gets English.
language language_from(std::string_view tag);

/// The phrase as it is written down: {name} for what is filled in, {name|file|files} for the form that goes with a
/// number (Russian has three: {name|файл|файла|файлов}); what stands between two ` is code.
std::string_view words(language l, phrase p);

/// Which form of a word goes with a number: 0 for one, 1 for few (Russian), the last for many.
std::size_t plural_form(language l, std::int64_t n);

} // namespace persais::i18n

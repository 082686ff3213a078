#pragma once
#include "i18n/phrase.hpp"

#include <cstdint>
#include <string_view>

/// What Persais says to people, and in which language. Nothing here knows where it is shown: a chat, a console.
namespace persais::i18n {

enum class language { en, ru };
/// "en", "ru": as the database and Telegram spell it.
std::string_view to_string(language l);
/// The language for a person's choice, or for the IETF tag of their client; English for everything but Russian.
language language_from(std::string_view tag);

/// The phrase as it is written: {name} is replaced by a value, {name|file|files} by the form that goes with a number
/// (Russian has three: {name|файл|файла|файлов}); text between two backticks is code.
std::string_view words(language l, phrase p);

/// The form of the phrase for an admin, who can change what anybody else has to ask for: the next phrase in the list
/// when it has the same name with _admin behind it, else the phrase itself.
phrase for_admin(phrase p);
/// The phrase's name in i18n/phrases/.
std::string_view name_of(phrase p);

} // namespace persais::i18n

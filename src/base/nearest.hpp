#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace persais::text {

/// Of the words that there are, the one that was probably meant by a word that a person typed: one that it begins, or
/// one that differs in a third of its letters, at most four. Upper and lower case are the same. nullopt: none is
/// similar.
std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> words);

/// "; did you mean `run`?", or nothing: the end of a sentence that refuses `typed`.
std::string did_you_mean(std::string_view typed, std::span<const std::string> words);

} // namespace persais::text

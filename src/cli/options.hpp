#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

/// What several commands take, and what is said when it is not that. A validator's sentence names what was typed.
namespace persais::cli {

/// The number of a task: "17".
CLI::Validator task_number();

/// One of these words, or of `also`, which are not shown; the sentence names the one that was probably meant. Help and
/// completion show the words. What is typed is compared, and replaced by the word, as_one_word().
CLI::Validator choice_of(std::vector<std::string> words, std::vector<std::string> also = {});

/// "Ready, unchecked" as a command line has it without quotes: "ready-unchecked".
std::string as_one_word(std::string_view words);

/// A whole number from `least` to `most`.
CLI::Validator whole_number(std::int64_t least, std::int64_t most);

/// An amount of dollars: "5", "0.50"; `or_none`: 0 as well.
CLI::Validator dollars_amount(bool or_none = false);

/// The words that an option takes, when it has choice_of(); else none.
std::vector<std::string> words_of(const CLI::Option& option);

} // namespace persais::cli

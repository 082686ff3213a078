#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

#include <string>
#include <string_view>

namespace persais::cli {

/// A secret that was given to the command `word`: from the file ("-": standard input), else typed without echo, else
/// from standard input. Line ends behind it do not count. An error is an exit code, and what was wrong is said.
result<secret, int> given_secret(std::string_view word, const std::string& file, const std::string& prompt);

} // namespace persais::cli

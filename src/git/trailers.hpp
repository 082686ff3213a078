#pragma once
#include "git/git.hpp"

namespace persais::git {

/// The message of a commit that this identity makes: with its trailers, each once, as the last paragraph or at the end
/// of the trailers that the message has already.
std::string message_of(const identity& who, std::string message);

} // namespace persais::git

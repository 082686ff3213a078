#pragma once
#include "base/result.hpp"
#include "forge/requests.hpp"
#include "forge/written.hpp"
#include "worker/dependencies.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace persais::worker {

/// The requests of a remote at its forge, with the token that may go there. An error: a sentence, which begins with the
/// setting that needs them. What `with` refers to outlives them.
result<std::unique_ptr<forge::requests>> requests_of(const dependencies& with, const std::string& remote,
                                                     std::string_view setting);

/// What is written at a remote's forge, likewise; nullptr: its forge is not listened to, or there is no token.
std::unique_ptr<forge::conversations> conversations_of(const dependencies& with, const std::string& remote);

/// Whether the forge of a remote has it in its archive: a sentence. Empty: no, or nobody says so within
/// `archive_answer`.
awaitable<std::string> archived_at_forge(const dependencies& with, std::string remote);

} // namespace persais::worker

#pragma once
#include "doctor/examine.hpp"

#include <span>

namespace persais::doctor {

/// One thing that `persais init` asks for: a setting, and how.
struct question {
    std::string_view name;  // the setting's name
    std::string_view asked; // the question's text
    std::string_view flag;  // "--git-remote-url"; for a secret "--…-file"
    bool of_file = false;   // the answer in the dialogue is a file's name, the value is the file's contents
};

/// Questions whose answers only mean something together, and are tested together.
struct topic {
    std::string_view title;
    std::optional<aspect> tested;
    std::span<const question> questions;
};

std::span<const topic> topics();

/// Whether this question makes sense for this remote: a token is for http, a key for ssh.
bool applies(const question& q, std::string_view remote_url, bool has_bot);

} // namespace persais::doctor

#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

#include <filesystem>
#include <functional>

namespace persais::config {

struct key_in_file {
    secret key;
    bool made = false; // it was not there before
};

/// The key in this file (mode 0600), which is created with what `make` gives when there is none. Processes that create
/// it at the same moment get the same key. An error is the end of a sentence that begins with the file: why it cannot
/// be used.
result<key_in_file> key_file(const std::filesystem::path& path, const std::function<secret()>& make);

} // namespace persais::config

#pragma once
#include <stdexcept>

namespace persais::backup {

/// A file is no backup that can be opened. what() is one sentence.
struct broken : std::runtime_error {
    enum class how { no_backup, wrong_key, cut_off, changed };
    how kind;
    explicit broken(how w);
};

} // namespace persais::backup

#pragma once
#include "config/key_file.hpp"
#include "config/settings.hpp"

namespace persais::config {

/// Where the key is that was made, when BACKUP_KEY is not set.
std::filesystem::path backup_key_file(const settings& from);

/// BACKUP_KEY, else the key in PERSAIS_DATA (`backup.key`, mode 0600), which is created when there is none. It is an
/// age key (base/age_key.hpp). An error is one sentence.
result<key_in_file> backup_key(const settings& from);

} // namespace persais::config

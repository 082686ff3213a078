#pragma once
#include "config/settings.hpp"

namespace persais::config {

/// PERSAIS_MASTER_KEY, else the key in PERSAIS_DATA (`master.key`, mode 0600), which is created when there is none.
/// Processes that create it at the same moment get the same key. An error is one sentence.
result<secret> master_key(const settings& from);

/// Where the key is that was made, when PERSAIS_MASTER_KEY is not set.
std::filesystem::path master_key_file(const settings& from);
/// The key in this file (mode 0600), which is created when there is none: with `key`, else with one that is made. An
/// error is one sentence.
result<secret> new_master_key(const std::filesystem::path& file, const std::optional<secret>& key = {});
/// What is wrong with a master key, the end of a sentence; empty: nothing.
std::string wrong_master_key(const secret& key);

} // namespace persais::config

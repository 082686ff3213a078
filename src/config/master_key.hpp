#pragma once
#include "config/settings.hpp"

namespace persais::config {

/// PERSAIS_MASTER_KEY, else the key in PERSAIS_DATA (`master.key`, mode 0600), which is created when there is none.
/// Processes that create it at the same moment get the same key. An error is one sentence.
result<secret> master_key(const settings& from);

} // namespace persais::config

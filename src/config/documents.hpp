#pragma once
#include <string>

namespace persais::config {

// The documents that are generated from the table. A test compares docs/settings.md and .env.example with them;
// `WRITE_DOCUMENTS=1 config_test` updates them.

std::string settings_markdown();
std::string env_example();
/// The text for --help: names, defaults and meanings, in plain text of at most 100 columns where names allow it.
std::string settings_help();

} // namespace persais::config

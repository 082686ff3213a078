#pragma once
#include <string>

namespace persais::config {

// What the table says, written out. A test holds docs/settings.md and .env.example to them;
// `WRITE_DOCUMENTS=1 config_test` writes them anew.

std::string settings_markdown();
std::string env_example();
/// For --help: names, defaults, meanings, in plain text of at most 100 columns where names allow it.
std::string settings_help();

} // namespace persais::config

#pragma once
#include "base/async.hpp"
#include "config/settings.hpp"

namespace persais::backup {

/// PostgreSQL's own programs that write a database into a file and read it back.
struct tools {
    std::filesystem::path dump, restore;
    int major = 0;
};

/// The major version of a program of PostgreSQL, from what `--version` prints; 0: that is none.
int major_in(std::string_view printed);
/// Whether programs of this version serve a server of that one: not an older one, and for a server before 17 none from
/// 17 on, because those write a setting that it does not know.
bool fits(int tools_major, int server_major);

/// Those that fit a server of this version: of the embedded PostgreSQL, or of the system's packages. An error is one
/// sentence that says what to install.
awaitable<result<tools>> find_tools(const config::settings& settings, std::filesystem::path exe_folder,
                                    int server_major);

/// Writes the database into a new file, in PostgreSQL's custom form, as it is at one moment; the connection is
/// secured as the service's own ones are. `without`: tables, as SQL names them. An error is one sentence.
awaitable<result<void>> dump_database(tools with, secret url, std::string ca_file, std::filesystem::path to,
                                      std::vector<std::string> without = {});

/// Reads it back into a database without our tables: all of it or nothing. An error is one sentence.
awaitable<result<void>> restore_database(tools with, secret url, std::string ca_file, std::filesystem::path from);

} // namespace persais::backup

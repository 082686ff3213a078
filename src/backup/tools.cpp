#include "backup/tools.hpp"

#include "backup/limits.hpp"
#include "base/temp_dir.hpp"
#include "base/told.hpp"
#include "sandbox/child.hpp"
#include "store/limits.hpp"
#include "store/tls.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>

#include <fmt/format.h>

namespace persais::backup {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> plain_environment() {
    return {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/nonexistent"};
}

/// libpq's `keyword='value'`.
std::string line_of(const store::conninfo& info) {
    std::string line;
    for (const auto& [word, value] : info.words) {
        std::string escaped;
        for (char c : value) {
            if (c == '\'' || c == '\\') escaped += '\\';
            escaped += c;
        }
        line += fmt::format("{}{}='{}'", line.empty() ? "" : " ", word, escaped);
    }
    return line;
}

/// The last lines of what a program said, in one.
std::string words_of(const sandbox::child_result& ended) {
    if (ended.how == sandbox::ended::timed_out) return told<"it took too long", "это длилось слишком долго">();
    std::string text = ended.error.size() > 600 ? ended.error.substr(ended.error.size() - 600) : ended.error;
    while (text.ends_with('\n'))
        text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text.empty() ? fmt::format("exit {}", ended.code) : text;
}

/// The service's own connections get these from libpq, in this process; a program gets them only when it is given them.
void keep_tls_settings(std::vector<std::string>& environment) {
    for (const auto* name : {"PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGPASSFILE"})
        if (const char* set = std::getenv(name)) environment.push_back(fmt::format("{}={}", name, set));
    if (const char* home = std::getenv("HOME")) environment.push_back(fmt::format("HOME={}", home)); // ~/.postgresql
}

/// Secrets for which libpq has no variable, as the password of a key, stand in a file that only we may read: arguments
/// are shown to everybody.
void hand_over_in_a_file(store::conninfo& info, const std::filesystem::path& folder,
                         std::vector<std::string>& environment) {
    constexpr auto service = "persais";
    std::string lines;
    for (const auto& [word, value] : info.secrets)
        if (word != "password") lines += fmt::format("{}={}\n", word, value.reveal());
    if (lines.empty() || info.words.contains("service")) return;
    auto file = folder / "service.conf";
    std::ofstream(file) << fmt::format("[{}]\n{}", service, lines);
    info.words["service"] = service;
    environment.push_back("PGSERVICEFILE=" + file.string());
}

awaitable<sandbox::child_result> run_on(secret url, std::string ca_file, std::vector<std::string> argv,
                                        std::vector<std::string> last) {
    auto info = store::parse_conninfo(url, limits::db_connect);
    store::secure(info, ca_file);
    temp_dir folder;
    sandbox::child_spec spec{.argv = {"/usr/bin/nice", "-n", std::to_string(limits::backup_niceness)}};
    spec.argv.insert(spec.argv.end(), argv.begin(), argv.end());
    spec.environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"};
    keep_tls_settings(spec.environment);
    hand_over_in_a_file(info, folder.path(), spec.environment);
    spec.argv.push_back("--dbname=" + line_of(info));
    spec.argv.insert(spec.argv.end(), last.begin(), last.end());
    if (auto found = info.secrets.find("password"); found != info.secrets.end())
        spec.secret_environment.emplace_back("PGPASSWORD", found->second);
    spec.total = limits::backup_dump;
    co_return co_await sandbox::run_child(std::move(spec));
}

awaitable<int> major_of(fs::path program) {
    std::error_code ec;
    if (!fs::exists(program, ec)) co_return 0;
    auto said = co_await sandbox::run_child(
        {.argv = {program.string(), "--version"}, .environment = plain_environment(), .total = limits::db_connect});
    co_return said.ok() ? major_in(said.output) : 0;
}

} // namespace

int major_in(std::string_view printed) {
    auto at = printed.find(") "); // "pg_dump (PostgreSQL) 18.4 (Debian …)"
    if (!printed.starts_with("pg_dump (PostgreSQL") || at == printed.npos) return 0;
    int major = 0;
    std::from_chars(printed.data() + at + 2, printed.data() + printed.size(), major);
    return major;
}

bool fits(int tools_major, int server_major) {
    constexpr int first_with_transaction_timeout = 17;
    return tools_major >= server_major &&
           (server_major >= first_with_transaction_timeout || tools_major < first_with_transaction_timeout);
}

awaitable<result<tools>> find_tools(const config::settings& settings, fs::path exe_folder, int server_major) {
    std::vector<fs::path> folders;
    constexpr int newest_looked_for = 30;
    for (int major = server_major; major <= newest_looked_for; ++major)
        folders.push_back(fmt::format("/usr/lib/postgresql/{}/bin", major));
    if (auto ours = config::find_beside(settings, exe_folder, "postgres")) {
        std::error_code ec;
        folders.insert(folders.begin(), fs::weakly_canonical(*ours / "bin", ec));
    }
    folders.emplace_back("/usr/local/bin");
    folders.emplace_back("/usr/bin");
    for (const auto& folder : folders) {
        std::error_code ec;
        if (!fs::exists(folder / "pg_restore", ec)) continue;
        auto major = co_await major_of(folder / "pg_dump");
        if (major > 0 && fits(major, server_major)) co_return tools{folder / "pg_dump", folder / "pg_restore", major};
    }
    co_return fail(
        told<"The database is PostgreSQL {0}, and no pg_dump that fits it is on this machine: install the package "
             "postgresql-client-{0}.",
             "База данных — PostgreSQL {0}, а подходящей программы pg_dump на этой машине нет: установите "
             "пакет postgresql-client-{0}.">(server_major));
}

awaitable<result<void>> dump_database(tools with, secret url, std::string ca_file, fs::path to,
                                      std::vector<std::string> without) {
    // Of the extensions only one that each server has: the others are the server's, and not ours to make.
    std::vector<std::string> argv{with.dump.string(),    "--format=custom",      "--no-owner",
                                  "--no-privileges",     "--no-password",        "--lock-wait-timeout=30000",
                                  "--extension=plpgsql", "--file=" + to.string()};
    for (const auto& each : without)
        argv.push_back("--exclude-table=" + each);
    auto ended = co_await run_on(std::move(url), std::move(ca_file), std::move(argv), {});
    if (!ended.ok())
        co_return fail(told<"The database could not be written into a file (pg_dump): {}",
                            "Базу данных не удалось записать в файл (pg_dump): {}">(words_of(ended)));
    co_return result<void>{};
}

awaitable<result<void>> restore_database(tools with, secret url, std::string ca_file, fs::path from) {
    auto ended = co_await run_on(std::move(url), std::move(ca_file),
                                 {with.restore.string(), "--no-owner", "--no-privileges", "--no-password",
                                  "--no-comments", "--exit-on-error", "--single-transaction"},
                                 {from.string()});
    if (!ended.ok())
        co_return fail(told<"The database could not be read back from the file (pg_restore): {}",
                            "Базу данных не удалось прочитать из файла (pg_restore): {}">(words_of(ended)));
    co_return result<void>{};
}

} // namespace persais::backup

#include "git/ssh_settings.hpp"

#include "base/limits.hpp"
#include "base/pasted.hpp"
#include "base/private_key.hpp"
#include "base/text.hpp"
#include "base/told.hpp"

#include <fstream>

#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

result<std::string> lines_of_file(const std::string& name) {
    std::error_code ec;
    if (!fs::is_regular_file(name, ec))
        return fail(told<"GIT_SSH_KNOWN_HOSTS names the file {}, which is not there (or holds a host without its "
                         "key): give known_hosts lines, or a file with some.",
                         "GIT_SSH_KNOWN_HOSTS называет файл {}, которого нет (или в котором хост без ключа): задайте "
                         "строки known_hosts или файл с ними.">(text::printable(name)));
    std::ifstream in(name, std::ios::binary);
    std::string bytes(limits::settings_file_bytes + 1, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (in.bad() || !in.is_open())
        return fail(told<"GIT_SSH_KNOWN_HOSTS names the file {}, which cannot be read.",
                         "GIT_SSH_KNOWN_HOSTS называет файл {}, который не удаётся прочитать.">(text::printable(name)));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > limits::settings_file_bytes)
        return fail(told<"GIT_SSH_KNOWN_HOSTS names the file {}, which has more than {} bytes.",
                         "GIT_SSH_KNOWN_HOSTS называет файл {}, в котором больше {} байт.">(
            text::printable(name), limits::settings_file_bytes));
    return bytes;
}

} // namespace

result<void> usable_key(const secret& key) {
    auto wrong = wrong_with_key(key);
    if (!wrong.empty()) return fail(told<"GIT_SSH_KEY cannot be used: {}.", "GIT_SSH_KEY не подходит: {}.">(wrong));
    return {};
}

result<std::string> known_host_lines(const std::string& setting) {
    auto given = unquoted(setting);
    if (given.empty()) return std::string(published_host_keys());
    std::string lines;
    if (given.find_first_of(" \t\n") != given.npos) {
        lines = with_newlines(given);
    } else {
        auto read = lines_of_file(std::string(given));
        if (!read) return read;
        lines = std::move(*read);
    }
    if (!lines.ends_with('\n')) lines += '\n';
    return lines;
}

} // namespace persais::git

#include "git/ssh_settings.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"
#include "base/told.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

std::string with_newlines(std::string_view pasted) {
    std::string made;
    for (std::size_t i = 0; i < pasted.size(); ++i) {
        bool escape = pasted[i] == '\\' && i + 1 < pasted.size();
        if (escape && pasted[i + 1] == 'n') {
            made += '\n';
            ++i;
        } else if (pasted[i] != '\r' && !(escape && pasted[i + 1] == 'r')) {
            made += pasted[i];
        } else if (escape) {
            ++i;
        }
    }
    return made;
}

std::string_view unquoted(std::string_view s) {
    s = text::trim(s);
    while (s.size() >= 2 && s.front() == s.back() && (s.front() == '"' || s.front() == '\''))
        s = text::trim(s.substr(1, s.size() - 2));
    return s;
}

/// Restores the line ends of a key that was pasted as one line with blanks in their place. Only the two lines with
/// dashes contain blanks of their own.
std::string broken_up(std::string_view line) {
    constexpr std::string_view dashes = "-----";
    auto head = line.find(dashes, dashes.size());
    auto tail = line.rfind(dashes, line.size() - dashes.size() - 1);
    if (head == line.npos || tail == line.npos || tail <= head + dashes.size()) return std::string(line);
    auto body = head + dashes.size();
    std::string made(line.substr(0, body));
    made += '\n';
    for (char c : text::trim(line.substr(body, tail - body)))
        made += c == ' ' || c == '\t' ? '\n' : c;
    made += '\n';
    return made.append(line.substr(tail));
}

std::string tidy(std::string_view pasted) {
    std::string whole = with_newlines(unquoted(pasted));
    auto key = text::trim(whole);
    if (key.empty()) return {};
    if (key.starts_with("-----BEGIN ") && key.find('\n') == key.npos) return broken_up(key) + "\n";
    std::string made;
    while (!key.empty()) { // lines may be indented, as in YAML
        auto end = key.find('\n');
        made.append(text::trim(key.substr(0, end))).append("\n");
        key.remove_prefix(end == key.npos ? key.size() : end + 1);
    }
    return made;
}

bool begins_with_a_key_type(std::string_view s) {
    return s.starts_with("ssh-") || s.starts_with("ecdsa-sha2-") || s.starts_with("sk-");
}

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

secret tidy_key(const secret& pasted) {
    return secret(tidy(pasted.reveal()));
}

result<void> usable_key(const secret& key) {
    const std::string_view given = key.reveal();
    constexpr std::string_view whole = "give the whole text of the private key's file, from -----BEGIN to -----END";
    if (begins_with_a_key_type(given))
        return fail(told<"GIT_SSH_KEY is a public key, which belongs on the host; {}.",
                         "GIT_SSH_KEY — открытый ключ, а ему место на хосте; {}.">(whole));
    if (given.starts_with("PuTTY-User-Key-File"))
        return fail(told<"GIT_SSH_KEY is a key in PuTTY's format: export it as an OpenSSH key (`puttygen KEY -O "
                         "private-openssh`) and give that.",
                         "GIT_SSH_KEY — ключ в формате PuTTY: выгрузите его как ключ OpenSSH (`puttygen KEY -O "
                         "private-openssh`) и задайте его.">());
    auto head = given.substr(0, given.find('\n'));
    bool form = head.starts_with("-----BEGIN ") && head.ends_with("PRIVATE KEY-----") &&
                given.find("\n-----END ") != given.npos && given.ends_with("PRIVATE KEY-----\n");
    if (!form) return fail(told<"GIT_SSH_KEY is no private key: {}.", "GIT_SSH_KEY — не закрытый ключ: {}.">(whole));
    auto body = given.substr(head.size() + 1);
    // This is the base64 of "openssh-key-v1", a zero, and the cipher's name "none" with its length before it.
    constexpr std::string_view plain = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU";
    constexpr std::string_view magic = "b3BlbnNzaC1rZXktdjEA";
    bool locked = head.find("ENCRYPTED") != head.npos || given.find("Proc-Type: 4,ENCRYPTED") != given.npos ||
                  (body.starts_with(magic) && !body.starts_with(plain));
    if (locked)
        return fail(
            told<"GIT_SSH_KEY has a passphrase, and nobody is there to type it: make a key without one for Persais "
                 "(`ssh-keygen -t ed25519 -N '' -f persais`) and add its public half on the host.",
                 "У GIT_SSH_KEY есть пароль, а ввести его некому: сделайте для Persais ключ без пароля (`ssh-keygen -t "
                 "ed25519 -N '' -f persais`) и добавьте его открытую половину на хосте.">());
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

#include "base/private_key.hpp"
#include "git/layout.hpp"

#include "base/limits.hpp"
#include "base/text.hpp"
#include "git/address.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/ssh.hpp"
#include "git/ssh_settings.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <stdexcept>

#include <fmt/format.h>

namespace persais::git {

namespace {
constexpr std::size_t sha1_digits = 40, sha256_digits = 64;

// Known mistakes of old tools in many histories (without this, a clone of many well-known repositories fails). None of
// them lets a checkout write where it must not; those that do remain errors.
constexpr std::array forgiven = {"badDate",
                                 "badDateOverflow",
                                 "badEmail",
                                 "badName",
                                 "badTimezone",
                                 "missingAuthor",
                                 "missingEmail",
                                 "missingNameBeforeEmail",
                                 "missingSpaceBeforeDate",
                                 "missingSpaceBeforeEmail",
                                 "missingTaggerEntry",
                                 "multipleAuthors",
                                 "nulInCommit",
                                 "zeroPaddedDate",
                                 "zeroPaddedFilemode"};
} // namespace

void layout::prepare() const {
    for (const auto& part : {folder, home(), incoming()})
        make_private_folder(part);
    if (content_of(askpass()) != askpass_script()) write_file(askpass(), askpass_script(), 0700);
}

command layout::on_mirror(std::vector<std::string> arguments) const {
    return {.arguments = std::move(arguments), .git_dir = git()};
}

command layout::on_remote(const address& at, const remote& where, std::vector<std::string> arguments) const {
    command speaks{.arguments = std::move(arguments),
                   .settings = remote_settings(at, where),
                   .environment = remote_environment(at, where, askpass()),
                   .secret_environment = remote_secrets(at, where),
                   .protocols = at.protocol(),
                   .total = limits::git_network};
    if (!at.ssh()) return speaks;
    auto hosts = known_host_lines(where.known_hosts);
    if (!hosts) throw std::runtime_error(hosts.error());
    speaks.secret_files = {tidy_key(where.ssh_key), secret(*hosts)}; // as ssh_command names them
    speaks.environment.push_back("GIT_SSH_COMMAND=" + ssh_command());
    speaks.environment.emplace_back("GIT_SSH_VARIANT=ssh"); // otherwise git starts ssh once more to find this out
    return speaks;
}

command layout::fetch(const address& from, const remote& where, std::filesystem::path into,
                      std::vector<std::string> flags, std::vector<std::string> what) const {
    std::vector<std::string> arguments{"fetch", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
                                       "--update-shallow"}; // else what a shallow remote has is left out, silently
    std::ranges::move(flags, std::back_inserter(arguments));
    if (from.local()) arguments.push_back("--upload-pack=" + far_end("upload-pack"));
    arguments.insert(arguments.end(), {"--", from.url});
    std::ranges::move(what, std::back_inserter(arguments));
    auto fetch = on_remote(from, where, std::move(arguments));
    fetch.git_dir = std::move(into);
    for (const char* mistake : forgiven)
        fetch.settings.push_back(fmt::format("fetch.fsck.{}=ignore", mistake));
    return fetch;
}

awaitable<sandbox::child_result> layout::run(command what) const {
    return git::run(std::move(what), home());
}

awaitable<failure> layout::explain(sandbox::child_result failed, address at, remote where, doing what) const {
    std::string key;
    if (at.ssh()) key = co_await fingerprint(tidy_key(where.ssh_key), home());
    co_return git::explain(failed, at, what, where.token, key);
}

bool is_id(std::string_view s) {
    return (s.size() == sha1_digits || s.size() == sha256_digits) &&
           std::ranges::all_of(s, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string first_word(std::string_view output) {
    return std::string(output.substr(0, output.find_first_of(" \n")));
}

std::string object_format(std::string_view id) {
    return id.size() == sha256_digits ? "--object-format=sha256" : "--object-format=sha1";
}

std::function<void(std::string_view)> by_line(std::function<void(std::string_view)> tell) {
    if (!tell) return {};
    auto kept = std::make_shared<std::string>();
    return [tell = std::move(tell), kept](std::string_view piece) {
        for (char c : piece) {
            if (c != '\n' && c != '\r') {
                if (kept->size() < limits::progress_text_bytes) *kept += c;
                continue;
            }
            auto line = persais::text::printable(*kept);
            kept->clear();
            if (!persais::text::trim(line).empty()) tell(persais::text::trim(line));
        }
    };
}

std::vector<std::string_view> pieces(std::string_view s, char separator) {
    std::vector<std::string_view> list;
    while (!s.empty()) {
        auto end = s.find(separator);
        list.push_back(s.substr(0, end));
        s.remove_prefix(end == std::string_view::npos ? s.size() : end + 1);
    }
    return list;
}

} // namespace persais::git

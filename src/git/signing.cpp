#include "git/signing.hpp"

#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"

#include <fmt/format.h>

namespace persais::git {
namespace {

constexpr const char* tool = "/usr/bin/ssh-keygen";

/// ssh-keygen with its files; it may ask nobody for a passphrase.
sandbox::child_spec asked_to(std::vector<std::string> words, std::vector<secret> files, std::string input,
                             const std::filesystem::path& home) {
    words.insert(words.begin(), {tool, "-Y"});
    return {.argv = std::move(words),
            .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C", "SSH_ASKPASS_REQUIRE=force", "SSH_ASKPASS=/bin/false"},
            .folder = home.string(),
            .input = std::move(input),
            .total = limits::git_read_remote,
            .secret_files = std::move(files)};
}

std::string file(int n) {
    return fmt::format("/proc/self/fd/{}", sandbox::first_secret_file + n);
}

/// The failure is one of this machine: the form of the key was looked at when the settings were read.
failure cannot_sign(const sandbox::child_result& result) {
    if (result.how == sandbox::ended::could_not_start)
        return {error_kind::cannot_sign,
                told<"ssh-keygen, which signs commits, is not there: install openssh-client.",
                     "Нет ssh-keygen, который подписывает коммиты: установите openssh-client.">()};
    auto words = words_of(result.error);
    if (auto at = words.find(file(0)); at != words.npos) words.replace(at, file(0).size(), "it");
    return {error_kind::cannot_sign, told<"ssh-keygen cannot sign a commit with GIT_SIGNING_KEY: {}.",
                                          "ssh-keygen не может подписать коммит ключом GIT_SIGNING_KEY: {}.">(words)};
}

} // namespace

awaitable<outcome<std::string>> sign(secret key, std::string bytes, std::filesystem::path home) {
    auto made = unless_killed(co_await sandbox::run_child(
        asked_to({"sign", "-n", "git", "-f", file(0)}, {std::move(key)}, std::move(bytes), home)));
    auto signature = std::move(made.output);
    while (signature.ends_with('\n'))
        signature.pop_back();
    bool whole = signature.starts_with("-----BEGIN SSH SIGNATURE-----\n") &&
                 signature.ends_with("\n-----END SSH SIGNATURE-----");
    if (!made.ok() || !whole) co_return std::unexpected(cannot_sign(made));
    co_return signature;
}

std::string signed_commit(std::string_view commit, std::string_view signature, bool sha256) {
    auto headers = std::min(commit.find("\n\n"), commit.size());
    std::string made(commit.substr(0, headers));
    made += sha256 ? "\ngpgsig-sha256" : "\ngpgsig";
    for (auto line : pieces(signature, '\n'))
        made.append(made.ends_with("gpgsig") || made.ends_with("gpgsig-sha256") ? " " : "\n ").append(line);
    return made.append(commit.substr(headers));
}

awaitable<outcome<std::string>> try_signing(secret key, std::filesystem::path home) {
    const std::string bytes = "a commit";
    auto made = co_await sign(std::move(key), bytes, home);
    if (!made) co_return std::unexpected(made.error());
    auto seen = unless_killed(co_await sandbox::run_child(
        asked_to({"check-novalidate", "-n", "git", "-s", file(0)}, {secret(*made + "\n")}, bytes, home)));
    constexpr std::string_view before = "signature with "; // Good "git" signature with ED25519 key SHA256:…
    auto start = seen.output.find(before);
    if (!seen.ok() || start == seen.output.npos) co_return std::unexpected(cannot_sign(seen));
    start += before.size();
    co_return seen.output.substr(start, seen.output.find('\n', start) - start);
}

} // namespace persais::git

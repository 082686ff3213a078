#include "service/diffs.hpp"

#include "leaks/scanner.hpp"

namespace persais::service {

namespace {

/// A diff that is cut ends with a whole line, so it is a little shorter than the requested length.
constexpr std::size_t a_line = 64 * 1024;

/// Whether what `commit` adds to `base` is nothing for a chat. What stands at the remote was looked at before it was
/// pushed, with what the repository allows; other work (its checks run, it was stopped or aborted) was not.
awaitable<bool> may_have_a_credential(git::mirror& mirror, const mechanic::facts& k, std::string commit) {
    if (k.stands && k.stands->made.commit == commit) co_return false;
    leaks::scanner scanner(1);
    git::added_lines into{
        .file = [&](std::string_view path) { scanner.new_file(path); },
        .line = [&](std::string_view path, int number, std::string_view text) { scanner.line(path, number, text); }};
    auto read = co_await mirror.read_added(k.base, std::move(commit), std::move(into));
    co_return !read || !scanner.finish().empty();
}

} // namespace

awaitable<std::optional<git::mirror>> mirror_diffs::holding(mechanic::task of, std::string commit) const {
    git::mirror mirror(mirrors_, remote_at(of.what.remote, settings_, tokens_));
    std::error_code ec;
    if (!std::filesystem::exists(mirror.folder(), ec) || !co_await mirror.has(commit)) co_return std::nullopt;
    co_return mirror;
}

awaitable<task_diff> mirror_diffs::read(mechanic::task of, std::string commit, diff_range range, std::size_t most) {
    const auto& k = of.known;
    if (!k.made || k.base.empty()) co_return task_diff{};
    task_diff d{.what = task_diff::kind::elsewhere,
                .commit = commit.empty() ? k.made->commit : std::move(commit),
                .branch = k.branch,
                .size = k.made->size};
    bool newest = d.commit == k.made->commit;
    if (newest && range == diff_range::whole && k.made->whole.files > 0) d.size = k.made->whole; // all turns together
    auto mirror = co_await holding(of, d.commit);
    if (!mirror) co_return d;
    if (co_await may_have_a_credential(*mirror, k, d.commit)) {
        d.what = task_diff::kind::withheld;
        co_return d;
    }
    auto from = range == diff_range::last_turn ? d.commit + "^" : k.base;
    auto made = co_await mirror->diff(std::move(from), d.commit, most);
    if (!made) co_return d;
    d.what = task_diff::kind::there;
    d.text = std::move(*made);
    d.cut = d.text.size() + a_line > most;
    co_return d;
}

} // namespace persais::service

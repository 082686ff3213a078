#include "worker/leaks_in.hpp"

#include "checks/glob.hpp"
#include "leaks/scanner.hpp"
#include "worker/limits.hpp"

#include <algorithm>

namespace persais::worker {

namespace {

bool allowed(const checks::repository_file& rules, const leaks::finding& one) {
    return checks::matches_any(rules.secrets_in, one.path) ||
           std::ranges::find(rules.secret_rules, one.rule) != rules.secret_rules.end();
}

} // namespace

awaitable<git::outcome<std::vector<mechanic::leak>>> leaks_in(git::mirror& mirror, git::commit_id ground,
                                                              git::commit_id commit, checks::repository_file rules) {
    // More are looked for than are kept, because most may be allowed.
    leaks::scanner scanner(limits::leaks_looked_at);
    git::added_lines into{
        .file = [&](std::string_view path) { scanner.new_file(path); },
        .line = [&](std::string_view path, int number, std::string_view text) { scanner.line(path, number, text); }};
    auto read = co_await mirror.read_added(ground, commit, std::move(into));
    if (!read) co_return std::unexpected(read.error());
    bool full = scanner.full();
    auto found = scanner.finish();
    std::vector<mechanic::leak> kept;
    for (const auto& one : found) {
        if (allowed(rules, one)) continue;
        if (!one.secret.empty()) {
            auto stood = co_await mirror.has_text(ground, one.secret);
            if (!stood) co_return std::unexpected(stood.error());
            if (*stood) continue;
        }
        kept.push_back({one.path, one.line, one.rule, one.about, leaks::masked(one.secret)});
        if (kept.size() == limits::leaks_kept) break;
    }
    // So many were looked at that some were not: a change of that kind is not waved through.
    if (kept.empty() && full)
        kept.push_back({found.front().path, found.front().line, found.front().rule, found.front().about,
                        leaks::masked(found.front().secret)});
    co_return kept;
}

} // namespace persais::worker

#include "worker/leaks_in.hpp"

#include "checks/glob.hpp"
#include "sandbox/child.hpp"
#include "worker/limits.hpp"

#include <algorithm>

namespace persais::worker {

namespace {

bool allowed(const checks::repository_file& rules, const leaks::finding& one) {
    return checks::matches_any(rules.secrets_in, one.path) ||
           std::ranges::find(rules.secret_rules, one.rule) != rules.secret_rules.end();
}

using leaks_found = git::outcome<std::vector<mechanic::leak>>;

awaitable<git::outcome<leaks_ahead::seen>> look(git::mirror mirror, git::commit_id ground, git::commit_id commit) {
    // More are looked for than are kept, because most may be allowed.
    leaks::scanner scanner(limits::leaks_looked_at);
    git::added_lines into{
        .file = [&](std::string_view path) { scanner.new_file(path); },
        .line = [&](std::string_view path, int number, std::string_view text) { scanner.line(path, number, text); }};
    auto read = co_await mirror.read_added(std::move(ground), std::move(commit), std::move(into));
    if (!read) co_return std::unexpected(read.error());
    bool full = scanner.full();
    co_return leaks_ahead::seen{.found = scanner.finish(), .full = full};
}

awaitable<leaks_found> hold_to(git::mirror& mirror, git::commit_id ground, checks::repository_file rules,
                               leaks_ahead::seen seen) {
    std::vector<mechanic::leak> kept;
    for (const auto& one : seen.found) {
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
    if (kept.empty() && seen.full) {
        const auto& first = seen.found.front();
        kept.push_back({first.path, first.line, first.rule, first.about, leaks::masked(first.secret)});
    }
    co_return kept;
}

} // namespace

awaitable<leaks_found> leaks_in(git::mirror& mirror, git::commit_id ground, git::commit_id commit,
                                checks::repository_file rules) {
    auto seen = co_await look(mirror, ground, std::move(commit));
    if (!seen) co_return std::unexpected(seen.error());
    co_return co_await hold_to(mirror, std::move(ground), std::move(rules), std::move(*seen));
}

awaitable<void> leaks_ahead::begin(git::mirror mirror, git::commit_id ground, git::commit_id commit) {
    co_await stop();
    auto executor = co_await asio::this_coro::executor;
    now_.emplace(under_way{ground, commit, {executor, look(std::move(mirror), ground, commit)}});
}

awaitable<leaks_found> leaks_ahead::finish(git::mirror& mirror, git::commit_id ground, git::commit_id commit,
                                           checks::repository_file rules) {
    if (now_ && now_->ground == ground && now_->commit == commit) {
        git::outcome<seen> ahead;
        try {
            ahead = co_await now_->look.join();
        } catch (const boost::system::system_error& e) {
            if (e.code() == asio::error::operation_aborted) throw; // cancelled
            ahead = std::unexpected(git::failure{git::error_kind::other, e.what()});
        } catch (const std::exception&) { // it says nothing about the work, which is looked at now
            ahead = std::unexpected(git::failure{git::error_kind::other, ""});
        }
        now_.reset();
        if (ahead) co_return co_await hold_to(mirror, std::move(ground), std::move(rules), std::move(*ahead));
    }
    co_await stop();
    co_return co_await leaks_in(mirror, std::move(ground), std::move(commit), std::move(rules));
}

awaitable<void> leaks_ahead::stop() {
    if (now_) co_await now_->look.stop();
    now_.reset();
}

} // namespace persais::worker

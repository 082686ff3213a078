#include "app/chat_deeds.hpp"

#include "base/temp_dir.hpp"
#include "git/probe.hpp"
#include "service/remote_tokens.hpp"
#include "service/wishes.hpp"
#include "telegram/dialog/limits.hpp"

namespace persais::app {

namespace fs = std::filesystem;
using telegram::task_diff;

awaitable<task_diff> diff_of(const worker::dependencies& with, task_id id, std::string commit) {
    auto found = co_await with.tasks.load(id);
    if (!found || !found->task.known.made) co_return task_diff{};
    const auto& k = found->task.known;
    task_diff d{.commit = commit.empty() ? k.made->commit : commit, .branch = k.branch, .size = k.made->size};
    if (d.commit == k.made->commit && k.made->whole.files > 0) d.size = k.made->whole; // all turns together
    git::mirror mirror(with.mirrors, service::remote_at(found->task.what.remote, with.settings, with.tokens));
    std::error_code ec;
    d.what = task_diff::kind::elsewhere;
    if (!fs::exists(mirror.folder(), ec) || !co_await mirror.has(d.commit)) co_return d;
    auto made = co_await mirror.diff(k.base, d.commit, limits::chat_file_bytes);
    if (!made) co_return d;
    d.what = task_diff::kind::there;
    d.text = std::move(*made);
    d.cut = d.text.size() + 64 * 1024 > limits::chat_file_bytes; // it is cut at a line's end
    co_return d;
}

awaitable<result<telegram::abort_end>> abort_for_chat(const worker::dependencies& with, task_id id) {
    auto how = co_await service::abort_task(with.tasks, with.time, id);
    if (!how) co_return std::unexpected(how.error());
    switch (*how) {
    case service::abort_end::asked:
        co_return telegram::abort_end::asked;
    case service::abort_end::turn_aborted:
        co_return telegram::abort_end::turn;
    case service::abort_end::aborted:
        break;
    }
    co_return telegram::abort_end::whole;
}

awaitable<std::optional<mechanic::order>> retry_for_chat(const worker::dependencies& with, mechanic::task old) {
    auto order = service::order_of_retry(old, co_await with.tasks.turns_of(old.id), with.settings);
    co_return order ? std::optional(std::move(*order)) : std::nullopt;
}

awaitable<telegram::remote_verdict> try_remote(const config::settings& settings, std::string url, std::string token) {
    auto remote = service::remote_at(url, settings);
    if (!token.empty()) remote.token = token;
    passing_folder folder;
    telegram::remote_verdict verdict;
    auto seen = co_await git::look_at(folder.path(), remote);
    if (!seen) {
        verdict.cannot_read = seen.error().sentence;
    } else if (auto pushed = co_await git::rehearse_push(folder.path(), remote); !pushed) {
        verdict.cannot_push = pushed.error().sentence;
    }
    co_return verdict;
}

} // namespace persais::app

// The executor's part of a landing that the forge carries out, by a pull request.
#include "base/async.hpp"
#include "base/told.hpp"
#include "git/merged.hpp"
#include "worker/command_executor.hpp"
#include "worker/limits.hpp"
#include "worker/request_merge.hpp"
#include "worker/request_text.hpp"
#include "worker/requests_of.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

namespace persais::worker {

using namespace mechanic;

namespace {

constexpr std::string_view by_request = "DEPLOY_STRATEGY=request";

remote_trouble no_requests(const std::string& sentence) {
    return {"no_push", sentence};
}

/// It is looked for again.
remote_trouble not_shown_yet(const forge::requests& at, const std::string& merged) {
    return {"network",
            told<"{} merged it as {}, which its repository does not show yet.",
                 "{} слил это как {}, но в репозитории этого ещё не видно.">(at.name(), merged.substr(0, 10))};
}

} // namespace

awaitable<std::optional<mechanic::event>> local_executor::find_merged(task t, replayed& now) {
    const auto& l = *t.known.lands;
    const auto head = l.what == landing::kind::deploy ? l.commit : l.made;
    if (head.empty()) co_return std::nullopt; // nothing was offered yet
    auto at = requests_of(with_, t.what.remote, by_request);
    if (!at) co_return no_requests(at.error());
    auto found = co_await merged_already(**at, branch_of_request(t), t.known.base_branch, head);
    if (!found) co_return trouble_event(found.error());
    if (!*found) co_return std::nullopt;
    auto& mirror = mirror_of(t);
    auto before = co_await git::before_merge(mirror, (*found)->commit, head,
                                             l.what == landing::kind::deploy ? t.known.base : l.onto);
    if (!before) co_return not_shown_yet(**at, (*found)->commit);
    now.there = head;
    now.as = landed{(*found)->commit, *before};
    co_return std::nullopt;
}

awaitable<std::optional<mechanic::event>> local_executor::leave_queue(task t) {
    const int number = t.known.lands->request;
    auto at = number > 0 ? requests_of(with_, t.what.remote, by_request) : nullptr;
    if (!at || !*at) co_return std::nullopt;
    co_return co_await taken_out(**at, number, t.known.lands->waits_on);
}

awaitable<std::optional<mechanic::event>> local_executor::offer(task t, std::string branch, std::string commit) {
    auto& mirror = mirror_of(t);
    const auto& ours = t.known.lands->offered;
    std::optional<git::commit_id> there;
    if (auto tip = co_await mirror.commit_of(branch)) there = *tip;
    if (there && *there != commit && std::ranges::find(ours, *there) == ours.end())
        co_return no_requests(
            told<"The branch {} holds {}, which is not what was approved; nothing was pushed.",
                 "В ветке {} стоит {}, а не то, что одобрили; ничего не отправлено.">(branch, there->substr(0, 10)));
    auto pushed = co_await mirror.push(branch, commit, there);
    if (pushed) co_return std::nullopt;
    if (pushed.error().kind == git::error_kind::moved) co_return no_requests(pushed.error().sentence);
    co_return stopped(pushed.error(), 0, true);
}

awaitable<mechanic::event> local_executor::do_request(task t, land what) {
    const auto& l = *t.known.lands;
    auto at = requests_of(with_, t.what.remote, by_request);
    if (!at) co_return no_requests(at.error());
    const auto head = l.what == landing::kind::deploy ? l.commit : what.commit;
    auto text = request_text(t);
    request_plan plan{.branch = text.branch,
                      .base = text.base,
                      .head = head,
                      .onto = what.expected,
                      .known = l.request,
                      .queued = l.waits_on && l.waits_on->what == request_need::queue,
                      .title = text.title,
                      .body = text.body,
                      .most = with_.settings.deploy_request_timeout,
                      .offer = [&] { return offer(t, text.branch, head); },
                      .tell = [this](const auto& sentence) { say(progress::kind::requesting, sentence); }};
    auto end = co_await merge_by_request(**at, std::move(plan), with_.time);
    if (auto news = (*at)->take_notice(); !news.empty()) {
        spdlog::warn("task {}: {}", t.id.value, news);
        say(progress::kind::requesting, news);
    }
    if (auto* other = std::get_if<mechanic::event>(&end)) {
        // A terminal shows how long it has been; the chat has a message of its own for what it waits for.
        if (auto* waits = std::get_if<request_waits>(other)) say(progress::kind::requesting, waits->what.said);
        co_return std::move(*other);
    }
    auto& merged = std::get<merged_request>(end);
    auto& mirror = mirror_of(t);
    if (auto fresh = co_await mirror.refresh(); !fresh) co_return not_shown_yet(**at, merged.commit);
    auto before = co_await git::before_merge(mirror, merged.commit, head,
                                             l.what == landing::kind::deploy ? t.known.base : what.expected);
    if (!before) co_return not_shown_yet(**at, merged.commit);
    co_return pushed{.as = landed{merged.commit, *before}, .request = merged.page};
}

awaitable<std::string> local_executor::draft_of(task t) {
    if (with_.settings.review_request != "draft") co_return std::string();
    auto at = requests_of(with_, t.what.remote, by_request);
    if (!at) co_return std::string();
    try {
        auto page = co_await with_deadline(limits::draft_request, open_draft(**at, request_text(t)));
        if (page) co_return std::move(*page);
        spdlog::warn("task {}: no draft was opened: {}", t.id.value, page.error().sentence);
    } catch (const deadline_passed&) {
        spdlog::warn("task {}: no draft was opened: the forge did not answer in time", t.id.value);
    }
    co_return std::string(); // the result stands without it; a deploy opens a request
}

} // namespace persais::worker

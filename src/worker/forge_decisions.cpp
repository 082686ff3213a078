// What becomes of something that was written at a forge.
#include "base/url.hpp"
#include "queue/add_task.hpp"
#include "queue/turns.hpp"
#include "service/forge_orders.hpp"
#include "service/orders.hpp"
#include "service/people.hpp"
#include "worker/forge_intake.hpp"
#include "worker/forge_listening.hpp"
#include "worker/requests_of.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace persais::worker {

namespace {

using kind = forge::written::kind;

std::string mark_of(const queue::heard& what) {
    return lower_case(fmt::format("heard-{}-{}", what.kind, what.thing));
}

queue::forge_note note(const queue::heard& what, int number, std::optional<task_id> task, std::string body) {
    return {
        .id = 0, .task = task, .remote = what.remote, .number = number, .mark = mark_of(what), .body = std::move(body)};
}

/// Whether both addresses are of one repository.
bool same_place(const std::string& one, const std::string& other, const std::string& setting) {
    if (one == other) return true;
    auto a = forge::place_of(one, setting), b = forge::place_of(other, setting);
    return a && b && a->kind == b->kind && lower_case(a->web) == lower_case(b->web);
}

} // namespace

forge_intake::decided forge_intake::refused(const queue::heard& what, int number, const std::string& why) {
    return {"refused", {queue::say_at_forge(note(what, number, {}, service::calls_nobody(why)))}};
}

awaitable<forge_intake::decision> forge_intake::decide(queue::heard what) {
    auto which = forge::written_kind(what.kind);
    auto at = conversations_of(with_, what.remote);
    auto all = all_listened(with_);
    if (!which || !at || std::ranges::find(all, what.remote, &listened::remote) == all.end())
        co_return decided{"ignored"};
    auto said =
        co_await at->read({.what = *which, .id = what.thing, .number = what.number, .branch = what.branch, .at = {}});
    if (!said) co_return std::unexpected(std::move(said.error()));
    if (!*said) co_return decided{"ignored"};
    auto& words = **said;
    if (*which != kind::red) {
        const auto& name = with_.settings.forge_mention;
        bool named = service::names_mechanic(words.text, name);
        bool reviews = *which == kind::review && !words.answers;
        if (words.by_bot || words.author.empty() || service::written_by_us(words.text) || !(named || reviews))
            co_return decided{"ignored"};
        auto may = co_await at->may_write(words.author);
        if (!may) co_return std::unexpected(std::move(may.error()));
        if (!*may) co_return decided{"ignored"};
    }
    co_return co_await decide_on(std::move(what), std::move(words));
}

awaitable<std::optional<queue::snapshot>> forge_intake::task_at(const queue::heard& what, const forge::thread& where) {
    auto id = task_of_branch(where.branch);
    if (!id || !where.is_request || !where.open) co_return std::nullopt;
    auto found = co_await with_.requests.load(*id);
    if (!found || found->task.known.branch != where.branch) co_return std::nullopt;
    if (!same_place(found->task.what.remote, what.remote, with_.settings.forge)) co_return std::nullopt;
    co_return found;
}

awaitable<forge_intake::decision> forge_intake::decide_on(queue::heard what, forge::words said) {
    auto ours = co_await task_at(what, said.where);
    if (what.kind == "red") {
        if (!ours) co_return decided{"ignored"};
        co_return co_await mend(std::move(what), std::move(said), std::move(*ours));
    }
    auto author = co_await queue::author_at_forge(db_, "github", lower_case(said.author));
    if (auto why = co_await no_right_here(author, what.remote); !why.empty())
        co_return refused(what, said.where.number, why);
    if (ours) co_return co_await reply(std::move(what), std::move(said), std::move(*ours), std::move(author));
    if (!service::names_mechanic(said.text, with_.settings.forge_mention)) co_return decided{"ignored"};
    co_return co_await begin_task(std::move(what), std::move(said), std::move(author));
}

/// The forge's right is enough, unless the person is known here and has less.
awaitable<std::string> forge_intake::no_right_here(const queue::forge_author& author, std::string remote) {
    if (!author.person) co_return std::string();
    auto known = co_await service::load_known_people(db_);
    auto may = service::may_give(service::role_in(*author.person, remote, with_.settings, known));
    co_return may ? std::string() : may.error().sentence;
}

awaitable<forge_intake::decision> forge_intake::begin_task(queue::heard what, forge::words said,
                                                           queue::forge_author author) {
    const auto number = said.where.number;
    if (auto may = service::may_wait(author.waiting, author.most_waiting); !may)
        co_return refused(what, number, may.error().sentence);
    auto own = service::repository_at(with_.repositories, what.remote);
    service::request wish{
        .instruction = service::order_at_forge(*forge::written_kind(what.kind), said, with_.settings.forge_mention),
        .remote = what.remote,
        .asked_by = author.person ? std::to_string(*author.person) : std::string()};
    // What is asked for at somebody's request is about their branch.
    if (said.where.is_request && said.where.open && !said.where.branch.empty()) wish.base_branch = said.where.branch;
    auto order = service::order_from(std::move(wish), with_.settings, own.get());
    if (!order) co_return refused(what, number, order.error().sentence);
    auto id = co_await queue::reserve_task(db_);
    decided all{"task"};
    all.writes.push_back(queue::add_statement(id, *order, std::chrono::milliseconds(0), "[]"));
    all.writes.push_back(queue::came_from_forge({.task = id,
                                                 .turn = 0,
                                                 .remote = what.remote,
                                                 .number = number,
                                                 .author = said.author,
                                                 .person = author.person}));
    if (author.person && author.has_chat && !with_.settings.telegram_bot_token.empty())
        all.writes.push_back(queue::also_in_chat(id, *author.person, author.language));
    all.writes.push_back(queue::say_at_forge(note(what, number, id, service::accepted_at_forge(id, 0, false))));
    co_return all;
}

awaitable<forge_intake::decision> forge_intake::reply(queue::heard what, forge::words said, queue::snapshot to,
                                                      queue::forge_author author) {
    const auto id = to.task.id;
    const auto number = said.where.number;
    auto words = service::instruction_from(service::reply_at_forge(said, with_.settings.forge_mention));
    if (!words) co_return refused(what, number, words.error().sentence);
    if (!service::asks_for_something(*words)) co_return decided{"ignored"};
    if (auto may = service::may_keep(co_await queue::kept_replies(db_, id)); !may)
        co_return refused(what, number, may.error().sentence);
    const int turn = to.last_turn + 1;
    decided all{"turn"};
    all.writes.push_back(queue::reply_statement(id, {turn, *words, author.person}));
    all.writes.push_back(queue::came_from_forge({.task = id,
                                                 .turn = turn,
                                                 .remote = what.remote,
                                                 .number = number,
                                                 .author = said.author,
                                                 .person = author.person}));
    all.writes.push_back(queue::say_at_forge(note(what, number, id, service::accepted_at_forge(id, turn, false))));
    co_return all;
}

awaitable<forge_intake::decision> forge_intake::mend(queue::heard what, forge::words said, queue::snapshot task) {
    const auto* shown = std::get_if<mechanic::review>(&task.task.now);
    // What is under way makes another commit, or has been decided on.
    if (!shown || shown->commit != what.thing || task.kept || said.red.empty()) co_return decided{"ignored"};
    if (said.running)
        co_return std::unexpected(forge::trouble{forge::trouble::kind::away, "not all of its checks have ended", {}});
    const auto id = task.task.id;
    const auto number = said.where.number;
    const int tried = co_await queue::mended_in_a_row(db_, id);
    if (tried >= with_.settings.repair_rounds) {
        // Of a repository that wants none it is not worth a word.
        if (tried == 0) co_return decided{"ignored"};
        co_return refused(what, number,
                          fmt::format("The checks of the forge are still red after {} tries to mend them: somebody has "
                                      "to look.",
                                      tried));
    }
    const int turn = task.last_turn + 1;
    decided all{"turn"};
    all.writes.push_back(queue::reply_statement(id, {turn, service::order_to_mend(said), {}}));
    all.writes.push_back(queue::came_from_forge(
        {.task = id, .turn = turn, .remote = what.remote, .number = number, .author = {}, .person = {}}));
    all.writes.push_back(queue::say_at_forge(note(what, number, id, service::accepted_at_forge(id, turn, true))));
    co_return all;
}

} // namespace persais::worker

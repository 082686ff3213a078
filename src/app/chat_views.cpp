#include "app/chat_views.hpp"

#include "app/limits.hpp"
#include "forge/place.hpp"
#include "git/diff_files.hpp"
#include "mechanic/step.hpp"
#include "memory/recall.hpp"
#include "queue/listing.hpp"
#include "service/retry_interrupted.hpp"
#include "telegram/api/limits.hpp"
#include "telegram/api/utf16.hpp"
#include "telegram/outbound/render.hpp"
#include "telegram/outbound/render_lists.hpp"
#include "telegram/store/task_messages.hpp"

namespace persais::app {

using namespace mechanic;
using namespace telegram;

namespace {

std::chrono::seconds seconds_between(time_point from, time_point to) {
    return std::chrono::duration_cast<std::chrono::seconds>(std::max(to - from, {}));
}

std::optional<phrase> phrase_of(git::file_note note) {
    using enum git::file_note;
    switch (note) {
    case executable:
        return phrase::file_executable;
    case not_executable:
        return phrase::file_not_executable;
    case link:
        return phrase::file_link;
    case no_link:
        return phrase::file_no_link;
    case submodule:
        return phrase::file_submodule;
    case none:
        break;
    }
    return std::nullopt;
}

/// The data that a message is made of.
struct view_of_task {
    const worker::dependencies& with; // owned by the wiring, as the next two
    service::diffs& diffs;
    store::pool& db;
    task t;
    queue::task_metadata beside;
    spending cost;

    static awaitable<std::optional<view_of_task>> read(const worker::dependencies& with, service::diffs& diffs,
                                                       store::pool& db, task_id id) {
        auto found = co_await with.requests.load(id);
        auto beside = co_await queue::load_task_metadata(db, id);
        if (!found || !beside) co_return std::nullopt;
        auto s = co_await with.gateway.spent_by(id);
        co_return view_of_task{with,
                               diffs,
                               db,
                               std::move(found->task),
                               std::move(*beside),
                               {.usd = s.cost_usd, .estimated = s.estimated, .calls = s.calls}};
    }

    /// The task as it was when another turn followed this one.
    static awaitable<std::optional<view_of_task>> read_earlier(const worker::dependencies& with, service::diffs& diffs,
                                                               store::pool& db, task_id id, int turn) {
        auto v = co_await read(with, diffs, db, id);
        auto then = co_await telegram::came_to(db, id, turn);
        if (!v || !then) co_return std::nullopt;
        const auto& s = then->known.seconds;
        auto worked = s.preparing + s.coding + s.checking + s.publishing;
        v->t = std::move(*then);
        v->beside.changed = v->beside.asked + std::chrono::seconds(static_cast<long>(worked));
        co_return v;
    }

    live under_way(std::optional<progress> doing) const {
        live now{.repository = forge::short_name(t.what.remote),
                 .doing = std::move(doing),
                 .elapsed = seconds_between(beside.asked, beside.read_at),
                 .cost = cost,
                 .abort_wished = beside.abort_wished,
                 .unsafe = !with.backend.confines()};
        now.again_in = std::visit(
            each_state{
                [&](const queued& s) { return seconds_between(beside.read_at, s.not_before); },
                [&](const waiting& s) { return seconds_between(beside.read_at, s.until); },
                [](const one_of<preparing, coding, checking, publishing, answering, review, failed, aborted, parked,
                                expired, answered, deploying, deployed, rolling_back, rolled_back, discarded> auto&) {
                    return std::chrono::seconds(0);
                }},
            t.now);
        return now;
    }

    /// Retried when git was killed: without the diff the message itself would be given up.
    awaitable<std::string> diff() const {
        return service::retry_interrupted([this] { return read_diff(); });
    }

    awaitable<std::string> read_diff() const {
        auto range = t.known.turn > 0 ? service::diff_range::last_turn : service::diff_range::whole;
        co_return (co_await diffs.read(t, {}, range, limits::chat_diff_bytes)).text;
    }

    awaitable<ending> ended(std::string diff) const {
        ending how{.repository = forge::short_name(t.what.remote),
                   .web = forge::place_of(
                       t.what.remote, service::forge_of(service::repository_at(with.repositories, t.what.remote).get(),
                                                        with.settings)),
                   .took = seconds_between(beside.asked, beside.changed),
                   .cost = cost,
                   .unsafe = !with.backend.confines()};
        for (const auto& each : co_await memory::given_to(db, t.id))
            how.used.push_back({each.task, each.at});
        for (auto& f : git::files_of(diff))
            how.files.push_back({std::move(f.path), f.insertions, f.deletions, f.binary, phrase_of(f.note)});
        if (how.files.size() != static_cast<std::size_t>(t.known.made ? t.known.made->size.files : 0))
            how.files.clear();
        co_return how;
    }
};

/// A short diff is added to the result; for a longer one there is a button.
void add_diff(outgoing& to, reader l, const task& t, const std::string& diff) {
    if (diff.empty() || !std::holds_alternative<review>(t.now)) return;
    auto block = diff_message(l, t.id, t.known.made->size, t.known.made->commit, diff);
    if (!block) return;
    auto whole = to.text + plain("\n\n") + pre(diff, "diff");
    if (units(whole.text) <= limits::telegram_text_units && whole.entities.size() <= limits::telegram_entities)
        to.text = std::move(whole);
}

awaitable<std::optional<task_view>> message_of_task(const worker::dependencies& with, service::diffs& diffs,
                                                    store::pool& db, task_id id, std::optional<progress> doing,
                                                    reader l) {
    auto v = co_await view_of_task::read(with, diffs, db, id);
    if (!v) co_return std::nullopt;
    if (!is_settled(v->t.now)) {
        auto now = v->under_way(std::move(doing));
        if (auto ahead = co_await telegram::tasks_ahead(db, id)) now.ahead = *ahead;
        co_return task_view{progress_message(l, v->t, now), v->t.known.turn, std::string(name_of(v->t.now)), false};
    }
    auto diff = co_await v->diff();
    auto how = co_await v->ended(diff);
    task_view seen{{}, v->t.known.turn, std::string(name_of(v->t.now)), true};
    if (std::holds_alternative<answered>(v->t.now)) {
        seen.what = answer_messages(l, v->t, how).front();
    } else {
        seen.what = result_message(l, v->t, how);
        add_diff(seen.what, l, v->t, diff);
    }
    co_return seen;
}

awaitable<std::vector<outgoing>> notices_of_task(const worker::dependencies& with, service::diffs& diffs,
                                                 store::pool& db, task_id id, std::string sentence, reader l) {
    auto v = co_await view_of_task::read(with, diffs, db, id);
    std::vector<outgoing> all;
    if (!v || is_withdrawn(v->t)) co_return all; // its message says everything
    if (tells_earlier_end(v->t, sentence)) {
        all.push_back(earlier_end_notice(l, v->t, sentence));
        co_return all;
    }
    if (!is_settled(v->t.now)) { // it waits, and people should hear why
        auto now = v->under_way({});
        if (!sentence.empty()) now.doing = progress{progress::kind::other, std::move(sentence)};
        auto told = progress_message(l, v->t, now);
        told.rows.clear(); // the buttons are on the task's own message
        all.push_back(std::move(told));
        co_return all;
    }
    if (std::holds_alternative<answered>(v->t.now)) {
        all = answer_messages(l, v->t, co_await v->ended({}));
        all.erase(all.begin()); // it is the task's own message
    }
    all.push_back(done_notice(l, v->t));
    co_return all;
}

awaitable<std::optional<outgoing>> message_of_earlier(const worker::dependencies& with, service::diffs& diffs,
                                                      store::pool& db, task_id id, int turn, reader l) {
    auto v = co_await view_of_task::read_earlier(with, diffs, db, id, turn);
    if (!v) co_return std::nullopt;
    auto diff = co_await v->diff();
    auto result = overtaken_message(l, v->t, co_await v->ended(diff));
    add_diff(result, l, v->t, diff);
    co_return result;
}

awaitable<std::vector<outgoing>> notices_of_earlier(const worker::dependencies& with, service::diffs& diffs,
                                                    store::pool& db, task_id id, int turn, reader l) {
    auto v = co_await view_of_task::read_earlier(with, diffs, db, id, turn);
    std::vector<outgoing> all;
    if (!v) co_return all;
    if (std::holds_alternative<answered>(v->t.now)) {
        all = answer_messages(l, v->t, co_await v->ended({}));
        all.erase(all.begin()); // it is the turn's own message
    }
    all.push_back(done_notice(l, v->t));
    co_return all;
}

} // namespace

task_views chat_views(const worker::dependencies& with, service::diffs& diffs, store::pool& db,
                      std::function<bool(std::int64_t chat)> admin_reads, std::function<void()> chat_gone) {
    return {
        .message = [&with, &diffs, &db](task_id id, std::optional<progress> doing,
                                        reader l) { return message_of_task(with, diffs, db, id, std::move(doing), l); },
        .notices = [&with, &diffs,
                    &db](task_id id, std::string sentence,
                         reader l) { return notices_of_task(with, diffs, db, id, std::move(sentence), l); },
        .earlier = [&with, &diffs, &db](task_id id, int turn,
                                        reader l) { return message_of_earlier(with, diffs, db, id, turn, l); },
        .earlier_notices = [&with, &diffs, &db](task_id id, int turn,
                                                reader l) { return notices_of_earlier(with, diffs, db, id, turn, l); },
        .admin_reads = std::move(admin_reads),
        .chat_gone = std::move(chat_gone)};
}

} // namespace persais::app

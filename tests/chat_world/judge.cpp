#include "chat_world/judge.hpp"

#include "chat_world/process.hpp"

#include <algorithm>

namespace persais::chat_world {

namespace {

/// Every update was acknowledged, is stored once, and had an effect.
void updates_have_one_effect(simulation& in, report& r) {
    auto rows = in.store.look("select update_id, coalesce(effect, '') from inbox order by update_id");
    std::map<std::int64_t, std::string> effects;
    for (int i = 0; i < rows.size(); ++i) {
        effects[rows.number(i, 0)] = rows.text(i, 1);
        ++r.effects[effects[rows.number(i, 0)]];
    }
    for (const auto& [number, body] : in.telegram.updates) {
        ++r.updates;
        if (!in.telegram.acknowledged.contains(number))
            in.violated(fmt::format("update {} was never acknowledged", number));
        auto found = effects.find(number);
        if (found == effects.end())
            in.violated(fmt::format("update {} was acknowledged and is not there", number));
        else if (found->second.empty() || found->second == "failed")
            in.violated(fmt::format("update {} came to nothing: \"{}\"", number, found->second));
    }
}

/// What was taken for an instruction is in exactly one task or turn.
void instructions_are_carried_out_once(simulation& in) {
    auto rows =
        in.store.look("select u, w, effect, (select count(*) from tasks where retry_of is null and from_answer is null "
                      "and instruction ~ ('\\m' || w || '\\M')) + "
                      "(select count(*) from task_turns where instruction ~ ('\\m' || w || '\\M')) from (select "
                      "update_id as u, effect, "
                      "(regexp_match(convert_from(body, 'UTF8'), '\"text\":\"(?:do|and then|/ask why|better "
                      "do|@mechanic_bot do) (w[0-9]+)\"'))[1] as w from inbox "
                      "where effect in ('task', 'turn', 'question', 'joined')) x where w is not null order by u");
    bool again = in.store.look("select 1 from buttons where action = 'retry' and used_at is not null").size() > 0;
    bool edited =
        in.store.look("select 1 from inbox where convert_from(body, 'UTF8') like '%edited_message%'").size() > 0;
    for (int i = 0; i < rows.size(); ++i) {
        auto times = rows.number(i, 3);
        if (times == 1 || (times > 1 && again) || (times == 0 && edited)) continue;
        in.violated(fmt::format("what update {} says ({}, {}) is in {} tasks and turns", rows.number(i, 0),
                                rows.text(i, 1), rows.text(i, 2), times));
    }
}

/// What was withdrawn was never begun, and a part of a text that was refused is in nothing that was begun.
void what_is_too_long_begins_nothing(simulation& in) {
    auto begun = in.store.look(
        "select id from tasks where withdrawn and fence > 0 and coalesce((facts ->> 'turn')::int, 0) = 0");
    for (int i = 0; i < begun.size(); ++i)
        in.violated(fmt::format("task {} was withdrawn and begun", begun.number(i, 0)));
    auto rows = in.store.look(
        "select u, l from (select update_id as u, (regexp_match(convert_from(body, 'UTF8'), 'at length "
        "(l[0-9]+p[0-9]+) "
        "'))[1] as l from inbox where effect = 'refused') x where l is not null and (exists (select from tasks where "
        "not withdrawn and instruction like '%' || l || ' %') or exists (select from task_turns where state = 'begun' "
        "and "
        "instruction like '%' || l || ' %')) order by u");
    for (int i = 0; i < rows.size(); ++i)
        in.violated(fmt::format("update {} was refused, and {} is worked on", rows.number(i, 0), rows.text(i, 1)));
}

/// Each task has settled, its message shows the result, and every sentence about it is in its chat.
void verdicts_are_told(simulation& in, report& r) {
    auto rows = in.store.look(
        "select t.id, t.state, coalesce((t.facts ->> 'turn')::int, 0), c.chat_id, m.message_id, m.ended, t.withdrawn "
        "from tasks t "
        "left join task_chats c on c.task_id = t.id left join task_messages m on m.task_id = t.id and "
        "m.turn = (select max(turn) from task_messages where task_id = t.id and turn <= coalesce((t.facts ->> "
        "'turn')::int, 0)) order by t.id");
    for (int i = 0; i < rows.size(); ++i) {
        ++r.tasks;
        auto id = rows.number(i, 0);
        auto state = std::string(rows.text(i, 1));
        static constexpr std::array open{"queued", "preparing", "coding", "checking", "publishing", "answering"};
        if (std::ranges::find(open, state) != open.end()) in.violated(fmt::format("task {} is still {}", id, state));
        if (rows.null(i, 3)) {
            in.violated(fmt::format("task {} belongs to no chat", id));
            continue;
        }
        bool withdrawn = rows.boolean(i, 6) && rows.number(i, 2) == 0;
        const auto& chat = in.telegram.chats[rows.number(i, 3)];
        auto shows = fmt::format("task {} is {} in turn {}", id, state, rows.number(i, 2));
        if (std::ranges::none_of(chat, [&](const auto& m) { return m.from_bot && m.text == shows; }))
            in.violated(fmt::format("no message in chat {} shows that {}", rows.number(i, 3), shows));
        // Of two sentences that wait at the same time only the later one is sent, so the last one must be in the chat.
        auto told = in.store.look(fmt::format(
            "select body, coalesce(turn, 0) from outbox where task_id = {} and request is null and body <> '' "
            "order by id desc limit 1",
            id));
        if (withdrawn) continue; // its message says it
        if (told.empty()) {
            if (state != "waiting") in.violated(fmt::format("nobody was told what task {} came to", id));
            continue;
        }
        bool overtaken = told.number(0, 1) < rows.number(i, 2);
        auto words = notice_text({id}, overtaken ? "" : told.text(0, 0));
        if (std::ranges::none_of(chat, [&](const auto& m) { return m.from_bot && m.text.starts_with(words); }))
            in.violated(fmt::format("\"{}\" does not stand in the chat of task {}", words, id));
    }
}

void nothing_waits_to_be_sent(simulation& in) {
    auto rows = in.store.look(
        "select format('%s of task %s, turn %s, to %s: %s %s', id, task_id, turn, chat_id, coalesce(failed, 'waits'), "
        "coalesce(request ->> 'remember', request ->> 'method', body)) from outbox where (sent_at is null and "
        "(chat_id is not null or exists (select 1 from task_chats c where c.task_id = outbox.task_id))) or failed is "
        "not null order by id");
    for (int i = 0; i < rows.size(); ++i)
        in.violated(fmt::format("message {}", rows.text(i, 0)));
}

/// Nobody is told of others' tasks, and a stranger whom no admin let in of none.
void each_is_told_of_their_own(simulation& in) {
    auto rows = in.store.look("select task_id, chat_id from task_chats");
    bool let_in = in.store.look("select 1 from people where id = 9 and let_in").size() > 0;
    std::map<std::string, std::int64_t> home;
    for (int i = 0; i < rows.size(); ++i)
        home[std::string(rows.text(i, 0))] = rows.number(i, 1);
    for (const auto& [chat, all] : in.telegram.chats)
        for (const auto& m : all) {
            if (!m.from_bot) continue;
            if (chat == 9 && !let_in) in.violated("a stranger was told something");
            auto text = m.text.starts_with("of task ") ? m.text.substr(8)
                        : m.text.starts_with("task ")  ? m.text.substr(5)
                                                       : "";
            auto number = text.substr(0, text.find_first_not_of("0123456789"));
            if (home.contains(number) && home[number] != chat)
                in.violated(fmt::format("chat {} is told of task {}", chat, number));
        }
}

/// The admin is told once that the stranger asks to be let in, whichever service hears which of the stranger's
/// messages.
void a_stranger_is_asked_about_once(simulation& in) {
    auto count = [&](std::string_view rows) {
        return in.store.look(fmt::format("select count(*) from {}", rows)).number(0, 0);
    };
    auto wrote = count("inbox where convert_from(body, 'UTF8') like '%let me in %' and effect = 'refused'");
    auto asked = count("outbox where request #>> '{body,text}' like '%asks to be let in.'");
    if (asked != (wrote > 0 ? 1 : 0))
        in.violated(fmt::format("a stranger wrote {} times, and was asked about {} times", wrote, asked));
}

} // namespace

void judge_chats(simulation& in, report& r) {
    updates_have_one_effect(in, r);
    instructions_are_carried_out_once(in);
    what_is_too_long_begins_nothing(in);
    verdicts_are_told(in, r);
    nothing_waits_to_be_sent(in);
    each_is_told_of_their_own(in);
    a_stranger_is_asked_about_once(in);
    // Each row of the outbox is one message, and so is a turn's own message without a row. Messages beyond these were
    // sent again.
    auto sent = in.store
                    .look("select (select count(*) from outbox where chat_id is not null and sent_at is not null and "
                          "failed is null) + "
                          "(select count(*) from task_messages m where message_id is not null and not exists (select 1 "
                          "from outbox o "
                          "where o.request -> 'remember' ->> 'kind' = 'progress' and (o.request -> 'remember' ->> "
                          "'task')::bigint = m.task_id "
                          "and (o.request -> 'remember' ->> 'turn')::int = m.turn))")
                    .number(0, 0);
    for (const auto& [chat, all] : in.telegram.chats)
        r.duplicates += static_cast<int>(std::ranges::count_if(all, &standing::from_bot));
    r.duplicates = std::max(0, r.duplicates - static_cast<int>(sent));
    if (in.crashes == 0 && in.doubts == 0 && in.database_away.count() == 0 && r.duplicates > 0)
        in.violated(fmt::format("{} messages were sent again though nobody was in doubt", r.duplicates));
}

} // namespace persais::chat_world

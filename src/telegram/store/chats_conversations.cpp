#include "telegram/store/chats.hpp"

#include <fmt/format.h>

// What a conversation has chosen, and what it can choose from.
namespace persais::telegram {

using store::param;
using store::statement;

namespace {

/// Sets one column of a conversation that may not have a row yet.
statement set_column(chat_place where, std::string_view column, std::string_view type, param value) {
    return {fmt::format("insert into conversations (chat_id, topic_id, {0}) values ($1::bigint, $2::bigint, $3::{1}) "
                        "on conflict (chat_id, topic_id) do update set {0} = excluded.{0}",
                        column, type),
            {std::to_string(where.chat), std::to_string(where.topic), std::move(value)}};
}

constexpr auto columns = "id, name, remote, base_branch, setup, check_command, token is not null";

repository read_repository(const store::rows& r, int row) {
    auto text = [&](int column) {
        return r.null(row, column) ? std::nullopt : std::optional(std::string(r.text(row, column)));
    };
    return {.id = r.number(row, 0),
            .name = std::string(r.text(row, 1)),
            .remote = std::string(r.text(row, 2)),
            .base_branch = text(3),
            .setup = text(4),
            .check = text(5),
            .has_token = r.boolean(row, 6)};
}

} // namespace

statement choose_repository(chat_place where, std::optional<std::int64_t> repository) {
    return set_column(where, "repository", "bigint", store::opt(repository));
}
statement choose_model(chat_place where, const std::optional<std::string>& model) {
    return set_column(where, "model", "text", model);
}
statement choose_budget(chat_place where, std::optional<double> usd) {
    return set_column(where, "budget_usd", "float8", usd ? param(fmt::format("{}", *usd)) : param());
}
statement expect(chat_place where, const std::string& json) {
    return set_column(where, "expects", "jsonb", json.empty() ? param() : param(json));
}
awaitable<std::vector<expected_answer>> all_expected(store::pool& db, std::string what, std::string step) {
    auto r = co_await db.query("select c.chat_id, c.topic_id, c.expects, coalesce(p.language, p.client_language, '') "
                               "from conversations c left join people p on p.id = (c.expects ->> 'person')::bigint "
                               "where c.expects ->> 'what' = $1 and c.expects ->> 'step' = $2",
                               {what, step});
    std::vector<expected_answer> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back({{r.number(i, 0), r.number(i, 1)}, std::string(r.text(i, 2)), std::string(r.text(i, 3))});
    co_return all;
}
statement reopen(chat_place where) {
    return {"with gone as (select min(gone_at) as at from conversations where chat_id = $1::bigint), back as (update "
            "conversations set gone_at = null where chat_id = $1::bigint and gone_at is not null) update outbox o set "
            "sent_at = null, failed = null, not_before = null, tries = 0 from gone where o.chat_id = $1::bigint and "
            "o.failed is not null and o.sent_at >= gone.at",
            {std::to_string(where.chat)}};
}
statement reset_conversation(chat_place where) {
    return {"update conversations set repository = null, model = null, budget_usd = null, expects = null "
            "where chat_id = $1::bigint and topic_id = $2::bigint",
            {std::to_string(where.chat), std::to_string(where.topic)}};
}

awaitable<std::vector<repository>> repositories(store::pool& db) {
    auto r = co_await db.query(fmt::format("select {} from repositories order by name", columns));
    std::vector<repository> all;
    for (int i = 0; i < r.size(); ++i)
        all.push_back(read_repository(r, i));
    co_return all;
}

awaitable<std::optional<repository>> find_repository(store::pool& db, std::string name) {
    auto r = co_await db.query(fmt::format("select {} from repositories where lower(name) = lower($1) "
                                           "order by name = $1 desc limit 1",
                                           columns),
                               {name});
    if (r.empty()) co_return std::nullopt;
    co_return read_repository(r, 0);
}

statement choose_repository_named(chat_place where, const std::string& name) {
    return {"insert into conversations (chat_id, topic_id, repository) select $1::bigint, $2::bigint, id from "
            "repositories where name = $3 on conflict (chat_id, topic_id) do update set repository = "
            "excluded.repository",
            {std::to_string(where.chat), std::to_string(where.topic), name}};
}

} // namespace persais::telegram

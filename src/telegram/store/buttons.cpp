#include "telegram/store/buttons.hpp"

#include "base/random.hpp"

#include <boost/json.hpp>

namespace persais::telegram {

stored_button new_button(std::int64_t chat, std::string action, std::string argument, std::optional<task_id> task,
                         bool once) {
    return {.token = random_word(16),
            .chat = chat,
            .task = task,
            .action = std::move(action),
            .argument = std::move(argument),
            .once = once};
}

store::statement add_buttons(const std::vector<stored_button>& all) {
    boost::json::array rows;
    for (const auto& b : all)
        rows.push_back({{"token", b.token},
                        {"chat_id", b.chat},
                        {"task_id", b.task ? boost::json::value(b.task->value) : boost::json::value()},
                        {"action", b.action},
                        {"argument", b.argument},
                        {"once", b.once}});
    return {"insert into buttons (token, chat_id, task_id, action, argument, once) select * from "
            "jsonb_to_recordset($1::jsonb) "
            "as b (token text, chat_id bigint, task_id bigint, action text, argument text, once boolean)",
            {boost::json::serialize(rows)}};
}

awaitable<std::optional<stored_button>> find_button(store::pool& db, std::string token) {
    auto r = co_await db.query("select chat_id, task_id, action, argument, once, used_at is not null from buttons "
                               "where token = $1",
                               {token});
    if (r.empty()) co_return std::nullopt;
    stored_button b{.token = token,
                    .chat = r.number(0, 0),
                    .task = {},
                    .action = std::string(r.text(0, 2)),
                    .argument = std::string(r.text(0, 3)),
                    .once = r.boolean(0, 4),
                    .used = r.boolean(0, 5)};
    if (!r.null(0, 1)) b.task = task_id{r.number(0, 1)};
    co_return b;
}

store::statement use_button(const std::string& token) {
    return {"select button_use($1)", {token}};
}

} // namespace persais::telegram

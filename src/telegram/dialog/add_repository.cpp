#include "telegram/dialog/add_repository.hpp"

#include "base/json.hpp"
#include "base/limits.hpp"
#include "base/random.hpp"
#include "base/url.hpp"
#include "config/checks.hpp"
#include "forge/place.hpp"
#include "queue/bytes.hpp"
#include "service/named_repositories.hpp"
#include "service/repositories.hpp"
#include "telegram/api/message_text.hpp"
#include "telegram/dialog/expecting.hpp"
#include "telegram/dialog/held.hpp"
#include "telegram/dialog/repository_settings.hpp"
#include "telegram/store/inbox.hpp"
#include "telegram/store/outbox.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace json = boost::json;

namespace {

/// The parts of an address that is reached by http or https; nullopt for any other.
std::optional<url_parts> web_url(std::string_view address) {
    auto url = cut_url(address);
    if (!url) return std::nullopt;
    auto scheme = lower_case(url->scheme);
    return scheme == "https" || scheme == "http" ? url : std::nullopt;
}

/// The answer "-" means none.
std::string or_none(std::string text) {
    return text == "-" || text == "–" || text == "—" ? std::string() : text;
}

keyboard cancel_keys(update_context& t) {
    return {{t.button(phrase::button_cancel, {"dialog", "cancel"})}};
}

void ask_for(update_context& t, json::object draft, std::string_view step) {
    draft["step"] = step;
    auto address = text_in(draft, "address");
    t.write(telegram::expect(t.where, expected(t, "repo", draft)));
    auto keys = cancel_keys(t);
    if (step == "address") t.say(phrase::repo_ask_address, {}, keys);
    if (step == "name") t.say(phrase::repo_ask_name, {{"example", "team/app"}}, keys);
    if (step == "branch") t.say(phrase::repo_ask_branch, {{"branch", "HEAD"}}, keys);
    if (step == "setup") t.say(phrase::repo_ask_setup, {}, keys);
    if (step == "check") t.say(phrase::repo_ask_check, {}, keys);
    if (step == "token") {
        keys.insert(keys.begin(), {t.button(phrase::button_no_token, {"dialog", "no_token"})});
        t.say(phrase::repo_ask_token, {{"host", std::string(web_url(address).value_or(url_parts{}).host_and_port)}},
              keys);
    }
}

/// What is tried, and where its outcome is told. It is a copy, because it outlives the update that began it.
struct trial {
    json::object draft;
    telegram::chat_place where;
    std::int64_t person = 0;
    language tongue = language::en;
};

awaitable<void> settle(const update_handler_dependencies& with, trial what) {
    auto address = text_in(what.draft, "address"), name = text_in(what.draft, "name");
    auto sealed = queue::from_bytea(text_in(what.draft, "token"));
    auto token = sealed.empty() ? std::nullopt : with.sealing().open(sealed, service::token_context);
    auto seen = co_await with.remotes.look_at(address, token.value_or(secret()));
    auto tell = [&](phrase p, std::initializer_list<filling> words) {
        auto body = send_message({what.where.chat, std::nullopt}, say(what.tongue, p, words), {});
        body.erase("chat_id");
        json::object request{{"method", "sendMessage"}, {"body", std::move(body)}};
        return telegram::add_outgoing(what.where.chat, what.where.topic, json::serialize(request));
    };
    auto refuse = [&](phrase ours, phrase of_others, const std::string& why) {
        auto known = in(what.tongue, why);
        return tell(known ? ours : of_others, {{"remote", address}, {"why", known.value_or(why)}});
    };
    auto optional_text = [&](std::string_view field) {
        auto text = text_in(what.draft, field);
        return text.empty() ? std::nullopt : std::optional(text);
    };
    std::vector<store::statement> writes{telegram::expect(what.where, "")};
    if (!seen.cannot_read.empty()) {
        writes.push_back(refuse(phrase::repo_not_found, phrase::repo_not_found_of_others, seen.cannot_read));
    } else if (!seen.cannot_push.empty()) {
        writes.push_back(refuse(phrase::repo_no_push, phrase::repo_no_push_of_others, seen.cannot_push));
    } else {
        writes.push_back(queue::add_repository({.name = name,
                                                .remote = address,
                                                .base_branch = optional_text("branch"),
                                                .setup = optional_text("setup"),
                                                .check = optional_text("check"),
                                                .sealed_token = sealed.empty() ? std::nullopt : std::optional(sealed)},
                                               std::to_string(what.person)));
        writes.push_back(telegram::choose_repository_named(what.where, name));
        writes.push_back(tell(phrase::repo_added, {{"repository", name}}));
    }
    bool exists = false;
    try {
        co_await with.db.transact(writes);
    } catch (const store::db_error& e) {
        if (e.sqlstate != "23505") throw;
        exists = true;
    }
    if (exists) {
        std::vector<store::statement> instead{telegram::expect(what.where, "")};
        instead.push_back(tell(phrase::repo_exists, {{"repository", name}}));
        co_await with.db.transact(std::move(instead));
    } else if (token && seen.cannot_read.empty() && seen.cannot_push.empty()) {
        with.remotes.keep_token(address, *token);
    }
    if (with.wake_sender) with.wake_sender();
}

awaitable<void> try_until_told(const update_handler_dependencies& with, trial what) {
    for (;;) {
        try {
            co_await settle(with, what);
            co_return;
        } catch (const store::db_error& e) {
            spdlog::warn("a repository that was added waits for the database: {}", e.what());
        }
        co_await sleep_for(limits::db_backoff_most);
    }
}

void try_it(update_context& t, json::object draft) {
    draft["step"] = "trying";
    t.write(telegram::expect(t.where, expected(t, "repo", draft)));
    t.say(phrase::repo_trying, {{"remote", text_in(draft, "address")}});
    t.then([&with = t.with, what = trial{draft, t.where, t.who.id, t.tongue}] {
        with.beside(try_until_told(with, what));
    });
}

awaitable<void> take_address(update_context& t, json::object draft, std::string address) {
    if (auto url = web_url(address); url && url->user) {
        t.write(telegram::forget_body(t.one.what.id));
        t.say(phrase::token_in_address, {}, cancel_keys(t));
        co_return;
    }
    if (!config::git_url(address).empty()) {
        t.say(phrase::repo_bad_address, {}, cancel_keys(t));
        co_return;
    }
    if (auto other = co_await service::twin_of(t.with.db, t.with.settings, address)) {
        auto words = service::twin_words(*other);
        t.send(plain(in(t.tongue, words).value_or(words)), other->same ? cancel_keys(t) : keyboard());
        if (other->same) co_return;
    }
    draft["address"] = address;
    auto name = forge::short_name(address);
    bool taken =
        !service::is_repository_name(name) || (co_await telegram::find_repository(t.with.db, name)).has_value();
    draft["name"] = taken ? "" : name;
    ask_for(t, std::move(draft), taken ? "name" : "branch");
}

awaitable<void> take_name(update_context& t, json::object draft, std::string name) {
    if (!service::is_repository_name(name)) {
        t.say(phrase::repo_bad_name, {}, cancel_keys(t));
        co_return;
    }
    if (co_await telegram::find_repository(t.with.db, name)) {
        t.say(phrase::repo_exists, {{"repository", name}}, cancel_keys(t));
        co_return;
    }
    draft["name"] = name;
    ask_for(t, std::move(draft), "branch");
}

/// The message is deleted, and the token is stored nowhere in clear.
void take_token(update_context& t, json::object draft, const secret& token) {
    t.take_back();
    if (!t.alone) {
        t.say(phrase::token_only_alone, {}, cancel_keys(t));
        return;
    }
    draft["token"] = queue::bytea(t.with.sealing().shut(token, service::token_context));
    t.say(phrase::token_saved);
    try_it(t, std::move(draft));
}

awaitable<void> take_answer(update_context& t, json::object draft, std::string text) {
    auto step = text_in(draft, "step");
    if (step == "address") co_await take_address(t, std::move(draft), std::move(text));
    if (step == "name") co_await take_name(t, std::move(draft), std::move(text));
    if (step == "branch") {
        draft["branch"] = or_none(std::move(text));
        ask_for(t, std::move(draft), "setup");
    } else if (step == "setup") {
        draft["setup"] = or_none(std::move(text));
        ask_for(t, std::move(draft), "check");
    } else if (step == "check") {
        draft["check"] = or_none(std::move(text));
        if (service::takes_token(text_in(draft, "address")))
            ask_for(t, std::move(draft), "token");
        else
            try_it(t, std::move(draft));
    } else if (step == "token") {
        take_token(t, std::move(draft), secret(std::move(text)));
    }
}

} // namespace

awaitable<void> begin_adding(update_context& t, std::string address) {
    if (t.may != role::admin) {
        t.say(phrase::admin_only);
        co_return;
    }
    if (address.empty())
        ask_for(t, {}, "address");
    else
        co_await take_address(t, {}, std::move(address));
}

bool awaits_any_secret(const update_context& t) {
    auto e = expectation_of(t);
    return awaits_secret(t) || (e && e->what == "repo" && text_in(e->kept, "step") == "token");
}

bool asks_in_dialog(const update_context& t) {
    if (awaits_any_secret(t)) return true;
    auto e = expectation_of(t);
    return e && e->what == "repo" && text_in(e->kept, "step") != "trying" && t.may == role::admin;
}

awaitable<bool> answer_expected(update_context& t, std::string text) {
    if (!asks_in_dialog(t)) co_return false;
    t.out.name = "answer";
    if (t.may != role::admin) { // any more; the secret would reach a model as an instruction
        t.take_back();
        t.write(telegram::expect(t.where, ""));
        t.say(phrase::admin_only);
        co_return true;
    }
    if (awaits_secret(t)) {
        co_await take_repository_secret(t, secret(std::move(text)));
        co_return true;
    }
    co_await take_answer(t, expectation_of(t)->kept, text);
    co_return true;
}

awaitable<std::string> press_in_dialog(update_context& t, std::string what) {
    if (what == "go_on" || what == "drop_held") co_return co_await press_for_held(t, what == "go_on");
    auto e = expectation_of(t);
    bool of_secret = e && e->what == "repo_secret";
    if (!e || (e->what != "repo" && !of_secret)) co_return t.say_plainly(phrase::press_gone);
    if (what == "cancel") {
        t.write(telegram::expect(t.where, ""));
        t.say(of_secret ? phrase::cancel_done : phrase::repo_cancelled);
        co_return "";
    }
    if (of_secret || what != "no_token" || text_in(e->kept, "step") != "token")
        co_return t.say_plainly(phrase::press_gone);
    try_it(t, std::move(e->kept));
    co_return "";
}

awaitable<void> go_on_trying(const update_handler_dependencies& with) {
    for (auto& each : co_await telegram::all_expected(with.db, "repo", "trying")) {
        auto o = json::parse(each.json).as_object();
        const auto* person = o.if_contains("person");
        trial what{.draft = o,
                   .where = each.where,
                   .person = person && person->is_int64() ? person->get_int64() : 0,
                   .tongue = language_from(each.language)};
        with.beside(try_until_told(with, std::move(what)));
    }
}

} // namespace persais::telegram

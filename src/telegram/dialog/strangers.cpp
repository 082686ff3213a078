#include "telegram/dialog/strangers.hpp"

#include "base/random.hpp"
#include "telegram/api/command.hpp"
#include "telegram/dialog/people.hpp"
#include "telegram/store/inbox.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace persais::telegram {

namespace {

/// The text behind /start of a message in a private chat, which may be empty; nullopt: the message is something else.
std::optional<std::string> start_word(const message& m) {
    if (m.where.what != chat::kind::one_person) return std::nullopt;
    auto said = read_command(m.text);
    if (!said || said->what != command::start) return std::nullopt;
    return said->rest;
}

void set_in(std::set<std::int64_t>& of, std::int64_t person, bool in) {
    if (in)
        of.insert(person);
    else
        of.erase(person);
}

} // namespace

std::vector<std::int64_t> strangers::admins() const {
    auto all = with_.settings.telegram_admin_ids;
    auto add = [&all](std::int64_t id) {
        if (std::ranges::find(all, id) == all.end()) all.push_back(id);
    };
    std::ranges::for_each(known_.admins, add);
    for (const auto& [person, grants] : known_.grants)
        if (role_of(person) == role::admin) add(person);
    return all;
}

bool strangers::without_admin() const {
    return admins().empty();
}

awaitable<std::string> strangers::begin() {
    co_await look_again();
    code_.close();
    if (!without_admin()) co_return "";
    auto word = random_word(16);
    code_.open(secret(word), with_.time.now());
    co_return fmt::format(
        "no admin is known yet: whoever sends the bot `/start {}` within {} minutes becomes the admin", word,
        std::chrono::minutes(limits::pairing_valid).count());
}

awaitable<void> strangers::look_again() {
    meanwhile_.clear();
    auto now = co_await telegram::load_rights(with_.db);
    auto open = co_await telegram::open_invites(with_.db);
    known_.admins = {now.paired.begin(), now.paired.end()};
    for (const auto& [person, paired] : meanwhile_) // what was read is older
        set_in(known_.admins, person, paired);
    known_.let_in = {now.let_in.begin(), now.let_in.end()};
    known_.grants.clear();
    for (const auto& each : now.grants)
        if (auto given = service::role_named(each.role)) known_.grants[each.person][each.repository] = *given;
    invites_ = {std::make_move_iterator(open.begin()), std::make_move_iterator(open.end())};
}

void strangers::learn(std::int64_t person, bool paired, bool let_in, const std::vector<queue::role_grant>& grants) {
    meanwhile_[person] = paired;
    set_in(known_.admins, person, paired);
    set_in(known_.let_in, person, let_in);
    known_.grants.erase(person);
    for (const auto& each : grants)
        if (auto given = service::role_named(each.role)) known_.grants[person][each.repository] = *given;
}

void strangers::learn_role(std::int64_t person, const std::string& repository, std::optional<role> given) {
    if (repository.empty() && given != role::admin) {
        meanwhile_[person] = false;
        known_.admins.erase(person);
    }
    auto& of = known_.grants[person];
    if (given)
        of[repository] = *given;
    else
        of.erase(repository);
    if (of.empty()) known_.grants.erase(person);
}

bool strangers::may_hear(const message& m, std::int64_t who) const {
    auto now = with_.time.now();
    auto word = start_word(m);
    if (without_admin()) return word && (word->empty() ? hints_.left_for(m.where.id, now) : code_.hears(who, now));
    if (word && !word->empty()) return wrong_.hears(who, now);
    return m.where.what == chat::kind::one_person && with_.settings.telegram_access_requests &&
           requests_.left_for(m.where.id, now);
}

bool strangers::hears(const message& m, std::int64_t who, std::int64_t update) {
    if (without_admin()) return true; // may_hear() was all that can be asked before
    auto word = start_word(m);
    if (!word || word->empty()) return requests_.take(m.where.id, update, with_.time.now());
    if (invites_.contains(telegram::invite_digest(*word))) return true;
    count_wrong(who);
    return false;
}

void strangers::count_wrong(std::int64_t who) {
    if (wrong_.count(who, with_.time.now()))
        spdlog::warn("{} sent {} wrong codes of invitations, and is not heard for {} minutes", who,
                     limits::pairing_tries, std::chrono::minutes(limits::wrong_codes_for).count());
}

awaitable<void> strangers::hear(update_context& t, const message& m) {
    t.out.name = "refused";
    auto word = start_word(m);
    if (without_admin())
        pair(t, word);
    else if (word && !word->empty())
        co_await take_invite(t, *word);
    else if (t.alone && with_.settings.telegram_access_requests)
        co_await ask_admins(t);
    if (t.out.name == "refused" && with_.refused) with_.refused();
}

/// The message may be the one-time code, or ask for it.
void strangers::pair(update_context& t, const std::optional<std::string>& word) {
    auto now = with_.time.now();
    if (word && word->empty() && hints_.take(t.where.chat, t.one.what.id, now)) {
        t.out.name = "answer";
        t.say(phrase::pairing_where,
              {{"person", t.who.id}, {"n", std::chrono::minutes(limits::pairing_valid).count()}});
        return;
    }
    auto guessed = word ? code_.try_code(*word, t.who.id, now) : pairing::guess::unheard;
    if (guessed == pairing::guess::last_wrong)
        spdlog::warn("pairing is closed for {}, who sent {} wrong codes; the code is still valid for others", t.who.id,
                     limits::pairing_tries);
    if (guessed != pairing::guess::right) return;
    t.out.name = "command";
    t.write(seen(t.who));
    t.write(telegram::pair_admin(t.who.id));
    t.say(phrase::paired);
    t.then([this, id = t.who.id] {
        learn(id, true, false);
        code_.close();
        spdlog::info("an admin was paired: {}", id);
    });
}

awaitable<void> strangers::take_invite(update_context& t, std::string code) {
    auto digest = telegram::invite_digest(code);
    auto maker = co_await telegram::maker_of_invite(with_.db, digest);
    bool by_terminal = maker && *maker == 0; // whoever runs the program there may do all
    if (!maker || (!by_terminal && role_of(*maker) != role::admin)) {
        count_wrong(t.who.id);
        co_return;
    }
    t.out.name = "command";
    t.write(seen(t.who));
    t.write(telegram::use_invite(digest, t.who.id));
    t.write(telegram::forget_body(t.one.what.id));
    co_await welcome_invited(t, *maker);
    t.then([this, id = t.who.id, by = *maker] {
        learn(id, false, true);
        spdlog::info("{} came in by an invitation of {}", id, by);
    });
}

awaitable<void> strangers::ask_admins(update_context& t) {
    if (t.known.asked) co_return;
    if (co_await telegram::asked_within(with_.db, std::chrono::hours(1)) >= limits::access_requests) co_return;
    t.write(seen(t.who));
    t.write(telegram::asks_to_be_let_in(t.who.id));
    co_await tell_who_asks(t, admins());
}

} // namespace persais::telegram

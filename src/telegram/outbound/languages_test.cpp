#include "mechanic/step.hpp"
#include "telegram/api/utf16.hpp"
#include "telegram/outbound/render_lists.hpp"
#include "telegram/outbound/render_pieces.hpp"

#include <regex>
#include <set>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::mechanic;
using namespace std::chrono_literals;
using telegram::language;
using telegram::reader;

namespace {

constexpr auto of_git = "https://example.com/a refuses the token: it is wrong or expired. Check GIT_ACCESS_TOKEN.";
constexpr auto of_a_model = "The endpoint has said no to this request.";

task in(state s) {
    task t{.id = {17}, .now = std::move(s)};
    t.what.instruction = "почини вход"; // it stays in the language of who wrote it
    t.what.remote = "https://example.com/a";
    t.what.budget_usd = 2;
    t.known.branch = "mechanic/17-a";
    t.known.check = {"pytest -q", "flag"};
    return t;
}

task made(state s) {
    auto t = in(std::move(s));
    t.known.made = work{std::string(40, 'c'), {2, 14, 3}, 1};
    t.known.said = "I have changed the sum.";
    return t;
}

/// A task for each way to end, with each reason and each outcome of the checks.
std::vector<task> endings() {
    std::vector<task> all;
    for (auto before : {check_outcome::not_run, check_outcome::green, check_outcome::red, check_outcome::could_not_run,
                        check_outcome::timed_out})
        for (auto after : {check_outcome::green, check_outcome::red, check_outcome::timed_out}) {
            bool green = after == check_outcome::green;
            auto t = made(review{std::string(40, 'c'), green ? verdict::ready : verdict::tests_red});
            t.known.before = before;
            t.known.after = after;
            t.known.rounds_used = 2;
            t.known.setup_failed = "npm ci in the folder";
            t.known.edits_failed = {"a.py"};
            t.known.hosts_denied = {"a.test:443"};
            all.push_back(t);
            t.known.hosts_denied.clear();
            t.known.edits_failed = {""};
            all.push_back(std::move(t));
        }
    for (auto v : {verdict::ready_unchecked, verdict::checks_could_not_run})
        all.push_back(made(review{std::string(40, 'c'), v}));
    all.back().known.could_not_run = "The setup `npm ci` failed, so the checks could not run.";
    for (auto* reason : {"key", "credit", "budget", "policy", "model", "context", "rate", "network", "nonsense",
                         "day_budget", "task_budget", "model_away", "world", "a reason that is new"})
        all.push_back(in(failed{verdict::model_failed, reason, of_a_model}));
    for (auto* reason : {"not_found", "no_read", "no_push", "protected_branch", "moved", "network", "remote_away", ""})
        all.push_back(in(failed{verdict::remote_failed, reason, of_git}));
    for (auto* sentence : {"The agent changed nothing.", "The agent changed only what is in `lib`, a repository.",
                           "The agent changed only `a.bin`, which is in LFS: git has only its pointer."})
        all.push_back(in(failed{verdict::no_change, "", sentence}));
    all.push_back(in(failed{verdict::protected_path, "", "The change touches `a.tf`, which is protected."}));
    all.push_back(in(failed{verdict::link_outside, "", "In the change the link `a` leads out of the repository."}));
    all.push_back(in(failed{verdict::secret_found, "", "The change has what looks like a credential."}));
    all.back().known.held_back = held{{}, {{"a.py", 3, "some-rule", "A rule.", "abcd…"}}};
    all.push_back(in(failed{verdict::secret_found, "", "The change has what looks like a credential."}));
    all.push_back(in(failed{verdict::paths_collide, "", "The change adds `a`, which is the same file as `A`."}));
    for (auto make : {in, made})
        all.push_back(make(failed{verdict::timed_out, "", "It was silent for 3 min (TASK_TIMEOUT is 20 min)."}));
    for (auto* sentence : {"The agent used more than 4 GB of disk and was ended; it is kept. TASK_DISK_MB gives more.",
                           "The check `make` used more than 600 MB of disk and was ended.",
                           "The setup `npm ci` made more than 1000000 files and was ended."})
        for (auto make : {in, made})
            all.push_back(make(failed{verdict::disk_limit, "", sentence}));
    all.push_back(in(failed{verdict::world_broken, "", "The disk is full: make room under PERSAIS_DATA and retry."}));
    all.push_back(in(aborted{}));
    all.push_back(in(parked{"This task stopped 3 times."}));
    all.push_back(made(expired{}));
    all.push_back(in(answered{}));
    return all;
}

std::vector<task> under_way() {
    std::vector<task> all{in(queued{}),   in(preparing{}),  in(coding{}),   in(coding{.attempt = 2, .round = 1}),
                          in(checking{}), in(publishing{}), in(answering{})};
    for (auto why : {wait_reason::key, wait_reason::credit, wait_reason::day_budget, wait_reason::task_budget,
                     wait_reason::model_away, wait_reason::remote_away, wait_reason::world, wait_reason::request})
        all.push_back(in(waiting{.why = why}));
    return all;
}

/// What a progress of this kind may have for a subject.
std::string subject_of(progress::kind what) {
    using enum progress::kind;
    if (what == model_retry) return "The endpoint did not answer: the next try is in 3 s.";
    if (what == other || what == no_repository_map) return "the repository map took too long";
    return what == receiving ? "Receiving objects:  45% (9/20)" : "some words of a command";
}

/// All that can be said about tasks, with the reader's text of the buttons.
std::vector<telegram::outgoing> all_messages(reader r) {
    using namespace telegram;
    std::vector<outgoing> all;
    for (bool unsafe : {false, true})
        for (const auto& t : under_way())
            for (auto again : {0s, 40s})
                all.push_back(progress_message(r, t, {.repository = "a", .again_in = again, .unsafe = unsafe}));
    all.push_back(progress_message(r, in(queued{}), {.ahead = 2}));
    all.push_back(progress_message(r, in(coding{}), {.cost = {0, true, 1}, .abort_wished = true}));
    for (int k = 0; k <= static_cast<int>(progress::kind::other); ++k) {
        progress doing{static_cast<progress::kind>(k), subject_of(static_cast<progress::kind>(k))};
        all.push_back(progress_message(r, in(coding{}), {.doing = doing}));
    }
    ending how{.repository = "a", .files = {{"logo.png", 0, 0, true}}, .unsafe = true};
    service_status status{.version = "1", .repository = "a", .model = "a/b"};
    for (const auto& t : endings()) {
        all.push_back(result_message(r, t, how));
        if (!std::holds_alternative<answered>(t.now)) // which shows the agent's words, in whatever language
            all.push_back(overtaken_message(r, made(t.now), how));
        all.push_back(done_notice(r, t));
        all.push_back(tasks_message(r, {{t, false}, {t, true}}));
        status.errors = {t};
        all.push_back(status_message(r, status));
    }
    status.sandbox = "bubblewrap";
    status.errors.clear();
    all.push_back(status_message(r, status));
    all.push_back(withdrawn_turn_message(r, {17}));
    for (bool group : {false, true})
        all.push_back(help_message(r, r.admin, group));
    return all;
}

/// The words that we say ourselves: without code, quotations, what was asked, and what stands between « and ».
std::string own_words(const telegram::styled& t) {
    auto text = t.text;
    for (const auto& e : t.entities) {
        using enum telegram::style;
        if (e.what == bold || e.what == text_link) continue;
        auto from = *telegram::byte_of_unit(t.text, e.offset),
             to = *telegram::byte_of_unit(t.text, e.offset + e.length);
        std::fill(text.begin() + static_cast<long>(from), text.begin() + static_cast<long>(to), '.');
    }
    return std::regex_replace(text, std::regex("«[^»]*»"), "");
}

} // namespace

TEST(languages, no_english_sentence_is_in_a_russian_message) {
    const std::regex sentence("[A-Za-z]+[ ,:;]+[A-Za-z]+[ ,:;]+[A-Za-z]+");
    for (bool admin : {false, true})
        for (const auto& m : all_messages({language::ru, admin}))
            EXPECT_FALSE(std::regex_search(own_words(m.text), sentence)) << m.text.text;
}

TEST(languages, no_english_line_is_in_a_russian_log) {
    const std::regex sentence("[A-Za-z]+[ ,:;]+[A-Za-z]+[ ,:;]+[A-Za-z]+");
    std::set<std::string> lines;
    for (const auto& t : under_way())
        lines.insert(telegram::state_line(language::ru, name_of(t.now), 2, 1));
    for (const auto& t : endings())
        lines.insert(telegram::state_line(language::ru, name_of(t.now), 0, 0));
    for (int k = 0; k < static_cast<int>(progress::kind::other); ++k) // the other ones are the agent's own words
        lines.insert(telegram::doing_line(language::ru, {static_cast<progress::kind>(k), "x"}));
    for (const auto& line : lines) {
        EXPECT_FALSE(std::regex_search(line, sentence)) << line;
        EXPECT_NE(line.find_first_of("\xD0\xD1"), line.npos) << line;
    }
}

TEST(languages, only_an_admin_is_told_to_set_something) {
    const std::regex setting("[A-Z]+_[A-Z_]+|persais doctor");
    for (auto l : {language::en, language::ru}) {
        for (const auto& m : all_messages(l))
            EXPECT_FALSE(std::regex_search(m.text.text, setting)) << m.text.text;
        int told = 0;
        for (const auto& m : all_messages({l, true}))
            told += std::regex_search(m.text.text, setting);
        EXPECT_GT(told, 20);
    }
}

TEST(languages, a_sentence_of_ours_is_translated_and_one_of_others_is_announced) {
    auto said = [](const std::string& sentence) {
        auto t = in(failed{verdict::model_failed, "network", sentence});
        return telegram::result_message({language::ru, true}, t, {.repository = "a"}).text.text;
    };
    auto ours = said(waited_a_day());
    EXPECT_NE(ours.find("Подробности:\nЗа сутки ничего не изменилось"), ours.npos) << ours;
    auto theirs = said(of_a_model);
    EXPECT_NE(theirs.find(std::string("Подробности (по-английски):\n") + of_a_model), theirs.npos) << theirs;
    auto doing = [](const std::string& sentence) {
        progress p{progress::kind::model_retry, sentence};
        return telegram::progress_message({language::ru, true}, in(coding{}), {.doing = p}).text.text;
    };
    EXPECT_NE(doing(waited_a_day()).find("запрос повторяется. За сутки ничего"), std::string::npos);
    EXPECT_NE(doing(of_a_model).find("(по-английски): «"), std::string::npos);
}

TEST(languages, what_others_said_stays_when_the_advice_beside_it_is_left_out) {
    auto t = in(failed{verdict::remote_failed, "no_read", of_git});
    EXPECT_EQ(telegram::details({language::ru, true}, t), of_git);
    EXPECT_EQ(telegram::details(language::ru, t), "https://example.com/a refuses the token: it is wrong or expired.");
    t.now = failed{verdict::remote_failed, "moved", "remote: HTTP_ is no setting, nor is _X."};
    EXPECT_EQ(telegram::details(language::en, t), "remote: HTTP_ is no setting, nor is _X.");
}

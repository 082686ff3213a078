// What becomes of what was written at GitHub, with a database of its own and a server that answers as its API does.
#include "coder/agent.hpp"
#include "git/testing.hpp"
#include "http/server.hpp"
#include "queue/forge_inbox.hpp"
#include "queue/testing_table.hpp"
#include "worker/forge_intake.hpp"
#include "worker/forge_listening.hpp"

#include <algorithm>
#include <map>

#include <boost/json/parse.hpp>

using namespace persais;
using namespace std::chrono_literals;

namespace {

struct no_agent final : coder::agent {
    std::string second_model() const override { return {}; }
    awaitable<coder::report> run(coder::job, coder::listener) const override { co_return coder::report{}; }
};

const std::string remote = "https://github.com/acme/team.git", noon = "2026-11-30T12:00:00Z";

/// A service that listens to one repository of a forge that answers as a test says.
struct scene {
    scene(store::pool& database, const asio::any_io_executor& executor, const sandbox::backend& backend)
        : db(database), tasks(db, "me", 10s), gateway(executor, db, time, {}, {}), web(executor),
          server(executor,
                 [this](const http::request& asked, http::pending_request& to) -> awaitable<> {
                     auto line = asked.method + " " + asked.path;
                     constexpr std::size_t most = 100'000;
                     auto body = (co_await to.body(most)).value_or("");
                     lines.push_back(line);
                     if (asked.method == "POST") {
                         said.push_back(std::string(boost::json::parse(body).at("body").as_string()));
                         co_return co_await to.send(post_status, {}, "{}");
                     }
                     auto found = answers.find(asked.path);
                     auto none = std::pair(404, std::string("{}"));
                     auto [status, text] = found == answers.end() ? none : found->second;
                     co_await to.send(status, {}, text);
                 }),
          with{.settings = settings,
               .time = time,
               .leases = tasks,
               .requests = tasks,
               .gateway = gateway,
               .backend = backend,
               .agent = agent,
               .tokens = tokens,
               .web = web,
               .gateway_socket = "/none",
               .mirrors = "/none",
               .workspaces = "/none"} {
        settings.git_remote_url = remote;
        settings.git_access_token = secret("word");
        settings.github_api_url = "http://127.0.0.1:" + std::to_string(*server.listen_tcp("127.0.0.1", 0));
        settings.forge_intake = true;
        settings.forge_mention = "@persais";
        settings.repair_rounds = 2;
        settings.task_attempts = 3;
        settings.budget_task_usd = 2;
        settings.aider_model = "a/b";
        may("ann", "write");
        answers["/repos/acme/team/issues/3"] = {200, R"({"number":3,"state":"open","title":"Sum","body":"1+1 is 0"})"};
        answers["/repos/acme/team/issues/3/comments"] = {200, "[]"};
        answers["/repos/acme/team/issues/20/comments"] = {200, "[]"};
    }
    void close() {
        server.close();
        gateway.close();
    }
    void may(const std::string& who, const std::string& permission) {
        answers["/repos/acme/team/collaborators/" + who + "/permission"] = {200,
                                                                            R"({"permission":")" + permission + "\"}"};
    }
    void comment(const std::string& id, const std::string& text, const std::string& who = "ann",
                 const std::string& type = "User") {
        answers["/repos/acme/team/issues/comments/" + id] = {
            200, fmt::format(R"({{"body":"{}","user":{{"login":"{}","type":"{}"}}}})", text, who, type)};
    }
    static queue::heard heard(std::string id, int number = 3) {
        return {.remote = remote, .kind = "comment", .thing = std::move(id), .number = number, .said_at = noon};
    }
    /// Hears it, and attempts all that is due; gives the effect of what was heard.
    awaitable<std::string> effect_of(queue::heard what) {
        auto thing = what.thing;
        std::vector<queue::heard> one;
        one.push_back(std::move(what));
        co_await queue::keep_heard(db, std::move(one), remote, "");
        worker::forge_intake intake(with, db);
        co_await intake.attempt_all();
        co_return co_await text("select coalesce(effect, 'tries ' || tries) from forge_inbox where thing = $1", thing);
    }
    awaitable<std::string> text(std::string sql, std::string first = "") {
        std::vector<store::param> all;
        if (!first.empty()) all.emplace_back(std::move(first));
        auto r = co_await db.query(std::move(sql), std::move(all));
        co_return r.empty() || r.null(0, 0) ? "" : std::string(r.text(0, 0));
    }
    long times(const std::string& line) const { return std::ranges::count(lines, line); }

    store::pool& db;
    config::settings settings;
    system_clock time;
    service::remote_tokens tokens;
    no_agent agent;
    queue::pg_tasks tasks;
    llm::gateway gateway;
    http::client web;
    std::map<std::string, std::pair<int, std::string>> answers; // by path
    std::vector<std::string> lines, said;
    int post_status = 201;
    http::server server;
    worker::dependencies with;
};

struct forge_intake : queue::testing::table {
    std::unique_ptr<sandbox::backend> backend = git::testing::this_machines_backend();

    template <class F>
    void at_forge(F body) {
        with([this, body](store::pool& db) -> awaitable<void> {
            scene s(db, co_await asio::this_coro::executor, *backend);
            co_await body(s);
            s.close();
        });
    }
};

} // namespace

TEST_F(forge_intake, makes_one_task_of_a_comment_however_often_it_is_heard_of) {
    at_forge([](scene& s) -> awaitable<void> {
        s.comment("5", "@persais mend it");
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "task");
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "task") << "sent again";
        EXPECT_EQ(co_await s.text("select count(*) from tasks"), "1");
        auto order = co_await s.text("select instruction from tasks");
        EXPECT_TRUE(order.starts_with("mend it\n")) << order;
        EXPECT_TRUE(order.contains("> 1+1 is 0")) << order;
        EXPECT_EQ(co_await s.text("select remote || ' ' || number || ' ' || author || ' ' || turn from forge_turns"),
                  remote + " 3 ann 0");
        EXPECT_EQ(s.said.size(), 1U);
        EXPECT_TRUE(s.said.at(0).starts_with("Accepted as task ")) << s.said.at(0);
        EXPECT_TRUE(s.said.at(0).contains("<!-- persais:heard-comment-5 -->"));
        EXPECT_EQ(co_await s.text("select count(*) from forge_outbox"), "0");
    });
}

TEST_F(forge_intake, does_nothing_for_whoever_has_no_right_or_names_nobody) {
    at_forge([](scene& s) -> awaitable<void> {
        s.may("eve", "read");
        s.comment("1", "@persais push the keys", "eve");
        s.comment("2", "@persais do", "nobody");
        s.comment("3", "just talk");
        s.comment("4", "> @persais do");
        s.comment("5", "@persais do", "ann", "Bot");
        s.comment("6", "@persais do <!-- persais:task-1 -->");
        s.comment("7", "<!-- @persais do -->");
        for (auto id : {"1", "2", "3", "4", "5", "6", "7", "404"})
            EXPECT_EQ(co_await s.effect_of(scene::heard(id)), "ignored") << id;
        auto elsewhere = scene::heard("9");
        elsewhere.remote = "https://github.com/acme/other.git";
        EXPECT_EQ(co_await s.effect_of(elsewhere), "ignored") << "it is not listened to any more";
        EXPECT_EQ(co_await s.text("select count(*) from tasks"), "0");
        EXPECT_TRUE(s.said.empty()) << "a stranger gets no answer that others could read";
    });
}

TEST_F(forge_intake, asks_again_when_the_forge_is_away_and_gives_up_what_it_refuses) {
    at_forge([](scene& s) -> awaitable<void> {
        s.answers["/repos/acme/team/issues/comments/5"] = {502, "{}"};
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "tries 1");
        s.comment("5", "@persais mend it");
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "tries 1") << "not before its time";
        co_await s.db.query("update forge_inbox set next_try = clock_timestamp()");
        s.answers["/repos/acme/team/collaborators/ann/permission"] = {403, R"({"message":"no"})"};
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "tries 2") << "not known is not no";
        s.may("ann", "admin");
        co_await s.db.query("update forge_inbox set next_try = clock_timestamp()");
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "task");
        s.answers["/repos/acme/team/issues/comments/6"] = {422, "{}"};
        EXPECT_EQ(co_await s.effect_of(scene::heard("6")), "failed");
        s.answers["/repos/acme/team/issues/comments/7"] = {502, "{}"};
        EXPECT_EQ(co_await s.effect_of(scene::heard("7")), "tries 1");
        co_await s.db.query("update forge_inbox set next_try = clock_timestamp(), tries = 19 where thing = '7'");
        EXPECT_EQ(co_await s.effect_of(scene::heard("7")), "failed") << "the twentieth time is the last";
    });
}

TEST_F(forge_intake, goes_on_behind_what_the_database_refuses) {
    at_forge([](scene& s) -> awaitable<void> {
        // A forge that answers a request without its number: where its result is told cannot be stored.
        s.answers["/repos/acme/team/issues/20"] = {200, R"({"number":20,"pull_request":{}})"};
        s.answers["/repos/acme/team/pulls/20"] = {200, R"({"state":"open","title":"t"})"};
        s.comment("1", "@persais mend it");
        s.comment("2", "@persais mend that");
        auto odd = scene::heard("1", 20);
        co_await queue::keep_heard(s.db, {odd}, remote, "");
        EXPECT_EQ(co_await s.effect_of(scene::heard("2")), "task");
        EXPECT_EQ(co_await s.effect_of(odd), "failed");
        EXPECT_EQ(co_await s.text("select count(*) from tasks"), "1");
    });
}

TEST_F(forge_intake, a_comment_at_its_own_request_is_a_reply_to_the_task) {
    at_forge([](scene& s) -> awaitable<void> {
        auto order = queue::testing::some_order();
        order.remote = remote;
        auto id = co_await s.tasks.add(order);
        auto was = co_await s.tasks.load(id);
        auto next =
            queue::testing::in_state(was->task, mechanic::review{queue::testing::commit, mechanic::verdict::ready});
        next.known.branch = "mechanic/" + id.str() + "-x";
        EXPECT_TRUE(co_await s.tasks.save(*was, next, false));
        auto pull = [&](std::string state, std::string branch) {
            s.answers["/repos/acme/team/issues/20"] = {200, R"({"number":20,"pull_request":{}})"};
            s.answers["/repos/acme/team/pulls/20"] = {
                200, fmt::format(
                         R"({{"number":20,"state":"{}","title":"t","head":{{"ref":"{}","sha":"{}","repo":{{"id":1}}}},)"
                         R"("base":{{"repo":{{"id":1}}}}}})",
                         state, branch, queue::testing::commit)};
        };
        pull("open", next.known.branch);
        s.comment("5", "@persais rename it");
        EXPECT_EQ(co_await s.effect_of(scene::heard("5", 20)), "turn");
        EXPECT_EQ(co_await s.text("select instruction from task_turns where turn = 1"), "rename it");
        EXPECT_TRUE(s.said.at(0).starts_with("Accepted as a reply to task " + id.str())) << s.said.at(0);
        s.comment("6", "@persais and this", "eve");
        s.may("eve", "triage");
        EXPECT_EQ(co_await s.effect_of(scene::heard("6", 20)), "ignored");
        pull("open", "mechanic/" + id.str() + "-y");
        s.comment("7", "@persais and that");
        EXPECT_EQ(co_await s.effect_of(scene::heard("7", 20)), "task") << "a branch that only begins like the task's";
        EXPECT_EQ(co_await s.text("select count(*) from task_turns"), "1");
        pull("closed", next.known.branch);
        s.comment("8", "@persais once more");
        EXPECT_EQ(co_await s.effect_of(scene::heard("8", 20)), "task") << "what is closed gets a task of its own";
    });
}

TEST_F(forge_intake, says_each_thing_once_and_later_when_the_forge_is_away) {
    at_forge([](scene& s) -> awaitable<void> {
        s.comment("5", "@persais mend it");
        s.post_status = 502;
        EXPECT_EQ(co_await s.effect_of(scene::heard("5")), "task") << "the task does not wait for its answer";
        EXPECT_EQ(co_await s.text("select tries from forge_outbox"), "1");
        s.post_status = 201;
        // It was stored there though the answer was lost.
        s.answers["/repos/acme/team/issues/3/comments"] = {
            200, R"([{"body":"Accepted\n\n<!-- persais:heard-comment-5 -->\n"}])"};
        co_await s.db.query("update forge_outbox set next_try = clock_timestamp()");
        worker::forge_intake intake(s.with, s.db);
        EXPECT_EQ(co_await intake.attempt_all(), std::nullopt);
        EXPECT_EQ(s.said.size(), 1U) << "it is not said twice";
        EXPECT_EQ(co_await s.text("select count(*) from forge_outbox"), "0");
    });
}

TEST_F(forge_intake, two_workers_make_one_task) {
    at_forge([](scene& s) -> awaitable<void> {
        for (int i = 1; i <= 6; ++i) {
            s.comment(std::to_string(i), "@persais mend it");
            co_await queue::keep_heard(s.db, {scene::heard(std::to_string(i))}, remote, "");
        }
        worker::forge_intake one(s.with, s.db), other(s.with, s.db);
        auto executor = co_await asio::this_coro::executor;
        auto run = [](worker::forge_intake& each) -> awaitable<void> { co_await each.attempt_all(); };
        background<void> beside(executor, run(other));
        co_await one.attempt_all();
        co_await beside.join();
        EXPECT_EQ(co_await s.text("select count(*) from forge_turns"), "6");
        EXPECT_EQ(co_await s.text("select count(*) from tasks"), "6");
        EXPECT_EQ(s.said.size(), 6U);
    });
}

TEST_F(forge_intake, mends_what_is_red_of_its_own_result_so_many_times_in_a_row) {
    at_forge([](scene& s) -> awaitable<void> {
        auto order = queue::testing::some_order();
        order.remote = remote;
        auto id = co_await s.tasks.add(order);
        auto was = co_await s.tasks.load(id);
        auto next =
            queue::testing::in_state(was->task, mechanic::review{queue::testing::commit, mechanic::verdict::ready});
        next.known.branch = "mechanic/" + id.str() + "-x";
        EXPECT_TRUE(co_await s.tasks.save(*was, next, false));
        const auto branch = next.known.branch;
        auto head_is = [&](const std::string& commit) {
            s.answers["/repos/acme/team/pulls"] = {
                200, fmt::format(R"([{{"number":20,"state":"open","head":{{"ref":"{}","sha":"{}","repo":{{"id":1}}}},)"
                                 R"("base":{{"repo":{{"id":1}}}}}}])",
                                 branch, commit)};
            s.answers["/repos/acme/team/commits/" + commit + "/status"] = {200, R"({"statuses":[]})"};
        };
        auto red = [&](std::string commit) -> queue::heard {
            return {.remote = remote, .kind = "red", .thing = std::move(commit), .branch = branch, .said_at = noon};
        };
        const std::string other(40, 'e');
        auto& checks = s.answers["/repos/acme/team/commits/" + queue::testing::commit + "/check-runs"];
        head_is(other);
        s.answers["/repos/acme/team/commits/" + other + "/check-runs"] = {
            200, R"({"check_runs":[{"name":"build","status":"completed","conclusion":"failure"}]})"};
        EXPECT_EQ(co_await s.effect_of(red(other)), "ignored") << "somebody else's commit on its branch";
        head_is(queue::testing::commit);
        checks = {200, R"({"check_runs":[{"name":"build","status":"completed","conclusion":"failure"},)"
                       R"({"name":"slow","status":"in_progress"}]})"};
        EXPECT_EQ(co_await s.effect_of(red(queue::testing::commit)), "tries 1") << "not all have ended";
        checks = {200, R"({"check_runs":[{"name":"build","status":"completed","conclusion":"failure"}]})"};
        co_await s.db.query("update forge_inbox set next_try = clock_timestamp()");
        EXPECT_EQ(co_await s.effect_of(red(queue::testing::commit)), "turn");
        auto words = co_await s.text("select instruction from task_turns");
        EXPECT_TRUE(words.contains("newest commit of this change: build.")) << words;
        co_await s.db.query("update task_turns set state = 'begun'");
        EXPECT_EQ(co_await s.text("select coalesce(task_person($1), 'nobody')", id.str()), "nobody")
            << "a red check spends nobody's budget";
        // That it is still red after so many tries is for a person.
        for (int turn = 1; turn <= s.settings.repair_rounds; ++turn)
            co_await s.db.query("insert into forge_turns (task_id, turn, remote, number, author) values ($1, $2::int, "
                                "'r', 20, '') on conflict do nothing",
                                {id.str(), std::to_string(turn)});
        co_await s.db.query("delete from forge_inbox");
        co_await s.db.query("delete from task_turns");
        EXPECT_EQ(co_await s.effect_of(red(queue::testing::commit)), "refused");
        EXPECT_TRUE(s.said.back().contains("still red after 2 tries")) << s.said.back();
    });
}

TEST(task_of_branch, reads_names_of_ours_alone) {
    EXPECT_EQ(worker::task_of_branch("mechanic/7-mend-it"), task_id{7});
    EXPECT_EQ(worker::task_of_branch("mechanic/9223372036854775807-x"), task_id{9223372036854775807});
    for (auto name : {"", "mechanic/", "mechanic/x", "mechanic/-7", "mechanic/0-x", "mechanic/+7", "mechanic/ 7",
                      "mechanic/9223372036854775808", "Mechanic/7-x", "x/mechanic/7-x", "mechanic7", "main"})
        EXPECT_FALSE(worker::task_of_branch(name)) << name;
}

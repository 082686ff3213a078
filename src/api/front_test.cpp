#include "api/front.hpp"
#include "api/limits.hpp"
#include "api/problem.hpp"
#include "api/testing.hpp"
#include "base/text.hpp"

#include <boost/asio/post.hpp>

using namespace persais;
using namespace persais::api;
using namespace persais::api::testing;

namespace {

struct api_front : served {};

std::vector<std::string> all_scopes_but(service::scope without) {
    std::vector<std::string> all;
    for (auto each : {service::scope::read, service::scope::submit, service::scope::deploy, service::scope::admin})
        if (each != without) all.emplace_back(service::name_of(each));
    return all;
}

std::string path_of(const operation& what, std::string_view task) {
    std::string path = std::string(root) + std::string(what.path);
    if (auto at = path.find("{task}"); at != path.npos) path.replace(at, 6, task);
    return path;
}

int count(std::string_view text, std::string_view word) {
    int n = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1))
        ++n;
    return n;
}

} // namespace

TEST_F(api_front, each_operation_is_for_tokens_with_its_scope_alone) {
    with([](process& on) -> awaitable<void> {
        std::map<service::scope, std::string> without, only;
        for (auto each :
             {service::scope::read, service::scope::submit, service::scope::deploy, service::scope::admin}) {
            without[each] = (co_await token(on, all_scopes_but(each))).token;
            only[each] = (co_await token(on, {std::string(service::name_of(each))})).token;
        }
        for (const auto& each : operations()) {
            asking what{std::string(each.method), path_of(each, "999999999999999999")};
            EXPECT_EQ((co_await say(on, what)).status, 401) << each.id;
            what.token = without[each.needs];
            auto no = co_await say(on, what);
            EXPECT_EQ(no.status, 403) << each.id;
            EXPECT_EQ(reason_of(no), "scope");
            EXPECT_EQ(detail_of(no), fmt::format("The token has not the scope '{}'.", service::name_of(each.needs)));
            if (each.path == "/events") continue; // which would not end
            what.token = only[each.needs];
            auto yes = co_await say(on, what);
            EXPECT_TRUE(yes.status != 401 && yes.status != 403) << each.id << " " << yes.body;
        }
    });
}

TEST_F(api_front, whoever_shows_no_token_that_is_valid_hears_the_same_whatever_is_wrong_with_it) {
    with([](process& on) -> awaitable<void> {
        auto good = co_await token(on, {"read"}), revoked = co_await token(on, {"read"});
        auto expired = co_await token(on, {"read"}), out = co_await token(on, {"read"}, 7);
        co_await queue::revoke_api_token(on.db, revoked.id, "terminal");
        co_await on.db.query("update api_tokens set expires_at = clock_timestamp() where id = $1",
                             {std::to_string(expired.id)});
        co_await on.db.query("insert into people (id) values (8) on conflict do nothing");
        co_await on.db.query("update api_tokens set person = 8 where id = $1", {std::to_string(out.id)});
        auto unknown = good.token;
        unknown.back() = unknown.back() == 'A' ? 'B' : 'A';
        std::vector<std::string> lines{"",
                                       "Authorization: Basic " + good.token + "\r\n",
                                       "Authorization: " + good.token + "\r\n",
                                       "Authorization: Bearer\r\n",
                                       "Authorization: Bearer " + good.token + "x\r\n",
                                       "Authorization: Bearer " + good.token.substr(8) + "\r\n",
                                       "Cookie: token=" + good.token + "\r\n",
                                       "Authorization: Bearer " + unknown + "\r\n",
                                       "Authorization: Bearer " + revoked.token + "\r\n",
                                       "Authorization: Bearer " + expired.token + "\r\n",
                                       "Authorization: Bearer " + out.token + "\r\n",
                                       "Authorization: Bearer persais_'; drop table api_tokens; --\r\n"};
        for (const auto& line : lines) {
            auto no = co_await say(on, {.method = "GET", .path = "/api/v1/self", .fields = line});
            EXPECT_EQ(no.status, 401) << line;
            EXPECT_EQ(reason_of(no), "no_token") << line;
            EXPECT_EQ(http::header(no.fields, "WWW-Authenticate"), "Bearer realm=\"persais\"");
            EXPECT_EQ(no.body.find(good.token), no.body.npos);
        }
        auto in_the_query = co_await say(on, {"GET", "/api/v1/self?access_token=" + good.token});
        EXPECT_EQ(in_the_query.status, 401) << "addresses are written to logs";
        auto russian = co_await say(on, {.method = "GET", .path = "/api/v1/self", .fields = "Accept-Language: ru\r\n"});
        EXPECT_TRUE(detail_of(russian).starts_with("Нужен действующий токен")) << russian.body;
        auto yes = co_await say(on, {"GET", "/api/v1/self", good.token});
        EXPECT_EQ(yes.status, 200);
        EXPECT_EQ(whole_in(object_of(yes), "token"), good.id);
        EXPECT_EQ(text_in(object_of(yes), "person"), "terminal");
    });
}

TEST_F(api_front, what_is_no_operation_is_a_problem_document_too_in_the_readers_language) {
    with([](process& on) -> awaitable<void> {
        struct bad {
            std::string method, path;
            int status;
            std::string english, russian;
        };
        std::vector<bad> all{
            {"GET", "/api/v1/nothing", 404, "There is no /api/v1/nothing here.", "Здесь нет /api/v1/nothing."},
            {"GET", "/api/v2/tasks", 404, "There is no /api/v2/tasks here.", "Здесь нет /api/v2/tasks."},
            {"DELETE", "/api/v1/tasks", 405, "/api/v1/tasks does not take DELETE.",
             "/api/v1/tasks не принимает DELETE."},
            {"GET", "/api/v1/tasks/%ff", 400, "/api/v1/tasks/%ff cannot be read as a path.",
             "/api/v1/tasks/%ff нельзя прочитать как путь."},
            {"GET", "/api/v1/tasks/%00", 400, "/api/v1/tasks/%00 cannot be read as a path.",
             "/api/v1/tasks/%00 нельзя прочитать как путь."}};
        for (const auto& each : all) {
            auto r = co_await say(on, {each.method, each.path});
            EXPECT_EQ(r.status, each.status) << each.path;
            EXPECT_EQ(http::header(r.fields, "Content-Type"), problem_type) << each.path;
            EXPECT_EQ(detail_of(r), each.english);
            EXPECT_EQ(whole_in(object_of(r), "status"), each.status);
            auto ru = co_await say(on, {.method = each.method, .path = each.path, .fields = "Accept-Language: ru\r\n"});
            EXPECT_EQ(detail_of(ru), each.russian);
        }
        auto no = co_await say(on, {"PUT", "/api/v1/tasks"});
        EXPECT_EQ(http::header(no.fields, "Allow"), "GET, HEAD, POST");
        auto raw = co_await say(on, {"GET", "/api/v1/\xff\xfe"});
        EXPECT_GE(raw.status, 400);
        EXPECT_TRUE(text::valid_utf8(raw.body)) << "a program reads this as JSON";
    });
}

TEST_F(api_front, a_body_is_taken_of_whoever_has_a_token_as_json_up_to_its_size) {
    with([](process& on) -> awaitable<void> {
        auto who = (co_await token(on, {"submit"})).token;
        auto stranger = co_await say(on, {.method = "POST",
                                          .path = "/api/v1/tasks",
                                          .fields = "Expect: 100-continue\r\nContent-Type: application/json\r\n"
                                                    "Content-Length: 100000\r\n"});
        EXPECT_EQ(stranger.status, 401) << "and nothing of the body was waited for";
        std::string most(limits::api_body_bytes - 2, ' ');
        auto fits = co_await say(on, {"POST", "/api/v1/tasks", who, "{" + most + "}"});
        EXPECT_EQ(detail_of(fits), "'instruction' is missing.");
        auto large = co_await say(on, {"POST", "/api/v1/tasks", who, "{" + most + " }"});
        EXPECT_EQ(large.status, 413);
        auto form = co_await say(
            on, {"POST", "/api/v1/tasks", who, "instruction=x", "Content-Type: application/x-www-form-urlencoded\r\n"});
        EXPECT_EQ(form.status, 415);
        auto deep = co_await say(on, {"POST", "/api/v1/tasks", who,
                                      R"({"instruction":)" + std::string(50000, '[') + std::string(50000, ']') + "}"});
        EXPECT_EQ(deep.status, 400) << "and the stack is still there";
        auto two = co_await say(on, {"POST", "/api/v1/tasks", who, R"({"instruction":"x"} {"instruction":"y"})"});
        EXPECT_EQ(two.status, 400);
        auto none = co_await say(on, {"POST", "/api/v1/tasks/1/retry", who, "{}"});
        EXPECT_EQ(detail_of(none), "This takes no body.");
        EXPECT_EQ((co_await on.db.query("select count(*) from tasks where instruction in ('x', 'y')")).number(0, 0), 0);
    });
}

TEST_F(api_front, requests_with_one_key_at_one_moment_are_one_task_and_all_hear_of_it) {
    with([](process& on) -> awaitable<void> {
        auto who = (co_await token(on, {"submit"}, 7)).token, also = (co_await token(on, {"submit"}, 7)).token;
        auto other = (co_await token(on, {"submit"}, 5)).token;
        auto executor = co_await asio::this_coro::executor;
        co_await on.db.query("delete from tasks where instruction = 'Once.'"); // of a run before
        asking what{"POST", "/api/v1/tasks", who, R"({"instruction":"Once."})",
                    "Idempotency-Key: one\r\nContent-Type: application/json\r\n"};
        std::vector<background<http::response>> all;
        for (int i = 0; i < 8; ++i) {
            what.token = i % 2 ? who : also; // a key is its person's, whichever token they show
            all.emplace_back(executor, say(on, what));
        }
        std::set<std::string> tasks, places;
        int again = 0;
        for (auto& each : all) {
            auto r = co_await each.join();
            EXPECT_EQ(r.status, 201) << r.body;
            tasks.insert(text_in(object_of(r), "task"));
            places.insert(std::string(http::header(r.fields, "Location")));
            again += http::header(r.fields, "Idempotency-Replayed") == "true";
        }
        EXPECT_EQ(tasks.size(), 1U);
        EXPECT_EQ(places, std::set{"/api/v1/tasks/" + *tasks.begin()});
        EXPECT_EQ(again, 7);
        EXPECT_EQ((co_await on.db.query("select count(*) from tasks where instruction = 'Once.'")).number(0, 0), 1);
        auto changed = what;
        changed.body = R"({"instruction":"Something else."})";
        auto no = co_await say(on, changed);
        EXPECT_EQ(no.status, 422);
        EXPECT_EQ(reason_of(no), "key_used");
        what.token = other;
        auto theirs = co_await say(on, what);
        EXPECT_EQ(theirs.status, 201);
        EXPECT_FALSE(tasks.contains(text_in(object_of(theirs), "task"))) << "another person's key is another key";
    });
}

TEST_F(api_front, a_token_has_its_own_share_of_requests_and_whoever_guesses_tokens_soon_waits) {
    with([](process& on) -> awaitable<void> {
        auto eager = (co_await token(on, {"read"})).token, calm = (co_await token(on, {"submit"})).token;
        std::string many;
        for (int i = 0; i < limits::api_requests_burst + 60; ++i)
            many += fmt::format("GET /api/v1/self HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer {}\r\n\r\n", eager);
        many += "GET /nothing HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        auto began = std::chrono::steady_clock::now();
        auto all = co_await http::testing::ask(on.port, many);
        auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        EXPECT_GE(count(all, "HTTP/1.1 200 "), limits::api_requests_burst);
        EXPECT_LE(count(all, "HTTP/1.1 200 "), limits::api_requests_burst + seconds * limits::api_requests_second + 1);
        EXPECT_EQ(count(all, "HTTP/1.1 200 ") + count(all, "HTTP/1.1 429 "), limits::api_requests_burst + 60);
        EXPECT_EQ(count(all, "Retry-After: "), count(all, "HTTP/1.1 429 "));
        EXPECT_EQ((co_await say(on, {"GET", "/api/v1/self", calm})).status, 403) << "has a share of its own";

        for (int i = 0; i < 2 * limits::api_failures_burst; ++i)
            EXPECT_EQ((co_await say(on, {"GET", "/api/v1/self"})).status, 401) << "no token is no guess";
        int heard = 0;
        while ((co_await say(on, {"GET", "/api/v1/self", "persais_" + std::string(43, 'g')})).status == 401)
            ++heard;
        EXPECT_GE(heard, limits::api_failures_burst);
        auto right = co_await say(on, {"GET", "/api/v1/self", calm});
        EXPECT_EQ(right.status, 429) << "the right one is not told from the others, or guessing would go on";
        EXPECT_EQ(reason_of(right), "too_often");
    });
}

TEST_F(api_front, the_end_cuts_what_is_under_way_and_waits_for_it) {
    with([](process& on) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto who = (co_await token(on, {"read", "submit"})).token;
        auto task = co_await task_of(on, who);
        listening stream(on, "/api/v1/events", who);
        co_await stream.begin();
        background<std::string> cut(
            executor, http::testing::ask(on.port, asking{"GET", "/api/v1/tasks/" + task + "/diff", who}.text()));
        co_await on.diffs.asked.wait();
        background<void> closing(executor, on.door.close());
        EXPECT_EQ(co_await cut.join(), "") << "nobody waits for an answer that cannot come";
        EXPECT_FALSE(co_await stream.hears("never"));
        EXPECT_EQ(on.hub.streams(), 0U);
        EXPECT_FALSE(closing.finished()) << "the request still uses what the service is about to end";
        auto no = co_await say(on, {"GET", "/api/v1/self", who});
        EXPECT_EQ(no.status, 503);
        EXPECT_EQ(reason_of(no), "not_now");
        EXPECT_NE(http::header(no.fields, "Retry-After"), "");
        EXPECT_EQ((co_await say(on, {"GET", "/api/v1/self", "x"})).status, 401) << "what is no token never is";
        on.health = {503, R"({"status":"starting"})"};
        auto health = co_await say(on, {"GET", "/api/v1/health"});
        EXPECT_EQ(health.status, 503);
        EXPECT_NE(http::header(health.fields, "Retry-After"), "");
        EXPECT_EQ((co_await say(on, {"GET", "/api/openapi.json"})).body, openapi_text());
        on.diffs.let_go();
        co_await closing.join();
        EXPECT_TRUE(on.diffs.ended);
        on.door.open(on.with); // as when the database is there again
        EXPECT_EQ((co_await say(on, {"GET", "/api/v1/self", who})).status, 200);
    });
}

TEST_F(api_front, an_operation_that_the_database_fails_is_not_now_and_says_nothing_of_why) {
    with([](process& on) -> awaitable<void> {
        auto who = (co_await token(on, {"read", "submit"})).token;
        auto task = co_await task_of(on, who);
        on.with.spent = [](task_id) -> awaitable<llm::spent> {
            throw store::db_error("08006", "the host db.internal does not answer");
            co_return llm::spent{};
        };
        for (const auto* language : {"en", "ru"}) {
            auto r = co_await say(on, {.method = "GET",
                                       .path = "/api/v1/tasks/" + task,
                                       .token = who,
                                       .fields = fmt::format("Accept-Language: {}\r\n", language)});
            EXPECT_EQ(r.status, 503);
            EXPECT_EQ(reason_of(r), "not_now");
            EXPECT_EQ(r.body.find("db.internal"), r.body.npos) << r.body;
        }
        co_await on.db.query("alter table api_tokens rename to hidden");
        auto r = co_await say(on, {"GET", "/api/v1/self", who});
        co_await on.db.query("alter table hidden rename to api_tokens");
        EXPECT_EQ(r.status, 503) << "nobody can say whether the token is valid";
    });
}

TEST_F(api_front, HEAD_has_the_head_that_GET_has_and_a_stream_ends_with_it) {
    with([](process& on) -> awaitable<void> {
        auto who = (co_await token(on, {"read"})).token;
        for (const auto* path : {"/api/v1/tasks", "/api/v1/self", "/api/v1/health", "/api/v1/events"}) {
            auto r = co_await say(on, {"HEAD", path, who});
            EXPECT_EQ(r.status, 200) << path;
            EXPECT_EQ(r.body, "") << path;
        }
        EXPECT_EQ((co_await say(on, {"HEAD", "/api/v1/tasks"})).status, 401);
        EXPECT_EQ(on.hub.streams(), 0U);
    });
}

#pragma once
#include "api/event_hub.hpp"
#include "api/front.hpp"
#include "api/testing_document.hpp"
#include "base/hand_clock.hpp"
#include "http/testing_socket.hpp"
#include "pgserver/testing.hpp"
#include "queue/api_tokens.hpp"
#include "queue/pg_tasks.hpp"
#include "service/api_tokens.hpp"
#include "store/migrate.hpp"

#include <chrono>

/// The API of a service as its clients have it: a real server on a port, with its routes, rules and database.
namespace persais::api::testing {

using namespace std::chrono_literals;

/// A diff that somebody waits for, until the test lets it go; a cancellation is not enough.
struct slow_diffs final : service::diffs {
    explicit slow_diffs(const asio::any_io_executor& executor)
        : asked(executor), held_(executor, asio::steady_timer::time_point::max()) {}
    event asked;
    bool ended = false;

    awaitable<service::task_diff> read(mechanic::task, std::string, service::diff_range, std::size_t) override {
        asked.set();
        co_await uninterrupted(hold());
        ended = true;
        co_return service::task_diff{};
    }
    void let_go() {
        free_ = true;
        held_.cancel();
    }

private:
    awaitable<> hold() {
        while (!free_) {
            boost::system::error_code cancelled;
            co_await held_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        }
    }
    bool free_ = false;
    asio::steady_timer held_;
};

/// One process of the service. All arguments outlive it.
struct process {
    store::pool& db;
    const config::settings& settings;
    queue::pg_tasks queue{db, "api-test", 10s};
    system_clock time;
    service::tasks rules{settings, queue, time};
    service::remote_tokens tokens;
    service::known_repositories known{db, settings, tokens, {}};
    int woken = 0;
    service::caller_tasks calls{db, rules, queue, known, time, [this] { ++woken; }};
    slow_diffs diffs;
    event_hub hub;
    std::pair<int, std::string> health{200, R"({"status":"ok"})"};
    dependencies with;
    front door;
    http::router routes;
    http::server server;
    std::uint16_t port = 0;

    process(const asio::any_io_executor& executor, store::pool& on, const config::settings& s)
        : db(on), settings(s), diffs(executor), hub(executor, on, s),
          with{.db = db,
               .settings = settings,
               .requests = queue,
               .rules = rules,
               .tasks = calls,
               .diffs = diffs,
               .events = hub,
               .spent = [](task_id) -> awaitable<llm::spent> { co_return llm::spent{}; }},
          door(executor, s, [this] { return health; }), server(executor, with_routes()) {
        port = server.listen_tcp("127.0.0.1", 0).value();
        door.open(with);
    }
    process(const process&) = delete;

    awaitable<> end() {
        diffs.let_go();
        co_await door.close();
        server.close();
    }

private:
    http::handler with_routes() {
        door.add_to(routes);
        return routes.as_handler();
    }
};

inline http::response answer_in(const std::string& text) {
    http::response r{.status = 0, .fields = {}, .body = {}};
    auto end = text.find("\r\n\r\n");
    if (end == text.npos) return r;
    r.status = std::stoi(text.substr(text.find(' ') + 1, 3));
    for (auto at = text.find("\r\n"); at < end;) {
        auto next = text.find("\r\n", at + 2), colon = text.find(": ", at);
        r.fields.emplace_back(text.substr(at + 2, colon - at - 2), text.substr(colon + 2, next - colon - 2));
        at = next;
    }
    r.body = text.substr(end + 4);
    return r;
}

/// A request as somebody sends it. `token` empty: none is shown.
struct asking {
    std::string method, path, token = {}, body = {}, fields = {}; // fields: whole lines
    std::string text() const {
        auto all = fmt::format("{} {} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n{}", method, path, fields);
        if (!token.empty()) all += "Authorization: Bearer " + token + "\r\n";
        if (!body.empty() && fields.find("Content-Type") == fields.npos) all += "Content-Type: application/json\r\n";
        if (!body.empty()) all += fmt::format("Content-Length: {}\r\n", body.size());
        return all + "\r\n" + body;
    }
};

/// The answer, which the document has to promise where the request is one of its operations.
inline awaitable<http::response> say(const process& to, asking what) {
    auto r = answer_in(co_await with_deadline(30s, http::testing::ask(to.port, what.text())));
    auto path = what.path.substr(0, what.path.find('?'));
    if (const auto* of = what.method == "HEAD" ? nullptr : operation_at(what.method, path))
        EXPECT_EQ(not_promised(*of, r), "") << what.method << " " << what.path;
    co_return r;
}

inline json::object object_of(const http::response& r) {
    boost::system::error_code ec;
    auto v = json::parse(r.body, ec);
    EXPECT_TRUE(!ec && v.is_object()) << r.body;
    return !ec && v.is_object() ? v.as_object() : json::object();
}
inline std::string detail_of(const http::response& r) {
    return text_in(object_of(r), "detail");
}
inline std::string reason_of(const http::response& r) {
    return text_in(object_of(r), "reason");
}

/// A client of a stream of events.
class listening {
public:
    listening(const process& to, std::string path, std::string token, std::string last = "")
        : port_(to.port), what_{.method = "GET", .path = std::move(path), .token = std::move(token)} {
        if (!last.empty()) what_.fields = "Last-Event-ID: " + last + "\r\n";
    }
    awaitable<> begin() {
        socket_.emplace(co_await http::testing::dial(port_));
        co_await http::testing::put(*socket_, what_.text());
        EXPECT_TRUE(co_await hears("retry: 2000")) << seen;
    }
    /// False: the stream ended before.
    awaitable<bool> hears(std::string words) { return with_deadline(30s, read_to(std::move(words))); }
    /// The numbers of the events that came, in their order.
    std::vector<std::int64_t> numbers() const {
        std::vector<std::int64_t> all;
        constexpr std::string_view name = "\"number\":";
        for (auto at = seen.find(name); at != seen.npos; at = seen.find(name, at + 1))
            all.push_back(std::stoll(seen.substr(at + name.size(), 20)));
        return all;
    }
    /// Of the last event.
    std::string last_id() const {
        auto at = seen.rfind("id: ") + 4;
        return seen.substr(at, seen.find('\n', at) - at);
    }
    void leave() { socket_.reset(); }

    std::string seen;

private:
    awaitable<bool> read_to(std::string words) {
        while (seen.find(words) == seen.npos) {
            std::string more;
            try {
                more = co_await http::testing::read_some(*socket_);
            } catch (const boost::system::system_error&) {
                co_return false;
            }
            seen += more;
        }
        co_return true;
    }

    std::uint16_t port_;
    asking what_;
    std::optional<http::testing::tcp::socket> socket_;
};

/// A pool with a moment just before a statement, in which a test has something else happen.
struct pool_with_a_moment final : store::pool {
    using pool::pool;
    std::string words; // of the statement
    std::function<awaitable<void>()> then;

    awaitable<store::rows> query(std::string sql, std::vector<store::param> params = {}) override {
        if (then && sql.find(words) != sql.npos) co_await std::exchange(then, {})();
        co_return co_await pool::query(std::move(sql), std::move(params));
    }
};

/// All tests of a suite have one database, whose tasks and tokens they make themselves.
struct served : ::testing::Test {
    config::settings settings;
    bool by_hand = false; // time passes when the test says so
    hand_clock* hand = nullptr;

    served() {
        settings.git_remote_url = "https://github.com/you/shop";
        settings.aider_model = "m";
        settings.task_attempts = 3;
        settings.budget_task_usd = 2;
        settings.budget_day_usd = 10;
        settings.telegram_admin_ids = {5};
        settings.allowed_user_ids = {7};
    }

    static std::string database() {
        static const pgserver::testing::scratch_database only;
        return only.url();
    }

    template <class F>
    void with(F body) {
        pgserver::testing::on_a_loop([](served& t, F work) -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            if (t.by_hand) t.hand = &asio::make_service<hand_clock>(asio::query(executor, asio::execution::context));
            pool_with_a_moment db(executor, {.url = secret(database()), .size = 4});
            co_await store::migrate(db);
            co_await db.query("truncate task_events");
            process one(executor, db, t.settings);
            std::string broke; // what a failed test left running ends with the process
            try {
                co_await work(one);
            } catch (const std::exception& e) {
                broke = e.what();
            }
            EXPECT_EQ(broke, "");
            co_await one.end();
            db.close();
        }(*this, std::move(body)));
    }

    struct shown {
        std::int64_t id = 0;
        std::string token;
    };
    /// `person`: nullopt: the terminal.
    static awaitable<shown> token(const process& on, std::vector<std::string> scopes,
                                  std::optional<std::int64_t> person = {}) {
        auto made = co_await service::make_api_token(
            on.db, on.settings, {.name = "t", .scopes = std::move(scopes), .person = person, .by = "terminal"});
        if (!made) throw std::runtime_error(made.error().sentence);
        co_return shown{made->id, std::string(made->token.reveal())};
    }
    /// A new task of whoever has the token.
    static awaitable<std::string> task_of(const process& on, std::string token) {
        auto r = co_await say(on, {"POST", "/api/v1/tasks", std::move(token), R"({"instruction":"Mend it."})"});
        EXPECT_EQ(r.status, 201) << r.body;
        co_return text_in(object_of(r), "task");
    }
    static awaitable<> happens(const process& on, std::string task, std::vector<std::int64_t> which) {
        for (auto each : which)
            co_await on.db.query("insert into task_events (task_id, number, fence, kind, body) values ($1, $2::bigint, "
                                 "1, 'progress', '{\"text\": \"It works.\"}')",
                                 {task, std::to_string(each)});
    }
};

} // namespace persais::api::testing

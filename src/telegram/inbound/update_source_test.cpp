#include "telegram/inbound/update_source.hpp"
#include "telegram/store/testing_database.hpp"

#include <deque>

#include <boost/json.hpp>
#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;
using telegram::testing::comes_true;

namespace {

/// Telegram, as far as the update source sees it: answers by method; a method without an answer waits for ever.
struct scripted_api final : api {
    awaitable<called> call(std::string method, std::string body, std::chrono::milliseconds) override {
        calls.emplace_back(method, body);
        auto& mine = answers[method];
        if (mine.empty()) co_await event(co_await asio::this_coro::executor).wait();
        auto a = mine.front();
        if (mine.size() > 1 || once.contains(method)) mine.pop_front();
        if (a.empty()) co_return called{.may_have_happened = true, .why = "the answer was lost"};
        co_return called{.got = read_answer(a)};
    }
    awaitable<called> call_with_file(std::string, std::string, upload) override { co_return called{}; }
    awaitable<result<std::string>> download(std::string, std::size_t) override { co_return fail("none"); }

    std::vector<std::string> bodies(std::string_view method) const {
        std::vector<std::string> all;
        for (const auto& [m, body] : calls)
            if (m == method) all.push_back(body);
        return all;
    }

    std::map<std::string, std::deque<std::string>> answers; // the last is given again and again, unless in `once`
    std::set<std::string> once;
    std::vector<std::pair<std::string, std::string>> calls;
};

constexpr auto me = R"({"ok":true,"result":{"id":42,"is_bot":true,"first_name":"P","username":"persais_bot"}})";
constexpr auto yes = R"({"ok":true,"result":true})";

struct receives : telegram::testing::with_database {
    receives() {
        telegram_.answers = {
            {"getMe", {me}}, {"setWebhook", {yes}}, {"deleteWebhook", {yes}}, {"setMyCommands", {yes}}};
        telegram_.once = {"getUpdates"};
        secrets_.set(secret("sesame"));
    }
    update_source_dependencies dependencies() {
        return {.webhook_url = [this] { return url; },
                .commands = [] { return std::vector<std::string>{R"({"commands":[]})"}; },
                .known = [this](const bot& b) { known = b.username; },
                .webhook_set = [this] { ++set; },
                .reached = [this](const std::string& t) { trouble = t; }};
    }

    scripted_api telegram_;
    hook_secrets secrets_;
    std::string url, known, trouble;
    int set = 0;
};

std::string updates(std::vector<std::int64_t> numbers) {
    std::string all;
    for (auto n : numbers)
        all += fmt::format("{}{{\"update_id\":{}}}", all.empty() ? "" : ",", n);
    return fmt::format(R"({{"ok":true,"result":[{}]}})", all);
}

std::int64_t offset_in(const std::string& body) {
    const auto* o = boost::json::parse(body).as_object().if_contains("offset");
    return o ? o->as_int64() : -1;
}

} // namespace

TEST_F(receives, with_an_address_telegram_is_told_to_call_with_the_secret) {
    url = "https://bot.example/telegram/webhook";
    with([this](store::pool& db) -> awaitable<void> {
        intake in(co_await asio::this_coro::executor, db, {});
        update_source r(telegram_, in, secrets_, dependencies());
        co_await r.run();
    });
    EXPECT_EQ(known, "persais_bot");
    EXPECT_EQ(set, 1);
    auto told = telegram_.bodies("setWebhook");
    EXPECT_EQ(told.size(), 1u);
    auto body = boost::json::parse(told.at(0)).as_object();
    EXPECT_EQ(body["url"], "https://bot.example/telegram/webhook");
    EXPECT_EQ(body["secret_token"], "sesame");
    EXPECT_TRUE(body["allowed_updates"].is_array());
    EXPECT_FALSE(body.contains("drop_pending_updates") && body["drop_pending_updates"].as_bool());
    EXPECT_TRUE(telegram_.bodies("getUpdates").empty());
}

TEST_F(receives, a_telegram_that_does_not_answer_is_asked_again) {
    url = "https://bot.example/telegram/webhook";
    telegram_.answers["getMe"] = {"", R"({"ok":false,"error_code":502,"description":"Bad Gateway"})", me};
    with([this](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        update_source r(telegram_, in, secrets_, dependencies());
        background<void> job(executor, r.run());
        EXPECT_TRUE(co_await comes_true([this] { return trouble.find("lost") != trouble.npos; }));
        EXPECT_TRUE(co_await comes_true([this] { return trouble.find("Bad Gateway") != trouble.npos; }));
        co_await job.join();
    });
    EXPECT_EQ(trouble, "");
    EXPECT_EQ(set, 1);
}

TEST_F(receives, without_an_address_it_asks_and_says_what_it_has_only_after_the_commit) {
    telegram_.answers["getUpdates"] = {updates({7, 8}), updates({9})};
    with([this](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        update_source r(telegram_, in, secrets_, dependencies());
        background<void> job(executor, r.run());
        EXPECT_TRUE(co_await comes_true([this] { return telegram_.bodies("getUpdates").size() == 3; }));
        EXPECT_EQ((co_await db.query("select count(*) from inbox")).number(0, 0), 3);
        co_await job.stop();
    });
    EXPECT_EQ(telegram_.bodies("deleteWebhook").size(), 1u);
    EXPECT_EQ(telegram_.bodies("deleteWebhook").at(0).find("\"drop_pending_updates\":true"), std::string::npos);
    auto asked = telegram_.bodies("getUpdates");
    EXPECT_EQ(offset_in(asked.at(0)), -1) << "what Telegram has kept, from the first on";
    EXPECT_EQ(offset_in(asked.at(1)), 9);
    EXPECT_EQ(offset_in(asked.at(2)), 10);
}

TEST_F(receives, what_cannot_be_read_does_not_spoil_what_comes_with_it) {
    telegram_.answers["getUpdates"] = {R"({"ok":true,"result":[{"update_id":7,"x":)" + std::string(100, '[') +
                                       std::string(100, ']') + R"(},{"update_id":8,"message":"?"},{}]})"};
    with([this](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        update_source r(telegram_, in, secrets_, dependencies());
        background<void> job(executor, r.run());
        EXPECT_TRUE(co_await comes_true([this] { return telegram_.bodies("getUpdates").size() == 2; }));
        co_await job.stop();
        EXPECT_EQ((co_await db.query("select count(*) from inbox")).number(0, 0), 3);
    });
    EXPECT_EQ(offset_in(telegram_.bodies("getUpdates").at(1)), 9);
}

TEST_F(receives, another_program_that_fetches_is_said) {
    telegram_.answers["getUpdates"] = {
        R"({"ok":false,"error_code":409,"description":"Conflict: terminated by other"})"};
    with([this](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        update_source r(telegram_, in, secrets_, dependencies());
        background<void> job(executor, r.run());
        EXPECT_TRUE(co_await comes_true([this] { return trouble.find("another program") != trouble.npos; }));
        co_await job.stop();
    });
}

TEST_F(receives, a_wrong_token_is_said_by_its_name) {
    telegram_.answers["getMe"] = {R"({"ok":false,"error_code":401,"description":"Unauthorized"})"};
    with([this](store::pool& db) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        intake in(executor, db, {});
        update_source r(telegram_, in, secrets_, dependencies());
        background<void> job(executor, r.run());
        EXPECT_TRUE(co_await comes_true([this] { return trouble.find("TELEGRAM_BOT_TOKEN") != trouble.npos; }));
        co_await job.stop();
    });
}

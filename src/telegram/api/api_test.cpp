#include "http/testing_socket.hpp"
#include "telegram/api/api.hpp"

#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;

namespace {

constexpr auto refusal_text = R"({"ok":false,"error_code":401,"description":"there is no bot word"})";

struct bot_api : ::testing::Test, http::testing::loop {
    bot_api() { root = fmt::format("http://127.0.0.1:{}/", *server.listen_tcp("127.0.0.1", 0)); }
    void TearDown() override {
        server.close();
        api.reset();
        EXPECT_TRUE(dry());
    }
    std::vector<std::string> paths;
    http::server server{io.get_executor(), [this](http::request r, http::pending_request& to) -> awaitable<> {
                            paths.push_back(r.path);
                            co_await to.send(401, {}, refusal_text);
                        }};
    std::string root;
    std::unique_ptr<telegram::api> api =
        make_api(io.get_executor(), [this] { return root; }, [] { return secret("word"); }, {});
};

} // namespace

TEST_F(bot_api, shows_the_token_to_the_server_and_repeats_it_in_no_error) {
    run([&]() -> awaitable<> {
        auto refused = co_await api->call("getMe", "{}");
        EXPECT_EQ(paths, std::vector<std::string>{"/botword/getMe"});
        EXPECT_TRUE(refused.got);
        if (refused.got) EXPECT_EQ(refused.got->description, "there is no bot ***");

        root = "http://word.invalid";
        auto unreached = co_await api->call("getMe", "{}");
        EXPECT_FALSE(unreached.got);
        EXPECT_TRUE(unreached.why.contains("***.invalid") && !unreached.why.contains("word")) << unreached.why;
    });
}

TEST(bot_api_closed, a_message_that_was_taken_without_an_answer_is_in_doubt_and_sent_once) {
    for (bool with_file : {false, true})
        for (int closing : {1, 2}) { // on the first connection, on a reused one
            http::testing::loop on;
            int asked = 0;
            http::testing::raw_server server(on.io, [&](const std::string&) -> std::optional<std::string> {
                if (++asked == closing) return std::nullopt;
                return http::testing::whole_answer(R"({"ok":true,"result":{"message_id":5}})");
            });
            auto bot =
                make_api(on.io.get_executor(), [&] { return server.root(); }, [] { return secret("1:word"); }, {});
            called last;
            on.run([&]() -> awaitable<> {
                for (int i = 0; i < closing; ++i)
                    if (with_file)
                        last = co_await bot->call_with_file("sendDocument", "{}", {"document", "a.diff", "+1"});
                    else
                        last = co_await bot->call("sendMessage", "{}");
            });
            server.close();
            bot.reset();
            EXPECT_TRUE(on.dry());
            EXPECT_EQ(asked, closing);
            EXPECT_FALSE(last.got);
            EXPECT_TRUE(last.may_have_happened) << last.why;
            EXPECT_FALSE(last.why.contains("word")) << last.why;
        }
}

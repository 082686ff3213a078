#include "http/testing_socket.hpp"
#include "telegram/api/documents.hpp"

#include <fmt/format.h>

using namespace persais;
using namespace persais::telegram;

namespace {

/// A Bot API with one file.
struct documents : ::testing::Test, http::testing::loop {
    void TearDown() override {
        server.close();
        bot.reset();
        EXPECT_TRUE(dry());
    }
    std::string file;
    std::string got = R"({"file_id":"x","file_size":7,"file_path":"documents/file 1.ж"})";
    std::vector<std::string> asked;
    http::testing::raw_server server{io, [this](const std::string& request) -> std::optional<std::string> {
                                         asked.push_back(request.substr(0, request.find(" HTTP")));
                                         if (request.starts_with("GET")) return http::testing::whole_answer(file);
                                         return http::testing::whole_answer(R"({"ok":true,"result":)" + got + "}");
                                     }};
    std::unique_ptr<api> bot =
        make_api(io.get_executor(), [this] { return server.root(); }, [] { return secret("1:word"); }, {});

    result<std::string, unread> read(attachment what) {
        result<std::string, unread> end;
        run([&]() -> awaitable<> { end = co_await read_document(*bot, what); });
        return end;
    }
    result<std::string, unread> read() { return read(document()); }
    static attachment document(std::optional<std::int64_t> bytes = {}) {
        return {.what = attachment::kind::document, .file = "x", .name = "a.log", .bytes = bytes};
    }
};

constexpr auto most = static_cast<std::int64_t>(limits::telegram_document_bytes);

} // namespace

TEST_F(documents, of_text_are_read_from_the_files_of_the_bot_api) {
    file = "\xEF\xBB\xBFошибка\n";
    EXPECT_EQ(read(), "ошибка\n");
    EXPECT_EQ(asked,
              (std::vector<std::string>{"POST /bot1:word/getFile", "GET /file/bot1:word/documents/file%201.%D0%B6"}));
}

TEST_F(documents, of_other_bytes_are_no_text) {
    for (const auto& bytes : {std::string("PK\x03\xFF"), std::string("a\0b", 3)}) {
        file = bytes;
        EXPECT_EQ(read().error(), unread::no_text);
    }
    asked.clear();
    EXPECT_EQ(read(attachment{.what = attachment::kind::photo, .file = "x", .name = {}, .bytes = {}}).error(),
              unread::no_text);
    EXPECT_EQ(asked, std::vector<std::string>{}) << "it is not even fetched";
}

TEST_F(documents, over_the_limit_are_not_fetched) {
    EXPECT_EQ(read(document(most + 1)).error(), unread::too_large);
    EXPECT_TRUE(asked.empty());
    got = fmt::format(R"({{"file_size":{},"file_path":"documents/1"}})", most + 1);
    EXPECT_EQ(read(document(most)).error(), unread::too_large);
    EXPECT_EQ(asked.size(), 1U);
}

TEST_F(documents, that_do_not_come_are_told_from_those_that_are_no_text) {
    got = "{}";
    EXPECT_EQ(read().error(), unread::not_given);
    got = R"({"file_path":"documents/1"})";
    file = std::string(most + 1, 'x');
    EXPECT_EQ(read().error(), unread::not_given) << "larger than was said";
    got = R"({"file_size":"seven"})";
    EXPECT_EQ(read().error(), unread::not_given) << "without a path";
}

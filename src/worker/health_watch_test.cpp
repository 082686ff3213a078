#include "http/testing.hpp"
#include "worker/health_watch.hpp"

#include <fmt/format.h>

using namespace persais;
using namespace persais::worker;
using namespace std::chrono_literals;

namespace {

const std::string commit = "0123456789abcdef0123456789abcdef01234567";
const std::string later(40, 'e');

health_sign read(const http::fetched& answer, std::string header = {}, std::string pointer = {}) {
    return read_health({"https://me.example/health?key=x", std::move(header), std::move(pointer)}, answer, commit);
}

/// A deployment that says what a test wants, one answer after the other; the last one again and again.
struct watching : ::testing::Test, http::testing::loop {
    struct said {
        int status = 200;
        std::string version;
    };
    watching()
        : served(io.get_executor(), [this](http::request, http::pending_request& to) -> awaitable<> {
              const auto& next = answers.at(std::min(asked++, answers.size() - 1));
              co_await to.send(next.status, {{"X-Version", next.version}}, "{}");
          }) {
        root = fmt::format("http://127.0.0.1:{}/health", *served.listen_tcp("127.0.0.1", 0));
    }
    void TearDown() override {
        served.close();
        web.reset();
        EXPECT_TRUE(dry());
    }
    std::optional<mechanic::health> watch(std::vector<said> what, std::chrono::nanoseconds left) {
        answers = std::move(what);
        std::optional<mechanic::health> seen;
        run([&]() -> awaitable<> {
            auto end =
                co_await watch_health(*web, {.commit = commit,
                                             .where = [this] { return health_place{root, "X-Version", ""}; },
                                             .left = [left] { return left; },
                                             .has = [this](std::string version) -> awaitable<std::optional<bool>> {
                                                 looked_up.push_back(version);
                                                 if (looked_up.size() == 1)
                                                     co_return std::nullopt; // no way to the remote
                                                 co_return version == later;
                                             },
                                             .changed = [this](const auto& sentence) { told.push_back(sentence); },
                                             .every = 1ms,
                                             .at_forge = at_forge,
                                             .every_at_forge = 1ms});
            if (end) seen = end->seen;
            known = end && end->known;
        });
        return seen;
    }

    /// What the forge says, one sign after the other; the last one again and again.
    void forge_says(std::vector<health_sign> what) {
        at_forge = [this, what = std::move(what)]() -> awaitable<health_sign> {
            co_return what.at(std::min(forge_asked++, what.size() - 1));
        };
    }

    std::function<awaitable<health_sign>()> at_forge;
    std::size_t forge_asked = 0;
    bool known = false;
    std::vector<said> answers;
    std::size_t asked = 0;
    std::vector<std::string> told, looked_up;
    http::server served;
    std::string root;
    std::optional<http::client> web{std::in_place, io.get_executor()};
};

} // namespace

TEST(read_health, wants_200_and_the_version_where_one_is_asked_for) {
    struct row {
        http::fetched answer;
        bool well;
        std::string_view said;
        std::string header = "X-Version", pointer = {};
    };
    const http::headers full{{"x-version", commit}}, brief{{"X-Version", "0123456"}}, six{{"X-Version", "012345"}},
        described{{"X-Version", "v1.2-14-g0123456789"}}, other{{"X-Version", later}};
    const std::string json = R"({"build": {"commit": "0123456789ab", "number": 17}})";
    for (const auto& r : std::vector<row>{
             {{200, full, ""}, true, "me.example answers 200 and is version 0123456789."},
             {{200, brief, ""}, true, "me.example answers 200 and is version 0123456."},
             {{200, described, ""}, true, "me.example answers 200 and is version v1.2-14-g0123456789."},
             {{200, six, ""}, false, "me.example answers 200 and is another version: 012345."},
             {{200, other, ""}, false, "me.example answers 200 and is another version: eeeeeeeeee."},
             {{200, {}, ""},
              false,
              "me.example answers 200 and does not say which version it is: X-Version is not there."},
             {{503, full, ""}, false, "me.example answers 503."},
             {{301, full, ""}, false, "me.example answers 301."},
             {{200, {}, json}, true, "me.example answers 200 and is version 0123456789ab.", "", "/build/commit"},
             {{200, {}, json}, false, "me.example answers 200 and is another version: 17.", "", "/build/number"},
             {{200, {}, json},
              false,
              "me.example answers 200 and does not say which version it is: /build/no is not there.",
              "",
              "/build/no"},
             {{200, {}, "<p>"},
              false,
              "me.example answers 200 and does not say which version it is: /v is not there.",
              "",
              "/v"},
             {{200, {}, ""},
              true,
              "me.example answers 200; which version that is nobody asks (DEPLOY_VERSION_HEADER, "
              "DEPLOY_VERSION_POINTER).",
              ""}}) {
        auto seen = read(r.answer, r.header, r.pointer);
        EXPECT_EQ(seen.well, r.well) << r.said;
        EXPECT_EQ(seen.said, r.said);
    }
}

TEST(read_health, tells_no_more_than_a_line_of_what_a_deployment_says) {
    auto seen = read({200, {{"X-Version", std::string(5000, 'x') + "\x1b[31m"}}, ""}, "X-Version");
    EXPECT_EQ(seen.said, "me.example answers 200 and is another version: " + std::string(100, 'x') + ".");
}

TEST_F(watching, goes_on_until_it_is_well_and_tells_each_change_once) {
    auto seen = watch({{502, ""}, {502, ""}, {200, "old"}, {200, commit}}, 1h);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->well);
    EXPECT_EQ(seen->said, "127.0.0.1 answers 200 and is version 0123456789.");
    EXPECT_EQ(told, (std::vector<std::string>{"127.0.0.1 answers 502.",
                                              "127.0.0.1 answers 200 and is another version: old."}));
    EXPECT_EQ(asked, 4u);
}

TEST_F(watching, ends_with_the_newest_answer_when_the_time_is_over) {
    auto seen = watch({{502, ""}}, 0s); // it was over while nobody could look: one look is taken
    EXPECT_EQ(seen, (mechanic::health{false, "127.0.0.1 answers 502."}));
    EXPECT_EQ(asked, 1u);
}

TEST_F(watching, takes_a_later_commit_that_has_it_for_it) {
    auto seen = watch({{200, "old"}, {200, "old"}, {200, "old"}, {200, later}}, 1h);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(seen->well);
    EXPECT_EQ(seen->said, "127.0.0.1 answers 200 and is version eeeeeeeeee, which has it.");
    EXPECT_EQ(looked_up, (std::vector<std::string>{"old", "old", later})) << "each is asked about until it is known";
}

TEST_F(watching, of_one_that_is_not_there_is_no_error) {
    served.close();
    auto seen = watch({{200, commit}}, 0s);
    ASSERT_TRUE(seen);
    EXPECT_FALSE(seen->well);
    EXPECT_TRUE(seen->said.contains("127.0.0.1")) << seen->said;
}

TEST_F(watching, ends_when_nobody_wants_to_know_any_more) {
    root.clear();
    EXPECT_FALSE(watch({{200, commit}}, 1h));
}

TEST_F(watching, asks_the_forge_until_it_says_well_and_then_the_address) {
    forge_says({{false, "", "It waits for production."}, {true, "", "The forge says well."}, {false, "", "never"}});
    auto seen = watch({{502, ""}, {200, commit}}, 1h);
    EXPECT_EQ(seen, (mechanic::health{true, "The forge says well. 127.0.0.1 answers 200 and is version 0123456789."}));
    EXPECT_EQ(told, (std::vector<std::string>{"It waits for production.", "127.0.0.1 answers 502."}));
    EXPECT_EQ(forge_asked, 2U) << "what went well once is not asked about again";
    EXPECT_TRUE(known);
}

TEST_F(watching, needs_no_address_where_the_forge_says_it) {
    root.clear();
    forge_says({{true, "", "The forge says well."}});
    EXPECT_EQ(watch({{200, commit}}, 1h), (mechanic::health{true, "The forge says well."}));
    EXPECT_EQ(asked, 0U);
}

TEST_F(watching, ends_at_once_with_what_failed_and_with_what_nobody_can_say) {
    forge_says({{.said = "The deployment failed.", .over = true}});
    EXPECT_EQ(watch({{200, commit}}, 1h), (mechanic::health{false, "The deployment failed."}));
    EXPECT_TRUE(known);
    io.restart();
    forge_says({{.said = "GitHub answers 502.", .known = false}});
    EXPECT_EQ(watch({{200, commit}}, 0s), (mechanic::health{false, "GitHub answers 502."}));
    EXPECT_FALSE(known) << "which is no reason to take anything back";
}

TEST(ids_in, finds_what_may_name_a_commit) {
    EXPECT_EQ(ids_in("v1.2-14-g0123456789"), (std::vector<std::string>{"0123456789"}));
    EXPECT_EQ(ids_in(commit), (std::vector<std::string>{commit}));
    EXPECT_EQ(ids_in("012345 abcdefg"), (std::vector<std::string>{}));
    EXPECT_EQ(ids_in("0123456-89abcde"), (std::vector<std::string>{"0123456", "89abcde"}));
}

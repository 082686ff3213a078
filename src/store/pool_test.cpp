#include "store/store.hpp"
#include "store/testing.hpp"

#include <gtest/gtest.h>

namespace persais::store {

using testing::on_a_loop;
using testing::scratch_database;

namespace {

TEST(pool, binds_parameters_and_reads_values) {
    scratch_database d;
    on_a_loop([](std::string url) -> awaitable<void> {
        pool db(co_await asio::this_coro::executor, {.url = url});
        auto r = co_await db.query("select $1::bigint + 1 as n, $2::text as t, $3::float8 / 2, $1::int > 3 as b",
                                   {"41", std::nullopt, "3"});
        EXPECT_EQ(r.size(), 1);
        EXPECT_EQ(r.number(0, r.column("n")), 42);
        EXPECT_TRUE(r.null(0, r.column("t")));
        EXPECT_DOUBLE_EQ(r.real(0, 2), 1.5);
        EXPECT_TRUE(r.boolean(0, r.column("b")));
        EXPECT_EQ(r.column("absent"), -1);
        EXPECT_THROW(r.text(1, 0), std::out_of_range);
        EXPECT_THROW(r.number(0, 3), std::logic_error);
    }(d.url()));
}

} // namespace

} // namespace persais::store

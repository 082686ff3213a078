#include "app/door.hpp"
#include "app/limits.hpp"

#include <gtest/gtest.h>

using namespace persais;

TEST(door, takes_what_tasks_and_database_leave_of_the_descriptors) {
    config::settings s;
    s.database_pool_size = 4;
    s.tasks_parallel = 8;
    auto kept = limits::descriptors_own + 8 * limits::descriptors_task + limits::figures_connections + 4;
    EXPECT_EQ(app::door_connections(2048, s), 2048 - kept);
    EXPECT_EQ(app::door_connections(1 << 20, s), limits::http_connections);
    EXPECT_EQ(app::door_connections(64, s), limits::door_connections_least);
    s.tasks_parallel = 100;
    EXPECT_EQ(app::door_connections(11'500, s), 11'500 - kept - 92 * limits::descriptors_task);
}

TEST(door, believes_the_proxies_that_are_named_and_no_others) {
    config::settings s;
    s.database_pool_size = 4;
    auto near = boost::asio::ip::make_address("10.1.2.3");
    EXPECT_FALSE(app::door_options(s).proxies.contain(near));
    s.trusted_proxies = "10.0.0.0/8";
    EXPECT_TRUE(app::door_options(s).proxies.contain(near));
}

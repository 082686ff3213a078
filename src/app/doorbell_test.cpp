#include "app/doorbell.hpp"
#include "base/background.hpp"
#include "base/locked_directory.hpp"
#include "base/temp_dir.hpp"

#include <stdlib.h>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

using namespace persais;
using namespace persais::app;
namespace fs = std::filesystem;

TEST(doorbell, is_heard_at_every_service_on_the_folder_and_at_no_dead_one) {
    temp_dir folder_of_bells;
    fs::path data = folder_of_bells.path() / std::string(120, 'd'); // longer than a socket's path may be
    fs::create_directories(data / "gateways/dead");
    EXPECT_EQ(ring(data), 0);
    asio::io_context io(1);
    int heard = 0;
    auto one = [&](std::string name) -> awaitable<void> {
        auto folder = locked_directory::make(data / "gateways", name);
        auto bell = doorbell::hang(co_await asio::this_coro::executor, (*folder)->short_path());
        EXPECT_TRUE(bell) << (bell ? "" : bell.error());
        co_await (*bell)->wait();
        ++heard;
    };
    asio::co_spawn(
        io,
        [&]() -> awaitable<void> {
            auto executor = co_await asio::this_coro::executor;
            background<void> a(executor, one("a"));
            background<void> b(executor, one("b"));
            EXPECT_EQ(ring(data), 2);
            ring(data); // two rings count as one
            co_await a.join();
            co_await b.join();
        },
        [](std::exception_ptr e) { EXPECT_FALSE(e); });
    io.run();
    EXPECT_EQ(heard, 2);
}

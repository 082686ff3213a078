#pragma once
#include "http/client.hpp"
#include "http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace persais::http::testing {

/// A loop on which a test's coroutine runs to its end; then the loop is stopped and run dry.
struct loop {
    asio::io_context io{1};
    template <class F>
    void run(F body) {
        std::exception_ptr error;
        bool ended = false;
        asio::co_spawn(io, body(), [&](std::exception_ptr e) {
            error = e;
            ended = true;
        });
        while (!ended && io.run_one_for(std::chrono::seconds(60)) > 0) {
        }
        if (error) std::rethrow_exception(error);
        ASSERT_TRUE(ended) << "the test's coroutine did not end";
    }
    /// After everything was closed: what is under way ends. False when it does not.
    bool dry() {
        io.run_for(std::chrono::seconds(20));
        return io.stopped();
    }
};

} // namespace persais::http::testing

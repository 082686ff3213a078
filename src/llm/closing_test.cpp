// A gateway that is closed with its database says nothing about it.
#include "llm/testing_world.hpp"

#include <sstream>

#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

using namespace persais;
using namespace persais::llm;
using namespace persais::llm::testing;

namespace {

/// What is logged while it lives.
class overheard {
public:
    overheard() {
        auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("overheard", sink));
    }
    ~overheard() { spdlog::set_default_logger(before_); }
    overheard(const overheard&) = delete;
    std::string text() const { return text_.str(); }

private:
    std::ostringstream text_;
    std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

} // namespace

TEST(closing, a_process_that_ends_at_once_says_nothing_of_what_it_had_not_looked_for_yet) {
    temp_dir folder;
    asio::io_context io(1);
    database data(io.get_executor());
    overheard log;
    system_clock time;
    {
        gateway gate(io.get_executor(), data.pool, time, {}, {});
        EXPECT_TRUE(gate.listen(folder.path() / "gateway.sock"));
        gate.begin({.task = task_id{1}, .model = "a/b"});
        gate.close();
        data.pool.close();
        io.run();
    }
    EXPECT_EQ(log.text(), "");
}

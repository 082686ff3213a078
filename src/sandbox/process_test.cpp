// Communication with a child in both directions; the child and its tree must end as those of run_child do.
#include "base/background.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/process.hpp"
#include "sandbox/testing.hpp"

namespace persais::sandbox {
namespace {

using namespace testing;
using steady = std::chrono::steady_clock;

child_result speak(child_spec spec, conversation talk) {
    return on_a_loop(run_process(std::move(spec), std::move(talk)));
}

/// A child that runs longer than any test waits, unless it is ended.
child_spec endless(std::string script) {
    auto spec = shell(std::move(script));
    spec.total = 60s;
    return spec;
}

/// A child that prints what it reads, one line at a time.
child_spec echo() {
    return shell("while read -r word; do echo \"heard $word\"; done; echo over");
}

std::string kept_up_by(const std::filesystem::path& file) {
    return "while ! [ -e " + file.string() + " ]; do sleep 0.02; done; ";
}

awaitable<std::string> text_of(process& from) {
    std::string all;
    while (auto next = co_await from.read_line())
        all += next->text + "\n";
    co_return all;
}

TEST(process, answers_what_it_is_told_one_after_the_other) {
    std::string heard;
    auto result = speak(echo(), [&](process& with) -> awaitable<void> {
        for (int i = 0; i < 50; ++i) {
            EXPECT_TRUE(co_await with.write(std::to_string(i) + "\n"));
            auto answer = co_await with.read_line();
            EXPECT_EQ(answer, (line{"heard " + std::to_string(i)}));
        }
        with.close_input();
        EXPECT_EQ(co_await with.read_line(), (line{"over"}));
        EXPECT_EQ(co_await with.read_line(), std::nullopt);
        EXPECT_EQ(co_await with.read_line(), std::nullopt);
        EXPECT_FALSE(co_await with.write("too late\n"));
    });
    EXPECT_TRUE(result.ok());
    EXPECT_TRUE(result.output.ends_with("heard 49\nover\n"));
}

TEST(process, whose_conversation_is_over_sees_the_end_of_its_input) {
    auto result = speak(echo(), [](process& with) -> awaitable<void> { co_await with.write("last\n"); });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result.output, "heard last\nover\n");
}

TEST(process, that_ended_has_its_lines_read_to_the_last) {
    std::string last;
    std::size_t count = 0;
    auto result = speak(shell("seq 1 20000; printf end"), [&](process& with) -> awaitable<void> {
        while (auto next = co_await with.read_line()) {
            last = next->text;
            ++count;
        }
    });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(last, "end");
    EXPECT_EQ(count, 20001U);
}

TEST(process, that_nobody_reads_waits_and_is_not_silent) {
    temp_dir folder;
    auto printed = folder.path() / "printed";
    auto mebibytes = 8 + limits::process_unread_bytes / (1 << 20);
    std::string text(1023, 'x');
    // Lines that are kept count, except the one that is read first.
    auto unread = [&text](std::size_t printed_bytes) {
        auto lines = printed_bytes / (text.size() + 1);
        return lines == 0 ? 0 : (lines - 1) * (text.size() + sizeof(line));
    };
    auto spec = endless("yes " + text + " | head -c " + std::to_string(mebibytes << 20) + "; : >" + printed.string());
    std::size_t seen = 0, bytes = 0;
    std::optional<event> held_back;
    spec.on_output = [&](std::string_view piece) {
        seen += piece.size();
        if (held_back && unread(seen) >= limits::process_unread_bytes) held_back->set();
    };
    int asked = 0; // because it seemed idle, as a child may be at any time when it gets no processor
    spec.idle = 100ms;
    spec.sign_of_life = [&] {
        ++asked;
        return steady::now();
    };
    auto result = speak(spec, [&](process& with) -> awaitable<void> {
        held_back.emplace(co_await asio::this_coro::executor);
        co_await with.read_line();
        if (unread(seen) < limits::process_unread_bytes) co_await held_back->wait();
        asked = 0;
        co_await sleep_for(1s); // far longer than the idle limit, and enough to print all if it were not held back
        EXPECT_EQ(asked, 0);
        EXPECT_FALSE(std::filesystem::exists(printed));
        bytes = text.size() + 1 + (co_await text_of(with)).size();
    });
    EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(ended::exited));
    EXPECT_EQ(bytes, mebibytes << 20);
    EXPECT_TRUE(std::filesystem::exists(printed));
}

TEST(process, that_does_not_read_holds_its_writer_up) {
    temp_dir folder;
    auto go = folder.path() / "go";
    std::string some(limits::process_input_bytes, 'x');
    auto result = speak(shell(kept_up_by(go) + "wc -c"), [&](process& with) -> awaitable<void> {
        EXPECT_TRUE(co_await with.write(some));
        bool waited = false;
        try {
            co_await with_deadline(300ms, with.write(some)); // a pipe holds a quarter of it
        } catch (const deadline_passed&) {
            waited = true;
        }
        EXPECT_TRUE(waited);
        std::ofstream(go) << "x";
        EXPECT_TRUE(co_await with.write("end")); // the bytes that waited are written first
    });
    EXPECT_EQ(result.output, std::to_string(2 * some.size() + 3) + "\n");
}

TEST(process, is_read_by_one_coroutine_while_another_writes) {
    std::size_t read = 0;
    constexpr int rounds = 64;
    std::string piece(64 * 1024 - 1, 'x');
    auto result = speak(program({"/bin/cat"}), [&](process& with) -> awaitable<void> {
        auto executor = co_await asio::this_coro::executor;
        auto write_all = [](process& to, std::string what) -> awaitable<void> {
            for (int i = 0; i < rounds; ++i)
                co_await to.write(what + "\n");
            to.close_input();
        };
        background<void> writing(executor, write_all(with, piece));
        while (auto next = co_await with.read_line())
            read += next->text == piece;
        co_await writing.join();
    });
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(read, static_cast<std::size_t>(rounds));
}

TEST(process, that_closed_its_input_takes_no_more) {
    auto result = speak(endless("exec 0<&-; echo closed; sleep 60"), [](process& with) -> awaitable<void> {
        EXPECT_EQ(co_await with.read_line(), (line{"closed"}));
        while (co_await with.write("anybody there?\n")) {
        }
        with.kill();
    });
    EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(ended::killed));
    EXPECT_LT(result.took, 30s);
}

TEST(process, that_is_killed_leaves_nothing_and_its_lines_end) {
    auto mark = fresh_mark();
    auto result = speak(endless("(trap '' TERM; sleep 60; : " + mark + ") & echo up; sleep 60; : " + mark),
                        [&](process& with) -> awaitable<void> {
                            co_await with.read_line();
                            with.kill();
                            EXPECT_EQ(co_await with.read_line(), std::nullopt);
                            EXPECT_FALSE(co_await with.write("still there?"));
                        });
    EXPECT_EQ(static_cast<int>(result.how), static_cast<int>(ended::killed));
    EXPECT_EQ(count_marked(mark), 0);
    EXPECT_LT(result.took, 30s);
}

TEST(process, at_a_deadline_ends_the_waits_of_its_conversation) {
    auto spec = shell("echo up; exec sleep 60");
    spec.total = 1s;
    auto reads = speak(spec, [](process& with) -> awaitable<void> { EXPECT_EQ(co_await text_of(with), "up\n"); });
    EXPECT_EQ(static_cast<int>(reads.how), static_cast<int>(ended::timed_out));
    spec.total = 60s;
    spec.idle = 500ms;
    auto writes = speak(spec, [](process& with) -> awaitable<void> {
        EXPECT_FALSE(co_await with.write(std::string(limits::process_input_bytes * 2, 'x')));
    });
    EXPECT_EQ(static_cast<int>(writes.how), static_cast<int>(ended::went_idle));
    EXPECT_LT(writes.took, 30s);
}

TEST(process, whose_conversation_throws_is_gone_when_that_is_thrown) {
    auto mark = fresh_mark();
    auto broken = [](process& with) -> awaitable<void> {
        co_await with.read_line();
        throw std::runtime_error("not what was agreed");
    };
    auto begun = steady::now();
    EXPECT_THROW(speak(endless("echo up; sleep 60; : " + mark), broken), std::runtime_error);
    EXPECT_LT(steady::now() - begun, 30s);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(process, whose_callback_throws_does_not_leave_its_conversation_waiting) {
    auto spec = shell("echo up; sleep 60");
    spec.on_output = [](std::string_view) { throw std::runtime_error("the reader broke"); };
    auto waits = [](process& with) -> awaitable<void> { co_await text_of(with); };
    EXPECT_THROW(speak(spec, waits), std::runtime_error);
}

/// Cancels during the conversation, after `talk` has set its event.
void cancelled_in(child_spec spec, const std::function<awaitable<void>(process&, event&)>& talk) {
    auto work = [&]() -> awaitable<bool> {
        auto executor = co_await asio::this_coro::executor;
        event reached(executor);
        background<child_result> running(executor,
                                         run_process(spec, [&](process& with) { return talk(with, reached); }));
        co_await reached.wait();
        auto asked = steady::now();
        co_await running.stop();
        EXPECT_LT(steady::now() - asked, soon);
        try {
            co_await running.join();
        } catch (const boost::system::system_error& e) {
            co_return e.code() == asio::error::operation_aborted;
        }
        co_return false;
    };
    EXPECT_TRUE(on_a_loop(work()));
}

TEST(process, whose_conversation_is_cancelled_is_gone_when_that_is_thrown) {
    auto mark = fresh_mark();
    auto spec = shell("trap '' TERM; echo up; while :; do sleep 0.05; done; : " + mark);
    cancelled_in(spec, [](process& with, event& reached) -> awaitable<void> {
        co_await with.read_line();
        reached.set();
        co_await with.read_line();
        ADD_FAILURE() << "it goes on reading";
    });
    EXPECT_EQ(count_marked(mark), 0);
    cancelled_in(spec, [](process& with, event& reached) -> awaitable<void> {
        co_await with.read_line();
        reached.set();
        co_await with.write(std::string(limits::process_input_bytes * 2, 'x'));
        ADD_FAILURE() << "it goes on writing";
    });
    EXPECT_EQ(count_marked(mark), 0);
    cancelled_in(spec, [](process& with, event& reached) -> awaitable<void> { // it has ended, and the child runs
        co_await with.read_line();
        reached.set();
    });
    EXPECT_EQ(count_marked(mark), 0);
}

} // namespace
} // namespace persais::sandbox

#include "base/descriptors.hpp"
#include "sandbox/limits.hpp"
#include "sandbox/testing.hpp"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace persais::sandbox {
namespace {

using namespace testing;

TEST(run_child, tells_the_true_exit_code) {
    EXPECT_TRUE(run(program({"/bin/true"})).ok());
    auto result = run(shell("exit 37"));
    EXPECT_EQ(result.how, ended::exited);
    EXPECT_EQ(result.code, 37);
}

TEST(run_child, tells_a_death_by_signal_from_an_exit) {
    auto result = run(shell("kill -SEGV $$"));
    EXPECT_EQ(result.how, ended::signalled);
    EXPECT_EQ(result.code, SIGSEGV);
}

TEST(run_child, tells_a_wrapper_that_gave_up_from_one_whose_part_was_killed) {
    for (auto [script, how] : {std::pair("exit 1", ended::could_not_start), std::pair("exit 137", ended::interrupted),
                               std::pair("kill -KILL $$", ended::interrupted)}) {
        auto spec = shell(script);
        spec.sealed = {std::string("A=b\0", 4)};
        EXPECT_EQ(static_cast<int>(run(std::move(spec)).how), static_cast<int>(how)) << script;
    }
}

/// As the keeper inside would, when what its program died of is the end of the wrapper.
TEST(run_child, believes_no_end_of_a_program_whose_wrapper_was_killed) {
    const std::string started = R"(printf '\002\0\0\0\0\0\0\0' >&4; )",
                      signalled = R"(printf '\004\0\0\0\017\0\0\0' >&4; )";
    for (auto [end, how] : {std::pair("exit 143", ended::signalled), std::pair("kill -KILL $$", ended::interrupted)}) {
        auto spec = shell(started + signalled + end);
        spec.sealed = {std::string("A=b\0", 4)};
        EXPECT_EQ(static_cast<int>(run(std::move(spec)).how), static_cast<int>(how)) << end;
    }
}

TEST(run_child, says_why_a_program_could_not_start) {
    auto missing = run(program({"/no/such/program"}));
    EXPECT_EQ(missing.how, ended::could_not_start);
    EXPECT_EQ(missing.code, ENOENT);
    auto spec = program({"/bin/true"});
    spec.folder = "/no/such/folder";
    EXPECT_EQ(run(spec).how, ended::could_not_start);
    EXPECT_EQ(run(program({"/etc/passwd"})).code, EACCES);
}

TEST(run_child, gives_secret_files_to_the_program_and_to_what_it_starts) {
    auto spec = shell("cat /proc/self/fd/5; echo x > /proc/self/fd/5 || echo sealed; "
                      "sh -c 'exec 5<&- 6<&-; cat /proc/$PPID/fd/6; stat -L -c %a /proc/$PPID/fd/6'; ls /proc/self/fd");
    spec.secret_files = {secret("one\n"), secret("two\n")};
    EXPECT_EQ(run(spec).output, "one\nsealed\ntwo\n600\n0\n1\n2\n3\n5\n6\n");
    spec.secret_files.clear();
    EXPECT_EQ(run(shell("ls /proc/self/fd")).output, "0\n1\n2\n3\n");
}

TEST(run_child, gives_exactly_the_environment_that_was_asked_for) {
    ::setenv("PERSAIS_TEST_LEAK", "yes", 1);
    auto spec = program({"/usr/bin/env"});
    spec.environment = {"A=1", "B=two words"};
    EXPECT_EQ(run(spec).output, "A=1\nB=two words\n");
    spec.secret_environment = {{"WORD", secret("sesame")}};
    EXPECT_EQ(run(spec).output, "A=1\nB=two words\nWORD=sesame\n");
    spec.environment.clear();
    spec.secret_environment.clear();
    EXPECT_EQ(run(spec).output, "");
}

TEST(run_child, gives_the_soft_limit_of_open_files_that_the_service_was_started_with) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    auto start = std::to_string(descriptors_at_start());
    raise_descriptors(before.rlim_max);
    EXPECT_EQ(run(shell("ulimit -Sn; ulimit -Hn")).output, start + "\n" + std::to_string(before.rlim_max) + "\n");
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST(run_child, leaks_no_descriptor) {
    int leak = ::open("/dev/null", O_RDONLY); // without O_CLOEXEC, as a careless library opens it
    auto result = run(program({"/bin/ls", "/proc/self/fd"}));
    EXPECT_EQ(result.output, "0\n1\n2\n3\n"); // 3 is the folder that ls reads
    ::close(leak);
}

TEST(run_child, starts_with_default_signals_in_a_session_of_its_own) {
    auto result = run(shell("grep -E 'SigIgn|SigBlk' /proc/self/status; ps -o sid= -p $$ | tr -d ' '; echo $$"));
    EXPECT_NE(result.output.find("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000"), std::string::npos)
        << result.output;
    auto sid = result.output.substr(result.output.find("SigIgn") + 25);
    EXPECT_EQ(sid.substr(0, sid.find('\n')), sid.substr(sid.find('\n') + 1, sid.find('\n')));
}

/// Whether a session's niceness may be set any number of times; otherwise it can be set once in 100 ms on the whole
/// machine.
bool sets_sessions_at_will() {
    auto set = [] { return bool(std::ofstream("/proc/self/autogroup") << "0" << std::flush); };
    return set() && set();
}

TEST(run_child, goes_after_the_service) {
    auto nice = std::max(limits::child_niceness, ::getpriority(PRIO_PROCESS, 0));
    EXPECT_EQ(run(program({"/usr/bin/nice"})).output, std::to_string(nice) + "\n");
    if (!sets_sessions_at_will()) GTEST_SKIP() << "not of its session, which is set when it may be";
    auto session = run(shell("cat /proc/self/autogroup")).output;
    EXPECT_TRUE(session.ends_with(" nice 10\n")) << session;
}

TEST(run_child, keeps_standard_output_and_error_apart_and_tells_both_as_they_come) {
    std::string seen, seen_error;
    auto spec = shell("echo out; echo err >&2; pwd");
    spec.folder = "/usr";
    spec.on_output = [&](std::string_view piece) { seen += piece; };
    spec.on_error = [&](std::string_view piece) { seen_error += piece; };
    auto result = run(spec);
    EXPECT_EQ(result.output, "out\n/usr\n");
    EXPECT_EQ(result.error, "err\n");
    EXPECT_EQ(seen, result.output);
    EXPECT_EQ(seen_error, result.error);
    EXPECT_FALSE(result.output_cut);
}

TEST(run_child, writes_the_input_and_closes_it) {
    auto spec = program({"/bin/cat"});
    spec.input = std::string(300'000, 'x') + "end";
    spec.keep_output = 400'000;
    EXPECT_EQ(run(spec).output, spec.input);
    EXPECT_EQ(run(program({"/bin/cat"})).output, ""); // without input it is at its end from the start
}

TEST(run_child, is_not_held_up_by_a_child_that_does_not_read) {
    auto spec = program({"/bin/true"});
    spec.input = std::string(1'000'000, 'x');
    EXPECT_TRUE(run(spec).ok());
    spec = shell("exec 0<&-; sleep 0.2; echo still here");
    spec.input = std::string(1'000'000, 'x');
    EXPECT_EQ(run(spec).output, "still here\n"); // and no SIGPIPE killed this process
}

TEST(run_child, keeps_the_newest_output) {
    auto spec = shell("seq 1 100000");
    spec.keep_output = 1000;
    auto result = run(spec);
    EXPECT_EQ(result.output.size(), 1000U);
    EXPECT_TRUE(result.output.ends_with("99999\n100000\n"));
    EXPECT_TRUE(result.output_cut);
}

TEST(run_child, does_not_grow_by_what_a_child_prints) {
    auto peak = [] {
        std::ifstream file("/proc/self/status");
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
        return 0L;
    };
    run(shell("head -c 1000000 /dev/zero"));
    long before = peak();
    std::size_t seen = 0;
    auto spec = shell("head -c 32000000 /dev/zero");
    spec.on_output = [&](std::string_view piece) { seen += piece.size(); };
    EXPECT_TRUE(run(spec).ok());
    EXPECT_EQ(seen, 32'000'000U);
    EXPECT_LT(peak() - before, 4096); // KiB
}

TEST(run_child, sets_the_limits) {
    auto spec = shell("ulimit -n; ulimit -v; ulimit -c");
    spec.limits = {.address_space_bytes = 512UL << 20, .open_files = 77};
    EXPECT_EQ(run(spec).output, "77\n524288\n0\n");
    spec = shell("head -c 20000 /dev/zero > big");
    temp_dir folder;
    spec.folder = folder.path();
    spec.limits = {.file_bytes = 10'000};
    EXPECT_FALSE(run(spec).ok());
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "big"), 10'000U);
}

TEST(run_child, throws_what_a_callback_throws_after_the_child_is_gone) {
    auto mark = fresh_mark();
    auto spec = shell("echo one; sleep 60; : " + mark);
    spec.on_output = [](std::string_view) { throw std::runtime_error("the reader broke"); };
    EXPECT_THROW(run(spec), std::runtime_error);
    EXPECT_EQ(count_marked(mark), 0);
}

TEST(run_child, refuses_a_child_without_a_deadline) {
    auto spec = program({"/bin/true"});
    spec.total = 0ms;
    EXPECT_THROW(run(spec), std::invalid_argument);
}

} // namespace
} // namespace persais::sandbox

// What `choose` reports on machines that cannot provide a sandbox, simulated by scripts in place of bwrap.
#include "sandbox/bubblewrap.hpp"
#include "sandbox/choose.hpp"
#include "sandbox/spawn.hpp"
#include "sandbox/testing.hpp"

#include <unistd.h>

namespace persais::sandbox {
namespace {

using namespace testing;
namespace fs = std::filesystem;

/// A bwrap that runs the script; "$@" has the arguments after bwrap's own options, from the keeper on.
choice with_bwrap(const std::string& script) {
    temp_dir folder;
    auto path = folder.path() / "bwrap";
    std::ofstream(path) << "#!/bin/sh\n"
                        << "while [ $# -gt 0 ] && [ \"$1 $2\" != '/run/persais/keeper enter' ]; do shift; done\n"
                        << script << "\n";
    fs::permissions(path, fs::perms::all);
    return on_a_loop(try_bubblewrap(
        {.program = path, .keeper = keeper_path(), .as_root = ::geteuid() == 0, .first_uid = task_uids_from}));
}

TEST(choose, a_refusal_says_what_the_system_said_and_what_to_change) {
    auto docker = with_bwrap("echo 'bwrap: Creating new namespace failed: Operation not permitted' >&2; exit 1");
    EXPECT_EQ(docker.use->level(), isolation_level::refused);
    EXPECT_NE(docker.why.find("Operation not permitted"), std::string::npos) << docker.why;
    EXPECT_NE(docker.why.find("Docker"), std::string::npos) << docker.why;
    EXPECT_EQ(docker.why.find('\n'), std::string::npos);
    auto old = with_bwrap("echo 'bwrap: Unknown option --disable-userns' >&2; exit 1");
    EXPECT_NE(old.why.find("0.8 or newer"), std::string::npos) << old.why;
    EXPECT_EQ(with_bwrap("exit 1").use->level(), isolation_level::refused);
}

TEST(choose, a_sandbox_that_holds_nothing_is_found_out) {
    // This one reports that the program started and how it ended, but runs it without confinement.
    auto open = with_bwrap(
        "printf '\\002\\000\\000\\000\\000\\000\\000\\000' >&4; while [ $# -gt 2 ]; do shift; done; " + keeper_path() +
        " \"$@\"; code=$?; "
        "printf \"\\003\\000\\000\\000\\\\$(printf %03o $code)\\000\\000\\000\" >&4; exit $code");
    EXPECT_EQ(open.use->level(), isolation_level::refused);
    EXPECT_TRUE(open.why.starts_with("bubblewrap ran, but ")) << open.why;
    // This one runs nothing at all, and reports success.
    EXPECT_EQ(with_bwrap("exit 0").use->level(), isolation_level::refused);
}

TEST(choose, a_bubblewrap_that_is_too_old_gives_way_to_the_one_that_is_brought) {
    temp_dir folder;
    auto bwrap = [&](const char* name, const char* says) {
        auto path = folder.path() / name;
        std::ofstream(path) << "#!/bin/sh\necho 'bwrap: " << says << "' >&2; exit 1\n";
        fs::permissions(path, fs::perms::all);
        return path.string();
    };
    auto old = bwrap("old", "Unknown option --disable-userns");
    auto forbidden = bwrap("forbidden", "Creating new namespace failed: Operation not permitted");
    auto among = [&](std::vector<std::string> programs) {
        return on_a_loop(first_that_works(
            {.keeper = keeper_path(), .as_root = ::geteuid() == 0, .first_uid = task_uids_from}, std::move(programs)));
    };
    EXPECT_EQ(among({"/nowhere/bwrap", old, "/usr/bin/bwrap"}).use->level(), isolation_level::bubblewrap);
    auto none = among({old, forbidden});
    EXPECT_EQ(none.use->level(), isolation_level::refused);
    EXPECT_NE(none.why.find("0.8 or newer"), std::string::npos) << "the system's own is what people can change";
    EXPECT_NE(among({"/nowhere/bwrap"}).why.find("not installed"), std::string::npos);
}

TEST(choose, a_refused_ladder_runs_nothing) {
    auto refused = with_bwrap("exit 1");
    EXPECT_THROW(refused.use->confine(program({"/bin/true"}), {}), std::logic_error);
}

TEST(choose, unsafe_is_only_what_is_left) {
    auto normal = on_a_loop(choose(false));
    auto unsafe = on_a_loop(choose(true));
    if (normal.use->level() == isolation_level::bubblewrap) {
        EXPECT_EQ(unsafe.use->level(), isolation_level::bubblewrap);
        EXPECT_TRUE(unsafe.use->confines());
    } else {
        EXPECT_EQ(unsafe.use->level(), isolation_level::unsafe);
        EXPECT_FALSE(unsafe.use->confines());
        EXPECT_EQ(unsafe.why, normal.why);
        EXPECT_TRUE(run(unsafe.use->confine(program({"/bin/true"}), {})).ok());
    }
}

TEST(choose, what_is_confined_is_given_no_secret) {
    auto spec = program({"/bin/true"});
    spec.secret_environment = {{"WORD", secret("sesame")}};
    auto any = on_a_loop(choose(true));
    EXPECT_THROW(any.use->confine(spec, {}), std::logic_error);
    spec.secret_environment.clear();
    spec.secret_files = {secret("sesame")};
    EXPECT_THROW(any.use->confine(spec, {}), std::logic_error);
    spec.secret_files.clear();
    EXPECT_NO_THROW(any.use->confine(spec, {}));
}

} // namespace
} // namespace persais::sandbox

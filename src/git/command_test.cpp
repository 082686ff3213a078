#include "git/address.hpp"
#include "git/command.hpp"
#include "git/layout.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

TEST(command, runs_with_exactly_the_environment_that_is_written_down) {
    auto spec = spec_of({.arguments = {"status"}, .git_dir = "/m/git"}, "/m/home");
    EXPECT_EQ(spec.environment, (std::vector<std::string>{
                                    "PATH=/usr/bin:/bin", "HOME=/m/home", "GIT_CEILING_DIRECTORIES=/m", "LC_ALL=C",
                                    "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_SYSTEM=/dev/null",
                                    "GIT_CONFIG_GLOBAL=/dev/null", "GIT_ATTR_NOSYSTEM=1", "GIT_NO_REPLACE_OBJECTS=1",
                                    "GIT_OPTIONAL_LOCKS=0", "GIT_DEFAULT_REF_FORMAT=files", "GIT_TERMINAL_PROMPT=0",
                                    "GIT_LITERAL_PATHSPECS=1", "GIT_ALLOW_PROTOCOL=none"}));
    EXPECT_TRUE(spec.argv[0].starts_with('/'));
    EXPECT_EQ(spec.argv[1], "--git-dir=/m/git");
    EXPECT_EQ(spec.folder, "/m/home");
    EXPECT_GT(spec.total.count(), 0);
}

TEST(command, a_token_is_in_the_environment_of_a_git_that_speaks_to_the_remote_and_nowhere_else) {
    const secret token("not-a-real-word");
    remote where{.url = "https://e.org/a", .token = token, .ca_file = "/ca.pem"};
    layout at{"/m"};
    auto contains = [&](const std::vector<std::string>& words) {
        return std::ranges::any_of(words,
                                   [&](const std::string& w) { return w.find(token.reveal()) != std::string::npos; });
    };
    auto speaking = spec_of(at.on_remote(*read_address(where), where, {"fetch"}), at.home());
    EXPECT_EQ(speaking.secret_environment, (std::vector<std::pair<std::string, secret>>{{"PERSAIS_GIT_TOKEN", token}}));
    EXPECT_FALSE(contains(speaking.environment));
    EXPECT_FALSE(contains(speaking.argv));
    EXPECT_TRUE(speaking.input.empty());
    EXPECT_TRUE(std::ranges::count(speaking.environment, "GIT_SSL_CAINFO=/ca.pem"));
    EXPECT_TRUE(std::ranges::count(speaking.environment, "GIT_ALLOW_PROTOCOL=https"));
    EXPECT_TRUE(std::ranges::count(speaking.argv, "http.followRedirects=false"));
    EXPECT_TRUE(spec_of(at.on_mirror({"log"}), at.home()).secret_environment.empty());
    open_temp_dir folder;
    shell(folder.path(), "git init -q --bare r");
    remote local{.url = (folder.path() / "r").string(), .token = token, .ca_file = {}};
    auto beside = spec_of(at.on_remote(*read_address(local), local, {"fetch"}), at.home());
    EXPECT_TRUE(beside.secret_environment.empty() && !contains(beside.environment));
}

TEST(command, does_not_obey_a_configuration_around_its_folder) {
    // The data folder may be inside another repository.
    open_temp_dir folder;
    shell(folder.path(), "git init -q; git config alias.x '!echo obeyed'; mkdir -p data/home");
    auto result = on_a_loop(run({.arguments = {"x"}}, folder.path() / "data/home"));
    EXPECT_EQ(result.output.find("obeyed"), std::string::npos);
    EXPECT_EQ(shell(folder.path() / "data/home", "git x"), "obeyed") << "the trap does not work";
}

TEST(command, a_git_that_was_killed_gave_no_answer) {
    open_temp_dir folder;
    auto killed = run({.arguments = {"x"}, .settings = {"alias.x=!kill -KILL $PPID"}}, folder.path());
    EXPECT_THROW(on_a_loop(std::move(killed)), sandbox::interrupted);
    using sandbox::ended;
    EXPECT_THROW(unless_killed({.how = ended::interrupted, .code = 9}), sandbox::interrupted);
    for (const char* said : {"error: index-pack died of signal 9\nfatal: fetch-pack: invalid index-pack output",
                             "error: pack-objects died of signal 15\nfatal: the remote end hung up unexpectedly"})
        EXPECT_THROW(unless_killed({.how = ended::exited, .code = 128, .error = said}), sandbox::interrupted) << said;
    EXPECT_EQ(unless_killed({.how = ended::exited, .code = 128, .error = "fatal: bad object"}).code, 128);
    for (const char* said :
         {"fatal: fsync error on 'tmp_pack_x': Input/output error\nfatal: fetch-pack: invalid index-pack output",
          "fatal: fsck error in packed object\nfatal: fetch-pack: invalid index-pack output"})
        EXPECT_EQ(unless_killed({.how = ended::exited, .code = 128, .error = said}).code, 128) << said;
    EXPECT_EQ(unless_killed({.how = ended::timed_out, .code = 9}).how, ended::timed_out);
}

/// These are git's messages when its other end was killed after each byte that it sends.
TEST(command, a_git_of_ours_that_fell_silent_was_killed) {
    using sandbox::ended;
    for (const char* said :
         {"Killed\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access "
          "rights\nand the repository exists.",
          "fatal: Could not read from remote repository.", "Killed\nfatal: expected flush after capabilities",
          "fatal: expected flush after capabilities", "fatal: the remote end hung up unexpectedly",
          "fetch-pack: unexpected disconnect while reading sideband packet\nfatal: protocol error: bad pack header",
          "fetch-pack: unexpected disconnect while reading sideband packet\nfatal: error in sideband demultiplexer",
          "fetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: "
          "invalid index-pack output",
          "Killed\n"})
        EXPECT_THROW(unless_cut_off({.how = ended::exited, .code = 128, .error = said}), sandbox::interrupted) << said;
    for (const char* said :
         {"fatal: bad object",
          "remote: aborting due to possible repository corruption on the remote side.\nfatal: protocol error: bad pack "
          "header",
          "fatal: '/m' does not appear to be a git repository\nfatal: Could not read from remote repository.",
          "fatal: bad config line 5 in file ./config\nfatal: Could not read from remote repository.",
          "fatal: loose object 1234 is corrupt\nfatal: the remote end hung up unexpectedly"})
        EXPECT_EQ(unless_cut_off({.how = ended::exited, .code = 128, .error = said}).code, 128) << said;
    EXPECT_EQ(unless_cut_off({.how = ended::exited, .code = 0, .error = "hung up"}).code, 0);
    auto late = unless_cut_off({.how = ended::timed_out, .code = 15, .error = "fatal: the remote end hung up"});
    EXPECT_EQ(late.how, ended::timed_out);
}

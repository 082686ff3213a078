#include "git/testing.hpp"
#include "worker/leaks_in.hpp"
#include "worker/limits.hpp"

#include <chrono>
#include <iostream>
#include <map>

using namespace persais;
using namespace persais::worker;
using namespace persais::git::testing;

namespace {

/// Made from pieces, so that nothing in this repository looks like a token.
std::string token(int n = 0) {
    constexpr std::string_view letters = "Zr2Lw9KdTx5VnHs3GyPb7MfCj4RkEa6WuXoD";
    auto at = static_cast<std::size_t>(n) % letters.size();
    return "gh" + std::string("p_") + std::string(letters.substr(at)) + std::string(letters.substr(0, at));
}

/// A second commit on the remote's main, made by `script` in a clone of it.
git::commit_id then(world& w, const std::string& script) {
    shell(w.folder.path() / "person",
          script + "; git add -A; git commit -q -m second; git push -q ../remote.git HEAD:refs/heads/main");
    EXPECT_TRUE(w.refresh());
    return on_a_loop(w.mirrored.commit_of("main")).value_or("");
}

std::vector<mechanic::leak> found(world& w, const git::commit_id& commit, const checks::repository_file& rules = {}) {
    auto all = on_a_loop(leaks_in(w.mirrored, w.base, commit, rules));
    EXPECT_TRUE(all) << sentence(all);
    return all.value_or(std::vector<mechanic::leak>{});
}

} // namespace

TEST(leaks_in, a_commit_are_named_with_their_place_and_masked) {
    world w;
    auto commit = then(w, "echo \"t = '" + token() + "'\" >> src/x.py; echo key > site.p12");
    auto all = found(w, commit);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].path, "site.p12");
    EXPECT_EQ(all[0].line, 0);
    EXPECT_EQ(all[1].path, "src/x.py");
    EXPECT_EQ(all[1].line, 2);
    EXPECT_EQ(all[1].rule, "github-pat");
    EXPECT_EQ(all[1].shown, "ghp_…");
}

TEST(leaks_in, a_commit_are_only_those_that_its_ground_has_not) {
    world w("printf 'a\\n' > a.txt; mkdir src; echo \"t = '" + token() + "'\" > src/x.py");
    auto moved = then(w, "git mv src/x.py y.py; echo \"    token = '" + token() + "'\" > a.txt");
    EXPECT_TRUE(found(w, moved).empty());
    auto removed = then(w, "rm y.py a.txt; echo x > x");
    EXPECT_TRUE(found(w, removed).empty());
    auto other = then(w, "echo \"t = '" + token(3) + "'\" > z.py");
    EXPECT_EQ(found(w, other).size(), 1U);
}

TEST(leaks_in, files_and_rules_that_are_allowed_do_not_count) {
    world w;
    auto commit = then(w, "echo \"t = '" + token() + "'\" > src/y.py");
    EXPECT_EQ(found(w, commit).size(), 1U);
    EXPECT_TRUE(found(w, commit, {.secrets_in = {"src/**"}}).empty());
    EXPECT_TRUE(found(w, commit, {.secret_rules = {"github-pat"}}).empty());
    EXPECT_EQ(found(w, commit, {.secrets_in = {"SRC/**"}, .secret_rules = {"gitlab-pat"}}).size(), 1U);
}

TEST(leaks_in, a_change_cannot_hide_them) {
    for (const auto& [name, hidden] : std::map<std::string, std::string>{
             {"an attribute", "printf '* -diff\\n' > .gitattributes; echo \"t = '" + token() + "'\" > y"},
             {"a byte", "printf '\\0\\n%s\\n' \"t = '" + token() + "'\" > y"},
             {"a comment", "echo \"t = '" + token() + "' # gitleaks:allow\" > y"},
             {"its own rules",
              "printf 'secret_rules = [\"github-pat\"]\\n' > .persais.toml; echo \"t = '" + token() + "'\" > y"},
             {"a long line", "(head -c 300000 /dev/zero | tr '\\0' x; echo \" '" + token() + "'\") > y"}}) {
        world w;
        EXPECT_EQ(found(w, then(w, hidden)).size(), 1U) << name;
    }
}

TEST(leaks_in, many_allowed_ones_do_not_hide_another) {
    world w;
    auto commit = then(w, "for i in $(seq 40); do echo \"t = '" + token() + "'\" > a$i; done; echo \"t = '" + token(5) +
                              "'\" > z");
    EXPECT_EQ(found(w, commit, {.secrets_in = {"a*"}}).size(), 1U);
    EXPECT_EQ(found(w, commit).size(), limits::leaks_kept);
}

TEST(leaks_in, a_large_change_are_looked_for_in_a_bounded_multiple_of_its_diff) {
    constexpr std::size_t bytes = 5'000'000;
    world w;
    std::string code; // as people write it
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(PERSAIS_SOURCE_DIR) / "src"))
        if (entry.path().extension() == ".cpp" && code.size() < bytes) code += read(entry.path());
    while (code.size() < bytes)
        code += code.substr(0, bytes - code.size());
    write(w.folder.path() / "person/large.cpp", code);
    auto commit = then(w, ":");
    auto seconds_of = [](auto what) {
        auto start = std::chrono::steady_clock::now();
        what();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    auto diff = seconds_of([&] { EXPECT_TRUE(on_a_loop(w.mirrored.diff(w.base, commit, bytes * 2))); });
    auto first = seconds_of([&] { (void)found(w, commit); });
    auto again = seconds_of([&] { (void)found(w, commit); });
    std::cout << "the diff alone " << diff << " s, looked at " << first << " s, once more " << again << " s\n";
    EXPECT_LT(again, 60 * diff);
}

namespace {

/// What is asked of a mirror that has nothing fails, so that what was seen ahead is all that there is.
git::outcome<std::vector<mechanic::leak>> finished(world& w, const git::commit_id& begun, const git::commit_id& asked,
                                                   bool no_mirror) {
    return on_a_loop([](world& in, git::commit_id first, git::commit_id then,
                        bool none) -> awaitable<git::outcome<std::vector<mechanic::leak>>> {
        leaks_ahead ahead;
        if (!first.empty()) co_await ahead.begin(in.mirrored, in.base, first);
        git::mirror nothing(in.folder.path() / "nothing", git::remote{.url = "/nothing"});
        auto all = co_await ahead.finish(none ? nothing : in.mirrored, in.base, then, {});
        co_await ahead.stop();
        co_return all;
    }(w, begun, asked, no_mirror));
}

} // namespace

TEST(leaks_ahead, are_those_that_a_look_finds) {
    world w;
    auto commit = then(w, "echo \"t = '" + token() + "'\" >> src/x.py; echo key > site.p12");
    auto ahead = finished(w, commit, commit, false);
    ASSERT_TRUE(ahead) << sentence(ahead);
    EXPECT_EQ(*ahead, found(w, commit));
    EXPECT_EQ(ahead->size(), 2U);
    auto plain = then(w, "git rm -q site.p12 src/x.py; echo x > y");
    EXPECT_EQ(sentence(finished(w, plain, plain, true)), "") << "it is looked for once";
    EXPECT_FALSE(finished(w, "", plain, true)) << "nothing was begun";
}

TEST(leaks_ahead, of_other_work_are_not_taken_for_those_of_this) {
    world w;
    auto clean = then(w, "echo x > y");
    auto leaky = then(w, "echo \"t = '" + token() + "'\" > z.py");
    auto all = finished(w, clean, leaky, false);
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 1U) << "the work of an earlier round was looked at";
    auto again = finished(w, std::string(40, '1'), leaky, false);
    ASSERT_TRUE(again) << "a commit that is not there";
    EXPECT_EQ(again->size(), 1U);
}

TEST(leaks_ahead, that_could_not_be_looked_for_are_looked_for_again) {
    world w;
    auto leaky = then(w, "echo \"t = '" + token() + "'\" > z.py");
    auto all = on_a_loop([](world& in, git::commit_id commit) -> awaitable<std::size_t> {
        leaks_ahead ahead;
        co_await ahead.begin(git::mirror(in.folder.path() / "nothing", git::remote{.url = "/nothing"}), in.base,
                             commit);
        auto seen = co_await ahead.finish(in.mirrored, in.base, commit, {});
        co_return seen ? seen->size() : 0;
    }(w, leaky));
    EXPECT_EQ(all, 1U);
}

TEST(leaks_ahead, are_given_up_with_the_task) {
    world w;
    auto commit = then(w, "seq 200000 > many");
    on_a_loop([](world& in, git::commit_id of) -> awaitable<void> {
        leaks_ahead ahead;
        co_await ahead.begin(in.mirrored, in.base, of);
        co_await ahead.begin(in.mirrored, in.base, in.base);
        co_await ahead.stop();
        co_await ahead.stop();
    }(w, commit));
}

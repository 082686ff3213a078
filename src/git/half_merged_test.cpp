#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A change that was made on the first commit of main, and what others made of main meanwhile.
struct meeting {
    meeting(const std::string& first, const std::string& change, const std::string& others) {
        shell(folder.path(), "git init -q --bare remote.git; git init -q person; cd person; " + first +
                                 "; git add -A; git commit -q -m first; git push -q ../remote.git HEAD:main; "
                                 "git checkout -q -b work; " +
                                 change + "; git push -q ../remote.git HEAD:work; git checkout -q main; " + others +
                                 "; git add -A; git commit -qm others; git push -q ../remote.git HEAD:main");
        EXPECT_TRUE(on_a_loop(mirrored.refresh()));
        main = on_a_loop(mirrored.commit_of("main")).value_or("");
        work = on_a_loop(mirrored.commit_of("work")).value_or("");
        base = in_mirror("rev-parse main^");
    }
    std::string in_mirror(const std::string& words) {
        return shell(folder.path(), "git --git-dir='" + (mirrored.folder() / "git").string() + "' " + words);
    }
    mirror::half_merged merge(bool back = false) {
        auto made = on_a_loop(mirrored.merge_as_far_as_it_goes({.from = base,
                                                                .to = work,
                                                                .onto = main,
                                                                .who = {},
                                                                .when = time_point(std::chrono::seconds(1'750'000'000)),
                                                                .message = "Take it back\n",
                                                                .keep_as = {}},
                                                               back));
        EXPECT_TRUE(made) << sentence(made);
        return made.value_or(mirror::half_merged{});
    }
    std::vector<std::string> marked(const commit_id& commit) {
        auto found = on_a_loop(mirrored.marked_in(main, commit));
        EXPECT_TRUE(found) << sentence(found);
        return found.value_or(std::vector<std::string>{});
    }
    std::string at(const commit_id& commit, const std::string& path) {
        return in_mirror("show " + commit + ":" + path);
    }

    open_temp_dir folder;
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    commit_id base, main, work;
};

const std::string both_files = "printf 'one\ntwo\nthree\n' > a.txt; printf 'x\n' > b.txt; printf 'y\n' > gone.txt";

} // namespace

TEST(half_merged, has_both_texts_between_marks_that_are_no_agents_and_the_rest_merged) {
    meeting w(both_files, "sed -i s/two/mine/ a.txt; echo new > c.txt; git add -A; git commit -qm 'Say mine'",
              "sed -i s/two/theirs/ a.txt; echo z >> b.txt");
    auto made = w.merge();
    EXPECT_EQ(made.conflicts, std::vector<std::string>{"a.txt"});
    auto marks = [&](char c) { return std::string(24, c); };
    EXPECT_EQ(w.at(made.commit, "a.txt"), "one\n" + marks('<') + " persais/base\ntheirs\n" + marks('|') + " " +
                                              w.base.substr(0, 7) + "\ntwo\n" + marks('=') + "\nmine\n" + marks('>') +
                                              " persais/change\nthree");
    EXPECT_EQ(w.at(made.commit, "b.txt"), "x\nz");
    EXPECT_EQ(w.at(made.commit, "c.txt"), "new");
    EXPECT_EQ(w.in_mirror("rev-parse " + made.commit + "^"), w.main);
    EXPECT_EQ(made.message, "Say mine\n");
    EXPECT_EQ(w.merge().commit, made.commit) << "the same bytes each time";
    EXPECT_EQ(w.in_mirror("for-each-ref refs/persais"), "") << "the names are gone";
    EXPECT_EQ(w.marked(made.commit), std::vector<std::string>{"a.txt"});
    EXPECT_TRUE(w.marked(w.work).empty());
}

TEST(half_merged, of_several_commits_is_one_with_the_words_of_all) {
    meeting w(
        both_files,
        "sed -i s/two/mine/ a.txt; git commit -qam 'Say mine' -m 'All of it.'; sed -i s/x/X/ b.txt; git commit -qam "
        "'Shout' -m 'Loud.'",
        "sed -i s/two/theirs/ a.txt");
    EXPECT_EQ(w.merge().message, "Say mine\n\nAll of it.\n\nShout\n");
}

TEST(half_merged, takes_back_under_later_commits_what_goes) {
    meeting w(both_files, "sed -i s/two/mine/ a.txt; sed -i s/x/X/ b.txt; git commit -qam 'Say mine'",
              "git merge -q --ff-only work; sed -i s/mine/theirs/ a.txt");
    w.base = w.in_mirror("rev-parse main~2");
    auto made = w.merge(true);
    EXPECT_EQ(made.conflicts, std::vector<std::string>{"a.txt"});
    EXPECT_EQ(w.at(made.commit, "b.txt"), "x") << "taken back";
    EXPECT_NE(w.at(made.commit, "a.txt").find("\ntwo\n" + std::string(24, '>')), std::string::npos);
    EXPECT_EQ(made.message, "Take it back\n");
}

TEST(half_merged, without_marks_names_what_one_side_deleted) {
    meeting w(both_files, "echo more >> gone.txt; git commit -qam 'More'", "git rm -q gone.txt");
    auto made = w.merge();
    EXPECT_EQ(made.conflicts, std::vector<std::string>{"gone.txt"});
    EXPECT_TRUE(w.marked(made.commit).empty());
}

TEST(half_merged, merges_one_at_a_time_because_the_names_are_one_pair) {
    meeting w(both_files, "sed -i s/two/mine/ a.txt; git commit -qam 'Say mine'", "sed -i s/two/theirs/ a.txt");
    asio::io_context io(1);
    std::vector<std::string> made;
    for (int i = 0; i < 4; ++i)
        asio::co_spawn(
            io,
            [&]() -> awaitable<void> {
                auto one = co_await w.mirrored.merge_as_far_as_it_goes(
                    {.from = w.base, .to = w.work, .onto = w.main, .who = {}, .when = {}, .message = {}, .keep_as = {}},
                    false);
                made.push_back(one ? one->commit : one.error().sentence);
            },
            [](std::exception_ptr error) { EXPECT_FALSE(error); });
    io.run();
    ASSERT_EQ(made.size(), 4U);
    EXPECT_EQ(made, std::vector<std::string>(4, made[0]));
    EXPECT_EQ(made[0].size(), 40U) << made[0];
}

TEST(marks, are_seen_however_many_characters_an_agent_left_of_them) {
    meeting w(both_files, "true", "true; echo q > q");
    auto of = [&](const std::string& text) {
        auto id = shell(w.folder.path() / "person", "git checkout -q -B try main; printf '" + text +
                                                        "' > a.txt; git commit -qam try; git push -qf ../remote.git "
                                                        "try:try; git rev-parse HEAD");
        EXPECT_TRUE(on_a_loop(w.mirrored.refresh()));
        return w.marked(id).size();
    };
    EXPECT_EQ(of("one\n<<<<<<< HEAD\nx\n"), 1U);
    EXPECT_EQ(of(">>>>>>>>>>>>>>>>>>>>>>>> persais/change\nx\n"), 1U);
    EXPECT_EQ(of("||||||| 1234567\nx\n"), 1U);
    EXPECT_EQ(of("Heading\n=======================\ntext\n>>>>>>>\n>>> f(x)\n| a | b |\n <<<<<<< HEAD\n"), 0U);
}

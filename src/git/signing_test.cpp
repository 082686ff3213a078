// Commits that are signed by an ssh key, verified by git itself; the keys are made here, with ssh-keygen.
#include "git/signing.hpp"
#include "git/ssh.hpp"
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// A key, and the configuration with which git trusts it.
struct signer {
    explicit signer(const std::string& kind) {
        shell(folder.path(),
              "ssh-keygen -q -N '' -f key -t " + kind + "; printf 'mechanic@persais.ai ' | cat - key.pub > allowed");
        who.signing_key = secret(read(folder.path() / "key"));
    }
    std::string verify(const std::string& commit) const {
        return "-c gpg.format=ssh -c gpg.ssh.allowedSignersFile='" + (folder.path() / "allowed").string() +
               "' verify-commit " + commit;
    }
    open_temp_dir folder;
    identity who;
};

/// A change in a mirror, and what becomes of it on a main that moved. Nothing of it needs a sandbox.
struct work {
    explicit work(const std::string& format = "sha1") {
        shell(folder.path(),
              "git init -q --bare --object-format=" + format + " remote.git; git init -q --object-format=" + format +
                  " person; cd person; echo one > a; git add -A; git commit -qm first; "
                  "git push -q ../remote.git HEAD:main; git checkout -q -b work; echo two > b; git add -A; "
                  "git commit -qm second; echo three > c; git add -A; git commit -qm third; "
                  "git push -q ../remote.git HEAD:work; git checkout -q main; echo four > d; git add -A; "
                  "git commit -qm others; git push -q ../remote.git HEAD:main");
        EXPECT_TRUE(on_a_loop(mirrored.refresh()));
        tip = on_a_loop(mirrored.commit_of("main")).value_or("");
        done = on_a_loop(mirrored.commit_of("work")).value_or("");
    }
    outcome<mirror::replayed> rebase(const identity& who) {
        return on_a_loop(mirrored.rebase(spec(who, in_mirror("merge-base " + tip + " " + done), done)));
    }
    outcome<mirror::replayed> revert(const identity& who) { return on_a_loop(mirrored.revert(spec(who, "", tip))); }
    mirror::replay_spec spec(const identity& who, const commit_id& from, const commit_id& to) const {
        return {.from = from,
                .to = to,
                .onto = tip,
                .who = who,
                .when = time_point(std::chrono::seconds(1'750'000'000)),
                .message = "Revert it",
                .keep_as = "refs/persais/tasks/7/landing"};
    }
    std::string in_mirror(const std::string& git_words) {
        return shell(folder.path(), "git --git-dir='" + (mirrored.folder() / "git").string() + "' " + git_words);
    }
    open_temp_dir folder;
    mirror mirrored{folder.path() / "mirrors", remote{.url = (folder.path() / "remote.git").string()}};
    commit_id tip, done;
};

} // namespace

TEST(signing, is_verified_by_git_for_each_commit_of_a_rebase_and_a_revert) {
    for (const char* format : {"sha1", "sha256"}) {
        work w(format);
        for (const char* kind : {"ed25519", "ecdsa", "rsa"}) {
            signer by(kind);
            by.who.sign_off = true;
            auto made = w.rebase(by.who);
            ASSERT_TRUE(made) << kind << sentence(made);
            EXPECT_EQ(w.in_mirror("rev-list --count " + w.tip + ".." + made->commit), "2");
            for (const auto& each : {made->commit, made->commit + "^"}) {
                w.in_mirror(by.verify(each)); // fails the test when it does not
                w.in_mirror("fsck --strict --no-dangling");
                EXPECT_EQ(w.in_mirror("log -1 --format='%an %cn %(trailers:key=Signed-off-by,valueonly)' " + each),
                          "Ann Mechanic Mechanic <mechanic@persais.ai>");
            }
            auto back = w.revert(by.who);
            ASSERT_TRUE(back) << kind << sentence(back);
            w.in_mirror(by.verify(back->commit));
        }
    }
}

TEST(signing, makes_the_same_commit_again_with_keys_whose_signatures_have_no_random_part) {
    work w;
    for (const char* kind : {"ed25519", "rsa"}) {
        signer by(kind);
        EXPECT_EQ(w.rebase(by.who)->commit, w.rebase(by.who)->commit) << kind;
    }
    signer by("ecdsa");
    EXPECT_NE(w.rebase(by.who)->commit, w.rebase(by.who)->commit) << "find_twin is there for these";
}

TEST(signing, differs_from_the_unsigned_commit_by_the_signature_alone) {
    work w;
    auto plain = w.revert({})->commit;
    auto with = w.revert(signer("ed25519").who)->commit;
    auto without = w.in_mirror("cat-file commit " + with + " | sed '/^gpgsig /,/^ -----END/d'");
    EXPECT_EQ(without, w.in_mirror("cat-file commit " + plain));
}

TEST(signing, finds_what_another_worker_signed_and_pushed_meanwhile) {
    work w;
    signer by("ecdsa"), renewed("ed25519");
    auto first = w.rebase(by.who)->commit;
    shell(w.folder.path() / "remote.git", "git fetch -q '" + (w.mirrored.folder() / "git").string() +
                                              "' refs/persais/tasks/7/landing; git update-ref refs/heads/main " +
                                              first);
    for (const auto& who : {by.who, renewed.who, identity{}}) {
        auto again = w.rebase(who)->commit; // by a worker that has not seen it
        EXPECT_NE(again, first);
        EXPECT_EQ(on_a_loop(w.mirrored.find_twin(again, w.tip, first)), first);
        EXPECT_EQ(on_a_loop(w.mirrored.find_twin(again, w.tip, w.tip)), commit_id());
    }
    auto other = by.who;
    other.sign_off = true; // other words
    EXPECT_EQ(on_a_loop(w.mirrored.find_twin(w.rebase(other)->commit, w.tip, first)), commit_id());
    EXPECT_EQ(on_a_loop(w.mirrored.find_twin(std::string(40, '1'), w.tip, first)), commit_id()) << "it is not here";
    EXPECT_EQ(on_a_loop(w.mirrored.find_twin("", w.tip, first)), commit_id());
}

TEST(signing, is_done_to_a_tasks_work_whichever_way_it_is_imported) {
    world w;
    signer by("ed25519");
    by.who.co_author = "Ann Lee <ann@example.org>";
    auto import = [&] {
        return on_a_loop(w.mirrored.import({.tree = w.tree,
                                            .base = w.base,
                                            .who = by.who,
                                            .when = time_point(std::chrono::seconds(1'750'000'000)),
                                            .message = "Change it",
                                            .keep_as = "refs/persais/tasks/7/work",
                                            .remembered = w.remembered()},
                                           *w.confine, w.as_view()));
    };
    commit_id first;
    for (bool forgets : {false, true}) { // what changed is known, or everything is read
        ASSERT_TRUE(w.make_tree());
        if (forgets) fs::remove(w.remembered());
        w.agent("echo three >> a.txt");
        auto made = import();
        ASSERT_TRUE(made) << sentence(made);
        EXPECT_EQ(w.in_mirror("rev-parse refs/persais/tasks/7/work"), made->commit);
        w.in_mirror(by.verify(made->commit));
        EXPECT_EQ(w.in_mirror("log -1 --format=%B " + made->commit),
                  "Change it\n\nCo-authored-by: Ann Lee <ann@example.org>");
        if (first.empty()) first = made->commit;
        EXPECT_EQ(made->commit, first) << "the same bytes";
    }
}

TEST(signing, leaves_the_key_in_no_file) {
    work w;
    signer by("ed25519");
    ASSERT_TRUE(w.rebase(by.who));
    auto line = by.who.signing_key.reveal().substr(180, 40);
    auto own = "'" + (by.folder.path() / "key").string() + "'";
    EXPECT_EQ(shell(w.folder.path(), "grep -rlsF -e '" + line + "' '" + w.folder.path().string() + "' || true"), "");
    EXPECT_NE(shell(w.folder.path(), "grep -lsF -e '" + line + "' " + own + " || true"), "") << "the search finds it";
}

TEST(signing, is_tried_and_names_the_key) {
    signer by("ed25519");
    auto print = on_a_loop(fingerprint(by.who.signing_key, by.folder.path()));
    EXPECT_EQ(on_a_loop(try_signing(by.who.signing_key, by.folder.path())), "ED25519 key " + print);
}

TEST(signing, that_fails_says_so_in_a_sentence_without_the_key) {
    work w;
    signer by("ed25519");
    auto broken = by.who.signing_key.reveal();
    broken.erase(200, 4);
    by.who.signing_key = secret(broken);
    auto made = w.rebase(by.who);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, error_kind::cannot_sign);
    EXPECT_NE(made.error().sentence.find("GIT_SIGNING_KEY"), std::string::npos) << made.error().sentence;
    EXPECT_EQ(made.error().sentence.find("/proc/"), std::string::npos) << made.error().sentence;
    EXPECT_FALSE(on_a_loop(try_signing(by.who.signing_key, by.folder.path())));
    EXPECT_EQ(w.in_mirror("for-each-ref refs/persais/tasks"), "") << "nothing was made";
}

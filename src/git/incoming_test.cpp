// An attacker who has escaped from the sandbox may print any pack and claim any tree.
#include "git/testing.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

/// Prints `pack` and claims `tree`, whatever it is told to run.
class lying_backend final : public sandbox::backend {
public:
    lying_backend(fs::path pack, std::string tree) : pack_(std::move(pack)), tree_(std::move(tree)) {}
    sandbox::isolation_level level() const override { return sandbox::isolation_level::unsafe; }
    sandbox::child_spec confine(sandbox::child_spec spec, const sandbox::view&) const override {
        spec.argv = {"/bin/sh", "-c", "echo persais:tree " + tree_ + " >&2; exec cat '" + pack_.string() + "'"};
        return spec;
    }
    void hand_over(const fs::path&, unsigned) const override {}
    std::string inside(const sandbox::view&, const fs::path& host) const override { return host; }

private:
    fs::path pack_;
    std::string tree_;
};

/// `make_tree` is a script that ends by printing a tree's id; the pack contains every object of its repository.
outcome<mirror::imported> import_lie(world& w, const std::string& make_tree, const std::string& spoil = "") {
    shell(w.folder.path(), "rm -rf evil; git init -q --bare evil");
    auto tree = shell(w.folder.path() / "evil", "blob=$(echo content | git hash-object -w --stdin); " + make_tree);
    shell(w.folder.path() / "evil", "git cat-file --batch-all-objects --batch-check='%(objectname)' | git pack-objects "
                                    "-q --stdout > ../evil.pack;" +
                                        spoil);
    lying_backend lie(w.folder.path() / "evil.pack", tree);
    EXPECT_TRUE(w.make_tree());
    write(w.tree / "a.txt", "changed\n"); // else nothing is asked
    fs::remove(w.remembered());            // nor is the sandbox, of what can be read without it
    auto taken = w.import_with(lie);
    EXPECT_EQ(w.in_mirror("for-each-ref refs/persais"), taken ? w.in_mirror("for-each-ref refs/persais") : "");
    return taken;
}

/// One entry of a tree object, written by hand.
std::string entry(const std::string& mode, const std::string& name) {
    return "perl -e 'print \"" + mode + " " + name +
           "\\0\", pack(\"H*\", $ARGV[0])' $blob |"
           " git hash-object -w -t tree --literally --stdin";
}

} // namespace

TEST(incoming, an_honest_pack_is_taken) {
    world w;
    auto taken = import_lie(w, "printf '100644 blob %s\\tfile\\n' $blob | git mktree");
    ASSERT_TRUE(taken) << sentence(taken);
    EXPECT_EQ(taken->paths, (std::vector<std::string>{"a.txt", "file", "src/x.py"}));
}

TEST(incoming, trees_that_would_write_where_they_should_not_are_refused) {
    for (const char* name : {".git", "..", ".", ".GIT", "git~1", "a/b"}) {
        world w;
        auto taken = import_lie(w, entry("100644", name));
        ASSERT_FALSE(taken) << name;
        EXPECT_EQ(taken.error().kind, error_kind::bad_object) << name << ": " << taken.error().sentence;
    }
}

TEST(incoming, dangerous_submodule_settings_are_refused) {
    world w;
    auto taken = import_lie(
        w, "blob=$(printf '[submodule \"x\"]\\n\\tpath = x\\n\\turl = -u./evil\\n' | git hash-object -w --stdin);"
           "printf '100644 blob %s\\t.gitmodules\\n' $blob | git mktree");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, error_kind::bad_object);
    world v;
    EXPECT_FALSE(import_lie(v, "printf '120000 blob %s\\t.gitmodules\\n' $blob | git mktree"));
}

TEST(incoming, an_added_submodule_is_refused) {
    world w;
    auto taken = import_lie(
        w, "printf '160000 commit 1111111111111111111111111111111111111111\\tsub\\n' | git mktree --missing");
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().kind, error_kind::bad_object);
}

TEST(incoming, missing_spoilt_and_unknown_objects_are_refused) {
    world w;
    auto missing =
        import_lie(w, "printf '100644 blob 2222222222222222222222222222222222222222\\tf\\n' | git mktree --missing");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().kind, error_kind::bad_object);
    auto spoilt = import_lie(w, "printf '100644 blob %s\\tfile\\n' $blob | git mktree", "truncate -s -30 ../evil.pack");
    ASSERT_FALSE(spoilt);
    EXPECT_EQ(spoilt.error().kind, error_kind::bad_object);
    auto unknown = import_lie(w, "echo 3333333333333333333333333333333333333333");
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.error().kind, error_kind::bad_object);
    auto not_an_id = import_lie(w, "echo --all");
    ASSERT_FALSE(not_an_id);
    EXPECT_EQ(not_an_id.error().kind, error_kind::bad_object);
    EXPECT_TRUE(fs::is_empty(w.mirrored.folder() / "incoming"));
}

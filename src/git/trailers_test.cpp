// Trailers of commit messages, as git itself reads them.
#include "git/testing.hpp"
#include "git/trailers.hpp"

using namespace persais;
using namespace persais::git;
using namespace persais::git::testing;

namespace {

const identity both{.sign_off = true, .co_author = "Ann Lee <ann@example.org>"};
const std::string ann = "Co-authored-by: Ann Lee <ann@example.org>";
const std::string ours = "Signed-off-by: Mechanic <mechanic@persais.ai>";

std::string parsed(const std::string& message) {
    open_temp_dir folder;
    write(folder.path() / "message", message);
    return shell(folder.path(), "git interpret-trailers --parse message");
}

} // namespace

TEST(trailers, are_there_only_when_they_are_asked_for) {
    EXPECT_EQ(message_of({}, "Mend it\n"), "Mend it\n");
    EXPECT_EQ(message_of({.sign_off = true}, "Mend it\n"), "Mend it\n\n" + ours + "\n");
    EXPECT_EQ(message_of({.co_author = "Ann Lee <ann@example.org>"}, "Mend it"), "Mend it\n\n" + ann + "\n");
}

TEST(trailers, are_given_back_by_git_and_come_once) {
    for (const std::string& message :
         {std::string("Mend it"), std::string("Mend it\n"), std::string("Mend it\n\nAnd more of it.\n"),
          std::string("Mend it\n\nFixes: the sum\nis what it does\n"), std::string("fix: the sum\n"),
          std::string("Mend it\n\n- a list\n- of things\n"), std::string("Mend it\n\nSee: this: that\n\nThe end  \n\n"),
          std::string("Почини сумму\n\nИ ещё: это.\n"), std::string("a: b"), std::string("Mend\nit: now")}) {
        auto made = message_of(both, message);
        EXPECT_EQ(parsed(made), ann + "\n" + ours) << made;
        EXPECT_EQ(message_of(both, made), made) << "once each";
        EXPECT_EQ(message_of({.sign_off = true}, made), made);
        EXPECT_TRUE(made.starts_with(message.substr(0, 4))) << made;
    }
}

TEST(trailers, go_to_those_that_are_there) {
    auto made = message_of(both, "Mend it\n\nFixes: #12\nReviewed-by: Bob\n  and others\n");
    EXPECT_EQ(made, "Mend it\n\nFixes: #12\nReviewed-by: Bob\n  and others\n" + ann + "\n" + ours + "\n");
    EXPECT_EQ(parsed(made), "Fixes: #12\nReviewed-by: Bob and others\n" + ann + "\n" + ours);
    made = message_of(both, "Mend it\n\n(cherry picked from commit 12)\nSigned-off-by: Bob <bob@example.org>\nwords\n");
    EXPECT_EQ(parsed(made), "Signed-off-by: Bob <bob@example.org>\n" + ann + "\n" + ours) << made;
    // Somebody else's line of the same kind stays, and a line in the text is none.
    made = message_of(both, "Mend it\n\n" + ours + "\n\nThat was a quotation.\n");
    EXPECT_EQ(parsed(made), ann + "\n" + ours) << made;
}

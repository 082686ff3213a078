#include "backup/tar.hpp"
#include "base/encoding.hpp"
#include "base/temp_dir.hpp"
#include "cli/support_bundle.hpp"

#include <fstream>
#include <map>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::cli;
namespace fs = std::filesystem;

namespace {

struct bundle : ::testing::Test {
    temp_dir folder;
    fs::path file = folder.path() / "fault.tar";

    static std::string bytes(const fs::path& of) {
        std::ifstream in(of, std::ios::binary);
        return {(std::istreambuf_iterator<char>(in)), {}};
    }
    static void put(const fs::path& at, std::string_view text) { std::ofstream(at, std::ios::binary) << text; }
    /// What is in it, read block by block.
    std::map<std::string, std::string> inside() const {
        std::map<std::string, std::string> all;
        auto tar = bytes(file);
        EXPECT_EQ(tar.size() % 512, 0U);
        bool wrong = false;
        for (std::size_t at = 0; at + 512 <= tar.size();) {
            auto entry = backup::read_tar_header(std::string_view(tar).substr(at, 512), wrong);
            if (!entry) break;
            all[entry->name] = tar.substr(at + 512, entry->bytes);
            at += 512 + (entry->bytes + 511) / 512 * 512;
        }
        EXPECT_FALSE(wrong);
        return all;
    }
    /// One page of a bundle that hides these words of somebody.
    std::string page(std::string_view words, std::string_view content) {
        fs::remove(file);
        auto made = support_bundle::make(file);
        made->hide_words(words);
        EXPECT_TRUE(made->add("page", content));
        EXPECT_TRUE(made->end());
        return inside()["page"];
    }
};

} // namespace

TEST_F(bundle, holds_what_was_put_in_and_only_its_owner_reads_it) {
    auto was = ::umask(0);
    auto made = support_bundle::make(file);
    ::umask(was);
    ASSERT_TRUE(made);
    std::map<std::string, std::string> pages{
        {"empty", ""}, {"one", "x"}, {"block", std::string(512, 'b')}, {"more", std::string(100'001, 'm')}};
    for (const auto& [name, text] : pages)
        EXPECT_TRUE(made->add(name, text));
    ASSERT_TRUE(made->end());
    EXPECT_EQ(inside(), pages);
    struct stat now{};
    ASSERT_EQ(::stat(file.c_str(), &now), 0);
    EXPECT_EQ(now.st_mode & 0777, 0600U);
}

TEST_F(bundle, overwrites_nothing_and_follows_no_link) {
    put(file, "of somebody");
    auto over = support_bundle::make(file);
    ASSERT_FALSE(over);
    EXPECT_TRUE(over.error().contains("fault.tar cannot be written")) << over.error();
    EXPECT_EQ(bytes(file), "of somebody");
    auto target = folder.path() / "target";
    for (bool there : {false, true}) {
        if (there) put(target, "of somebody");
        fs::create_symlink(target, folder.path() / "link");
        EXPECT_FALSE(support_bundle::make(folder.path() / "link"));
        EXPECT_EQ(fs::exists(target), there);
        fs::remove(folder.path() / "link");
    }
    EXPECT_EQ(bytes(target), "of somebody");
    EXPECT_FALSE(support_bundle::make(folder.path()));
    EXPECT_FALSE(support_bundle::make(folder.path() / "no/such/folder.tar"));
    auto odd = support_bundle::make(folder.path() / "no\x1b[31m/red.tar");
    ASSERT_FALSE(odd);
    EXPECT_FALSE(odd.error().contains('\x1b')) << "a name does not paint the terminal";
}

TEST_F(bundle, hides_each_secret_of_the_settings_in_every_form_it_is_written_in) {
    config::settings s;
    s.openrouter_api_key = secret("canary/of+the model");
    s.database_url = secret("postgresql://me:canary%2Fdb@h/d");
    s.git_ssh_key = secret("-----BEGIN X-----\ncanaryline-one\ncanaryline-two\n-----END X-----\n");
    auto made = support_bundle::make(file);
    ASSERT_TRUE(made);
    made->hide(s);
    made->hide(secret("canary of the database"));
    EXPECT_TRUE(made->add("page", "plain canary/of+the model, url canary%2Fof%2Bthe%20model, base64 " +
                                      to_base64("xx:canary/of+the model") +
                                      ", password canary/db and canary%2Fdb, key canaryline-two, "
                                      "stored {\"a\":\"canary of the database\"}\n"));
    ASSERT_TRUE(made->end());
    auto seen = inside()["page"];
    EXPECT_FALSE(seen.contains("canary")) << seen;
    EXPECT_FALSE(seen.contains(to_base64("canary/of+the model").substr(4, 12))) << seen;
    EXPECT_TRUE(seen.starts_with("plain ***, url ***, ")) << "and nothing else: " << seen;
    EXPECT_FALSE(bytes(file).contains("canary"));
}

TEST_F(bundle, a_header_tells_the_size_after_the_mask) {
    auto made = support_bundle::make(file);
    made->hide(secret("something that is much longer than its mask"));
    made->add("first", std::string(600, 'x') + "something that is much longer than its mask");
    made->add("second", "it is read still");
    ASSERT_TRUE(made->end());
    EXPECT_EQ(inside()["first"], std::string(600, 'x') + "***");
    EXPECT_EQ(inside()["second"], "it is read still");
}

TEST_F(bundle, hides_words_of_people_whole_and_line_by_line) {
    struct {
        std::string words, content, seen;
    } all[] = {
        {"mend the login", "task 7: mend the login.\n", "task 7: ***.\n"},
        {"mend the login\nof our client ACME\n", "a mend the login b\nc of our client ACME d\n", "a *** b\nc *** d\n"},
        {"first line\r\nsecond line\r\n", "log: second line\n", "log: ***\n"},
        {"   - an item of a list\n", "* - an item of a list *", "* *** *"},
        {"say \"hello\"\tto\\all", R"({"text":"say \"hello\"\tto\\all"})", R"({"text":"***"})"},
        {"line of one\nline of two", R"({"text":"line of one\nline of two"})", R"({"text":"***"})"},
        {"почини вход", "задача: почини вход!", "задача: ***!"},
        {"fix", "prefixes are fixed", "prefixes are fixed"}, // as short as any word: nothing would be left
        {"\n\n \n", "a\n\n \nb", "a\n\n \nb"},
        {"", "nothing was written", "nothing was written"},
        {"a longer word\na longer word of it", "<a longer word of it>", "<***>"},
    };
    for (const auto& [words, content, seen] : all)
        EXPECT_EQ(page(words, content), seen) << words;
}

TEST_F(bundle, one_that_does_not_fit_on_the_disk_is_told_and_leaves_no_half) {
    // The kernel refuses bytes above this size, as it does on a full disk.
    rlimit was{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &was), 0);
    auto before = ::signal(SIGXFSZ, SIG_IGN);
    rlimit small{.rlim_cur = 4096, .rlim_max = was.rlim_max};
    auto made = support_bundle::make(file);
    ASSERT_TRUE(made);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    bool first = made->add("small", "fits"), second = made->add("large", std::string(100'000, 'x')),
         third = made->add("later", "fits, but what is before it is not whole");
    auto ended = made->end();
    ::setrlimit(RLIMIT_FSIZE, &was);
    ::signal(SIGXFSZ, before);
    EXPECT_TRUE(first);
    EXPECT_FALSE(second);
    EXPECT_FALSE(third);
    ASSERT_FALSE(ended);
    EXPECT_TRUE(ended.error().contains("is the disk full?")) << ended.error();
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(bundle, the_tail_of_a_log_begins_with_a_whole_line) {
    auto log = folder.path() / "log";
    put(log, "first canary-word\nsecond\nthird\n");
    EXPECT_EQ(tail_of(log, 1000).value(), "first canary-word\nsecond\nthird\n");
    EXPECT_EQ(tail_of(log, 31).value(), "first canary-word\nsecond\nthird\n") << "it fits exactly";
    EXPECT_EQ(tail_of(log, 20).value(), "second\nthird\n");
    EXPECT_EQ(tail_of(log, 9).value(), "third\n");
    EXPECT_EQ(tail_of(log, 1).value(), "");
    put(log, "");
    EXPECT_EQ(tail_of(log, 10).value(), "");
}

TEST_F(bundle, a_line_longer_than_the_tail_is_left_out_because_half_a_secret_is_not_masked) {
    auto log = folder.path() / "log";
    put(log, std::string(50, 'x') + "canary-word" + std::string(20, 'y'));
    EXPECT_EQ(tail_of(log, 25).value(), "");
}

TEST_F(bundle, what_is_no_file_has_no_tail) {
    auto gone = tail_of(folder.path() / "gone", 10);
    ASSERT_FALSE(gone);
    EXPECT_TRUE(gone.error().contains("gone cannot be read")) << gone.error();
    EXPECT_FALSE(tail_of(folder.path(), 10)) << "a folder";
    EXPECT_FALSE(tail_of("/dev/null", 10)) << "a device";
}

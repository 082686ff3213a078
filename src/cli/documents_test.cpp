// Completions and manuals hold each command and each flag.
#include "cli/completion.hpp"
#include "cli/manual.hpp"
#include "cli/program.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

using namespace persais::cli;

namespace {

command_row table() {
    CLI::App app;
    int exit_code = 0;
    make_program(app, exit_code);
    return command_table(app);
}

/// Each command at any depth, and the program itself.
std::vector<command_row> all_of(const command_row& from) {
    std::vector<command_row> all{from};
    for (const auto& each : from.below)
        for (const auto& inner : all_of(each))
            all.push_back(inner);
    return all;
}

std::string without_backslashes(std::string text) {
    std::erase(text, '\\');
    return text;
}

} // namespace

TEST(completion, of_each_shell_has_each_command_flag_and_value) {
    auto whole = table();
    for (auto* shell : {"bash", "zsh", "fish"}) {
        auto script = completion(shell, whole);
        for (const auto& row : all_of(whole)) {
            EXPECT_NE(script.find(row.name.substr(row.name.rfind(' ') + 1)), script.npos) << shell << row.name;
            for (const auto& flag : row.flags) {
                for (const auto& name : flag.names) {
                    auto wanted = std::string_view(shell) != "fish" ? name
                                  : name.starts_with("--")          ? " -l " + name.substr(2)
                                                                    : " -s " + name.substr(1);
                    EXPECT_NE(script.find(wanted), script.npos) << shell << ": " << row.name << " " << name;
                }
                for (const auto& word : flag.words)
                    EXPECT_NE(script.find(word), script.npos) << shell << ": " << row.name << " " << word;
            }
        }
    }
}

TEST(completion, knows_which_flags_take_a_value) {
    auto bash = completion("bash", table());
    EXPECT_NE(bash.find("' diff:--colour') offered='auto always never' ;;"), bash.npos);
    EXPECT_NE(bash.find("' run:--repo') offered='' ;;"), bash.npos);
    EXPECT_EQ(bash.find("' run:--json')"), bash.npos) << "it takes none";
}

TEST(manual, of_each_command_has_its_flags_and_words) {
    auto whole = table();
    for (const auto& row : all_of(whole)) {
        auto page = without_backslashes(manual(whole, row.name));
        EXPECT_TRUE(page.starts_with(fmt::format(".TH {} 1 ", page_name(row.name)))) << page.substr(0, 40);
        for (const auto* arguments : {&row.flags, &row.positionals})
            for (const auto& each : *arguments)
                EXPECT_NE(page.find(fmt::format("fB{}", each.names.front())), page.npos)
                    << row.name << " " << each.names.front();
        for (const auto& each : row.below)
            EXPECT_NE(page.find(fmt::format(".TP\nfB{}fR\n", each.name)), page.npos) << each.name;
    }
    EXPECT_NE(manual(whole, "").find(".SH EXIT STATUS\n.nf\n  0    ready,"), std::string::npos) << manual(whole, "");
    EXPECT_NE(manual(whole, "show").find(".SH EXAMPLES\n.nf\n  persais show\n"), std::string::npos);
    EXPECT_EQ(manual(whole, "show").find(".SH MORE"), std::string::npos);
    EXPECT_NE(manual(whole, "serve").find(".SH MORE\n.nf\nService:\n"), std::string::npos) << "its settings";
    EXPECT_EQ(page_name("config check"), "persais-config-check");
}

TEST(manual, lets_no_text_be_taken_for_a_request) {
    command_row row{.name = "x", .what = ".so /etc/passwd\n'br", .footer = "a\\b\n.sp\n"};
    auto page = manual({.below = {row}}, "x");
    EXPECT_NE(page.find("\\&.so /etc/passwd\n\\&'br"), page.npos) << page;
    EXPECT_NE(page.find("a\\eb\n\\&.sp\n"), page.npos) << page;
}

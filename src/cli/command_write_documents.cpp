#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/manual.hpp"
#include "cli/on_tasks.hpp"
#include "cli/tongue.hpp"

#include <fstream>
#include <memory>

#include <fmt/format.h>

namespace persais::cli {

namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
    fs::create_directories(file.parent_path());
    std::ofstream out(file, std::ios::binary);
    out << text;
    if (!out.flush()) throw fs::filesystem_error("cannot be written", file, std::make_error_code(std::errc::io_error));
}

/// Below `folder` as below /usr/share, where man(1) and the shells look: the manuals of the language that this process
/// speaks. A shell looks for one completion, which is English.
void write_documents(const fs::path& folder, const command_row& table) {
    bool russian = tongue() == i18n::language::ru;
    auto pages = folder / "man" / (russian ? "ru" : "") / "man1";
    write(pages / "persais.1", manual(table, ""));
    for (const auto& name : command_names(table))
        write(pages / page_name(name).append(".1"), manual(table, name));
    if (russian) return;
    write(folder / "bash-completion/completions/persais", completion("bash", table));
    write(folder / "zsh/site-functions/_persais", completion("zsh", table));
    write(folder / "fish/vendor_completions.d/persais.fish", completion("fish", table));
}

} // namespace

void add_write_documents(CLI::App& app, int& exit_code) {
    auto folder = std::make_shared<std::string>();
    auto* command = app.add_subcommand("write-documents", "the manuals and completions that the build installs");
    command->add_option("folder", *folder, "below it as below /usr/share")->required();
    command->group(""); // is for the build: no help shows it
    command->callback([folder, &app, &exit_code] {
        try {
            write_documents(*folder, command_table(app));
        } catch (const fs::filesystem_error& e) {
            exit_code = say("write-documents", e.what(), 3);
        }
    });
}

} // namespace persais::cli

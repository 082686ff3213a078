#include "git/pack_work.hpp"

#include "base/on_a_thread.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/limits.hpp"
#include "git/tree.hpp"
#include "git/work_commit.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include <fmt/format.h>

namespace persais::git {

namespace {

namespace fs = std::filesystem;

/// As git fast-import reads a path: as C writes a string.
std::string quoted_path(std::string_view path) {
    std::string word = "\"";
    for (char c : path) {
        if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < ' ')
            word += fmt::format("\\{:03o}", static_cast<unsigned char>(c));
        else
            word += c;
    }
    return word + "\"";
}

/// Leaves out of `fresh` what git would not add by itself. Git is asked in a folder of the service's own that has files
/// of these names without content, and the rules: a name that it is given would have to be quoted from its pathspecs.
awaitable<outcome<void>> leave_out_ignored(layout at, const fs::path& place, work_files& files) {
    if (files.fresh.empty()) co_return outcome<void>{};
    auto names = place / "names";
    // A path that is fine in the tree may be too long in this folder; then the work is collected in the other way.
    bool whole = co_await on_a_thread([&] {
        make_private_folder(names);
        auto add = [&](const std::string& path, std::string_view bytes) {
            std::error_code ec;
            fs::create_directories((names / path).parent_path(), ec);
            std::ofstream out(names / path, std::ios::binary);
            return !ec && out.is_open() && (out << bytes).flush().good();
        };
        return std::ranges::all_of(files.fresh, [&](const auto& file) { return add(file.path, ""); }) &&
               std::ranges::all_of(files.ignores, [&](const auto& each) {
                   return each.second.empty() || add(each.first, each.second);
               });
    });
    if (!whole) co_return std::unexpected(failure{error_kind::other, "Collecting the work: a name is too long."});
    command ask{.arguments = {"ls-files", "-z", "--others", "--exclude-standard"},
                .git_dir = place / "import.git",
                .work_tree = names};
    ask.total = limits::import_ignore;
    auto said = co_await at.run(std::move(ask));
    if (!said.ok() || said.output_cut) co_return std::unexpected(explain_local(said, "Collecting the work"));
    std::set<std::string_view> wanted;
    for (auto path : pieces(said.output, '\0'))
        wanted.insert(path);
    std::erase_if(files.fresh, [&](const auto& file) { return !wanted.contains(file.path); });
    co_return outcome<void>{};
}

std::string stream_of(const mirror::import_spec& what, const tree_look& seen, const work_files& files) {
    auto stream = lines_of_work_commit(what) + deletions(seen.gone);
    for (const auto* list : {&files.touched, &files.fresh})
        for (const auto& file : *list) {
            stream += fmt::format("M {:o} inline {}\ndata {}\n", file.mode, quoted_path(file.path), file.bytes.size());
            stream.append(file.bytes) += '\n';
        }
    return stream + fmt::format("\nls :1 \"\"\nls {} \"\"\ndone\n", what.base);
}

/// The id in "040000 tree <id>\t".
std::string tree_in(std::string_view line) {
    auto words = pieces(line, ' ');
    return words.size() < 3 ? "" : std::string(words[2].substr(0, words[2].find('\t')));
}

std::string only_pack_in(const fs::path& folder) {
    std::string bytes;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".pack") bytes = content_of(entry.path());
    return bytes;
}

} // namespace

std::string deletions(const std::vector<std::string>& paths) {
    std::string lines;
    for (const auto& path : paths)
        lines += "D " + quoted_path(path) + "\n";
    return lines;
}

void write_import_repository(const fs::path& folder, const commit_id& base) {
    bool sha256 = object_format(base).ends_with("256");
    fs::create_directories(folder / "info");
    fs::create_directories(folder / "objects/info");
    fs::create_directories(folder / "refs");
    write_file(folder / "HEAD", "ref: refs/heads/work\n", 0644);
    write_file(folder / "config",
               fmt::format("[core]\n\trepositoryformatversion = {}\n\tfilemode = true\n\tbare = true\n{}",
                           sha256 ? 1 : 0, sha256 ? "[extensions]\n\tobjectFormat = sha256\n" : ""),
               0644);
    write_file(folder / "info/exclude", never_work(), 0644);
}

awaitable<outcome<packed_work>> pack_work(layout at, fs::path place, const mirror::import_spec& what,
                                          const tree_look& seen, work_files files) {
    auto repository = place / "import.git";
    write_import_repository(repository, what.base);
    write_file(repository / "objects/info/alternates", (at.git() / "objects").string() + "\n", 0644);
    auto left_out = co_await leave_out_ignored(at, place, files);
    if (!left_out) co_return std::unexpected(left_out.error());
    command make{.arguments = {"fast-import", "--quiet"},
                 .git_dir = repository,
                 .settings = {"core.fsync=none", "fastimport.unpackLimit=0"},
                 .input = stream_of(what, seen, files)};
    auto made = co_await at.run(std::move(make));
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Collecting the work"));
    auto lines = pieces(made.output, '\n');
    auto tree = lines.empty() ? "" : tree_in(lines.front());
    if (lines.size() != 2 || !is_id(tree))
        co_return std::unexpected(failure{error_kind::bad_object, "Collecting the work: no tree was named."});
    if (tree == tree_in(lines.back())) co_return packed_work{};
    co_return packed_work{.tree = std::move(tree), .pack = only_pack_in(repository / "objects/pack")};
}

} // namespace persais::git

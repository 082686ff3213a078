#include "git/lfs.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/told.hpp"
#include "base/url.hpp"
#include "git/address.hpp"
#include "git/explain.hpp"
#include "git/files.hpp"
#include "git/layout.hpp"
#include "git/limits.hpp"
#include "git/lock.hpp"
#include "git/said.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <map>

#include <fmt/format.h>

namespace persais::git {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t pointer_bytes = 1024; // git-lfs takes no larger file for a pointer

/// A file of a tree that is in LFS.
struct lfs_file {
    std::string path, mode, blob;
    lfs_pointer what;
};

/// Held alone by who fetches into a mirror's store, and by who removes from it.
fs::path turn_of(const fs::path& mirror_folder) {
    return mirror_folder / "lfs.lock";
}

fs::path object_in(const fs::path& store, const std::string& oid) {
    return store / "objects" / oid.substr(0, 2) / oid.substr(2, 2) / oid;
}

bool kept(const fs::path& store, const lfs_pointer& one) {
    std::error_code ec;
    return fs::file_size(object_in(store, one.oid), ec) == one.size && !ec;
}

void keep_empty(const fs::path& store, const lfs_pointer& one) {
    auto file = object_in(store, one.oid);
    fs::create_directories(file.parent_path());
    if (!fs::exists(file)) write_file(file, "", 0644);
}

/// The files of a new tree, from its index and attributes; `tree` is one that no program has used.
awaitable<outcome<std::vector<lfs_file>>> files_in(layout at, fs::path tree) {
    auto in_tree = [&](std::vector<std::string> words, std::string input = {}) {
        return command{
            .arguments = std::move(words), .git_dir = tree / ".git", .work_tree = tree, .input = std::move(input)};
    };
    auto listed = co_await at.run(in_tree({"ls-files", "--stage", "-z"}));
    if (!listed.ok()) co_return std::unexpected(explain_local(listed, "Listing the LFS files"));
    std::string paths;
    std::map<std::string_view, std::string_view> entries; // of regular files
    for (auto entry : pieces(listed.output, '\0')) {      // "100644 <id> 0\t<path>"
        auto tab = entry.find('\t');
        if (!entry.starts_with("100") || tab == entry.npos || tab < 47) continue;
        entries[entry.substr(tab + 1)] = entry;
        paths.append(entry.substr(tab + 1)).push_back('\0');
    }
    std::vector<lfs_file> found;
    if (paths.empty()) co_return found;
    auto attributes = co_await at.run(in_tree({"check-attr", "-z", "--stdin", "filter"}, std::move(paths)));
    if (!attributes.ok() || listed.output_cut || attributes.output_cut)
        co_return std::unexpected(explain_local(attributes, "Finding the LFS files"));
    auto list = pieces(attributes.output, '\0');
    for (std::size_t i = 0; i + 2 < list.size(); i += 3) {
        if (list[i + 2] != "lfs") continue;
        std::string path(list[i]);
        std::ifstream file(tree / path, std::ios::binary);
        std::string text(pointer_bytes + 1, '\0');
        file.read(text.data(), static_cast<std::streamsize>(text.size()));
        text.resize(static_cast<std::size_t>(file.gcount()));
        auto entry = entries[list[i]];
        if (auto what = read_lfs_pointer(text))
            found.push_back({path, std::string(entry.substr(0, 6)), first_word(entry.substr(7)), std::move(*what)});
    }
    co_return found;
}

/// A repository of ours whose one commit has the pointers of these files and nothing else, so that git-lfs, which takes
/// its work from a commit and also obeys a .lfsconfig in it, fetches what is wanted and no more. Returns the commit.
awaitable<outcome<commit_id>> list_for_git_lfs(layout at, fs::path repository, std::vector<lfs_file> wanted) {
    co_await remove_folder(repository);
    auto made =
        co_await at.run({.arguments = {"init", "--quiet", "--bare", "--template=", object_format(wanted.front().blob),
                                       "--", repository.string()}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Preparing for LFS"));
    write_file(repository / "objects/info/alternates", (at.git() / "objects").string() + "\n", 0644);
    command tree{.arguments = {"mktree", "-z"}, .git_dir = repository};
    for (std::size_t i = 0; i < wanted.size(); ++i)
        tree.input += fmt::format("100644 blob {}\t{:06}", wanted[i].blob, i) + '\0';
    made = co_await at.run(std::move(tree));
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Preparing for LFS"));
    identity who;
    made = co_await at.run({.arguments = {"commit-tree", "-m", "wanted", first_word(made.output)},
                            .git_dir = repository,
                            .environment = {"GIT_AUTHOR_NAME=" + who.name, "GIT_AUTHOR_EMAIL=" + who.email,
                                            "GIT_COMMITTER_NAME=" + who.name, "GIT_COMMITTER_EMAIL=" + who.email}});
    if (!made.ok()) co_return std::unexpected(explain_local(made, "Preparing for LFS"));
    co_return first_word(made.output);
}

/// Runs git-lfs. It gets the token as a header for its own origin alone: a program that is asked for it (GIT_ASKPASS, a
/// credential helper) is asked for ever when the server refuses it (seen with git-lfs 3.3.0).
awaitable<outcome<void>> run_git_lfs(layout at, remote where, fs::path repository, fs::path store, commit_id commit,
                                     std::map<std::string, std::string> paths, std::uint64_t largest) {
    auto from = read_reachable(where);
    if (!from) co_return std::unexpected(from.error());
    if (from->local() || from->ssh())
        co_return std::unexpected(
            failure{error_kind::refused_url,
                    told<"LFS files are fetched over https alone.", "Файлы LFS загружаются только по https.">()});
    auto url = from->origin + std::string(cut_url(from->url)->path); // without a user, whose password it would ask for
    command fetch{.arguments = {"lfs", "fetch", "--include=", "--exclude=", "persais", commit},
                  .git_dir = std::move(repository),
                  .settings = {"lfs.url=" + url, "remote.persais.url=" + url, "lfs.storage=" + store.string(),
                               "lfs.basictransfersonly=true", "lfs.skipdownloaderrors=false",
                               "lfs.transfer.maxretries=3", "lfs.activitytimeout=60"},
                  .protocols = from->protocol(),
                  .total = limits::git_network};
    if (!where.ca_file.empty()) fetch.environment.push_back("GIT_SSL_CAINFO=" + where.ca_file);
    if (!where.token.empty()) {
        fetch.environment.emplace_back("GIT_CONFIG_COUNT=1");
        fetch.environment.push_back(fmt::format("GIT_CONFIG_KEY_0=http.{}/.extraheader", from->origin));
        fetch.secret_environment.emplace_back(
            "GIT_CONFIG_VALUE_0",
            secret("Authorization: Basic " + to_base64(from->user + ":" + std::string(where.token.reveal()))));
    }
    auto spec = spec_of(std::move(fetch), at.home());
    // git-lfs itself writes down whatever comes, and then looks at its sha256.
    spec.limits.file_bytes = std::max(largest, limits::lfs_least_file_bytes);
    auto fetched = unless_killed(co_await sandbox::run_child(std::move(spec)));
    if (fetched.how == sandbox::ended::timed_out)
        co_return std::unexpected(failure{
            error_kind::network,
            told<"The LFS files did not come from {} within {} minutes.", "Файлы LFS не пришли из {} за {} мин.">(
                from->shown, std::chrono::floor<std::chrono::minutes>(limits::git_network).count())});
    if (!fetched.ok()) co_return std::unexpected(explain_lfs(fetched.error, from->shown, paths));
    co_return outcome<void>{};
}

/// Copies what was fetched over the pointers, and to where a checkout finds it, by one process: it copies a folder of
/// links to the contents, which has the names that the tree has.
awaitable<outcome<void>> copy_into(layout at, fs::path tree, fs::path store, std::vector<lfs_file> files) {
    auto links = tree / ".git/persais.links";
    for (const auto& one : files)
        for (const auto& to : {object_in(".git/lfs", one.what.oid), fs::path(one.path)}) {
            auto link = links / to;
            fs::create_directories(link.parent_path());
            std::error_code exists; // the object of another file, too
            fs::create_symlink(fs::absolute(object_in(store, one.what.oid)), link, exists);
            if (exists && exists != std::errc::file_exists) throw fs::filesystem_error("cannot link", link, exists);
        }
    sandbox::child_spec copy{.argv = {"/bin/cp", "--recursive", "--dereference", "--reflink=auto",
                                      "--no-target-directory", "--", links.string(), tree.string()},
                             .environment = {"PATH=/usr/bin:/bin", "LC_ALL=C"},
                             .total = limits::git_local};
    auto copied = unless_killed(co_await sandbox::run_child(std::move(copy)));
    co_await remove_folder(links);
    if (!copied.ok()) co_return std::unexpected(explain_local(copied, "Copying the LFS files"));
    // git gives the whole contents to a filter that is not required, and takes them when it fails.
    for (auto [name, value] : {std::pair{"clean", lfs_clean()}, std::pair{"smudge", lfs_smudge()},
                               std::pair{"required", std::string_view("true")}}) {
        auto set = co_await at.run({.arguments = {"config", "--file", (tree / ".git/config").string(),
                                                  fmt::format("filter.lfs.{}", name), std::string(value)}});
        if (!set.ok()) co_return std::unexpected(explain_local(set, "Setting up LFS"));
    }
    // The index has the sizes of the pointers, and git takes a file of another size for changed without reading it.
    command forget{.arguments = {"update-index", "-z", "--index-info"}, .git_dir = tree / ".git", .work_tree = tree};
    for (const auto& one : files)
        forget.input += fmt::format("{} {} 0\t{}", one.mode, one.blob, one.path) + '\0';
    auto forgotten = co_await at.run(std::move(forget));
    if (!forgotten.ok()) co_return std::unexpected(explain_local(forgotten, "Setting up LFS"));
    co_return outcome<void>{};
}

} // namespace

std::optional<lfs_pointer> read_lfs_pointer(std::string_view text) {
    if (text.size() > pointer_bytes || !text.starts_with("version https://git-lfs.github.com/spec/v1\n"))
        return std::nullopt;
    lfs_pointer found;
    bool sized = false;
    for (auto line : pieces(text, '\n')) {
        constexpr std::string_view oid = "oid sha256:", size = "size ";
        if (line.starts_with(oid)) found.oid = line.substr(oid.size());
        if (line.starts_with(size)) {
            auto number = line.substr(size.size());
            auto read = std::from_chars(number.data(), number.data() + number.size(), found.size);
            sized = read.ec == std::errc() && read.ptr == number.data() + number.size();
        }
    }
    auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (!sized || found.oid.size() != 64 || !std::ranges::all_of(found.oid, hex)) return std::nullopt;
    return found;
}

std::string lfs_address(std::string repository) {
    while (repository.ends_with('/'))
        repository.pop_back();
    return repository + (repository.ends_with(".git") ? "/info/lfs" : ".git/info/lfs");
}

// Neither writes a temporary file, because /tmp of a sandbox is small and in memory. `o` is the beginning of the input,
// as octal escapes, because a shell's variable cannot have NUL.
std::string_view lfs_clean() {
    // The size is printed last, because wc sees the end only when all before it have closed their end of its pipe.
    return R"sh(v='version https://git-lfs.github.com/spec/v1'
o=$(head -c 42 | od -An -v -to1 | tr -d '\n' | tr ' ' '\\')
if [ -z "$o" ]; then
    case $(git cat-file blob :0:%f 2>/dev/null | head -c 1024 | tr '\n\0' '||') in
    "$v|"*'|size 0|'*) git cat-file blob :0:%f ;;
    esac
elif [ "$(printf "$o" | tr -d '\0')" = "$v" ]; then
    printf "$o" && cat
else
    p=$({ { printf "$o"; cat; } | { tee /dev/fd/3 | sha256sum | sed 's/ .*//; s/^/oid sha256:/' >&4; } 3>&1 |
        printf 'size %s' "$(wc -c)"; } 4>&1)
    case $p in "oid sha256:"*size*) printf '%s\n%s\n' "$v" "$p" ;; *) exit 1 ;; esac
fi)sh";
}

std::string_view lfs_smudge() {
    return R"sh(o=$(head -c 1024 | od -An -v -to1 | tr -d '\n' | tr ' ' '\\')
i=$(printf "$o" | tr '\0' '?' | sed -n '1{/^version https:..git-lfs.github.com.spec.v1$/!q}
s/^oid sha256:\([0-9a-f]\{64\}\)$/\1/p')
k=.git/lfs/objects/$(printf %.2s "$i")/$(printf %s "$i" | cut -c3-4)/$i
if [ -n "$i" ] && [ -f "$k" ]; then cat "$k"; else printf "$o" && cat; fi)sh";
}

failure explain_lfs(std::string_view error, const std::string& from, const std::map<std::string, std::string>& paths) {
    said text(error);
    std::string which = "The LFS files";
    for (const auto& [oid, path] : paths)
        if (error.contains(oid)) which = fmt::format("The LFS file `{}`", text::printable(path));
    auto tell = [&](error_kind kind, std::string_view what) {
        return failure{
            kind, told<"{} could not be fetched from {}: {}", "{} не удалось загрузить из {}: {}">(which, from, what)};
    };
    if (text.any({"is not a git command"}))
        return tell(error_kind::other,
                    told<"git-lfs is not installed on this machine (on Debian: apt-get install git-lfs).",
                         "git-lfs на этой машине не установлен (в Debian: apt-get install git-lfs).">());
    if (text.any({"no space left on device", "disk quota exceeded"}))
        return tell(error_kind::disk_full, told<"the disk is full.", "диск полон.">());
    if (text.any({"file too large"}))
        return tell(error_kind::too_large, told<"the server sends more than its pointer says.",
                                                "сервер присылает больше, чем сказано в указателе.">());
    if (text.any({"expected oid"}))
        return tell(error_kind::bad_object,
                    told<"what the server sends is not what its pointer says (another sha256). Push "
                         "the right file again with git-lfs.",
                         "сервер присылает не то, что сказано в указателе (другой sha256). Отправьте правильный файл "
                         "ещё раз через git-lfs.">());
    if (text.any({"[404]", "[410]", "object does not exist"}))
        return tell(error_kind::not_found, told<"the server does not have it. Push it with `git lfs push --all`.",
                                                "на сервере его нет. Отправьте его: `git lfs push --all`.">());
    if (text.any({"[422]"}))
        return tell(error_kind::bad_object,
                    told<"the server takes its pointer for invalid.", "сервер считает указатель неправильным.">());
    if (text.any({"authentication required", "authorization error", "credentials for", "forbidden"}))
        return tell(
            error_kind::no_read,
            told<"the server refuses the token, or wants one.", "сервер не принимает токен или требует его.">());
    if (text.any({"dial tcp", "connection refused", "no such host", "i/o timeout", "connection reset", "tls handshake",
                  "unexpected eof"}))
        return tell(error_kind::network, words_of(error));
    if (text.any({"not found", "batch response"})) return tell(error_kind::not_found, words_of(error));
    return tell(error_kind::other, words_of(error));
}

awaitable<> forget_lfs(fs::path mirror_folder, fs::file_time_type now) {
    std::error_code ec;
    if (!fs::exists(mirror_folder / "lfs/objects", ec)) co_return;
    auto turn = co_await lock(turn_of(mirror_folder), sharing::alone, {});
    if (!turn) co_return; // a task counts on what is there, and marks it as needed only after its download
    std::vector<fs::path> old;
    for (fs::recursive_directory_iterator i(mirror_folder / "lfs/objects", ec), end; !ec && i != end; i.increment(ec))
        if (i->is_regular_file(ec) && i->last_write_time(ec) + limits::lfs_kept < now) old.push_back(i->path());
    for (const auto& file : old)
        fs::remove(file, ec);
}

awaitable<outcome<std::optional<std::string>>> mirror::lfs_url(commit_id commit) {
    layout at{folder_};
    auto said = co_await at.run(
        at.on_mirror({"config", "--no-includes", "-z", "--blob", commit + ":.lfsconfig", "--get", "lfs.url"}));
    if (!said.ok() || said.output.empty()) co_return std::nullopt; // no such file, or nothing about it in there
    co_return said.output.substr(0, said.output.find('\0'));
}

awaitable<outcome<void>> mirror::place_lfs(fs::path tree, remote from) {
    layout at{folder_};
    auto use = co_await lock(at.used(), sharing::shared, limits::git_network);
    if (!use) co_return std::unexpected(failure{error_kind::other, use.error()});
    auto files = co_await files_in(at, tree);
    if (!files) co_return std::unexpected(files.error());
    if (files->empty()) co_return outcome<void>{};
    std::uint64_t bytes = 0;
    for (const auto& one : *files) {
        if (one.what.size > limits::import_bytes) // it could not be moved, which is told before money is spent
            co_return std::unexpected(
                failure{error_kind::too_large,
                        told<"The LFS file `{}` has more than {} MiB, which is the most that work is taken of; "
                             "take `lfs = true` out of .persais.toml.",
                             "Файл LFS `{}` больше {} МиБ, а это предел для принимаемой работы; уберите `lfs = true` "
                             "из .persais.toml.">(text::printable(one.path), limits::import_bytes >> 20)});
        bytes += std::min(one.what.size, limits::lfs_bytes); // no sum that wraps
    }
    if (bytes > limits::lfs_bytes)
        co_return std::unexpected(failure{
            error_kind::too_large, told<"The LFS files of this commit have more than {} MiB together, which is "
                                        "the most that is fetched; take `lfs = true` out of .persais.toml.",
                                        "Файлы LFS этого коммита вместе больше {} МиБ, а это предел для загрузки; "
                                        "уберите `lfs = true` из .persais.toml.">(limits::lfs_bytes >> 20)});
    auto store = folder_ / "lfs";
    // One at a time: git-lfs writes to the same name when two of it fetch the same file.
    auto turn = co_await lock(turn_of(folder_), sharing::alone, limits::git_network);
    if (!turn) co_return std::unexpected(failure{error_kind::other, turn.error()});
    for (const auto& one : *files)
        if (one.what.size == 0) keep_empty(store, one.what); // git-lfs fetches none
    std::vector<lfs_file> missing;
    std::map<std::string, std::string> paths;
    std::uint64_t largest = 0;
    for (const auto& one : *files)
        if (!kept(store, one.what) && paths.try_emplace(one.what.oid, one.path).second) {
            missing.push_back(one);
            largest = std::max(largest, one.what.size);
        }
    if (!missing.empty()) {
        auto repository = folder_ / "lfs.git";
        auto commit = co_await list_for_git_lfs(at, repository, missing);
        if (!commit) co_return std::unexpected(commit.error());
        auto fetched = co_await run_git_lfs(at, std::move(from), repository, store, *commit, paths, largest);
        co_await remove_folder(repository);
        co_await remove_folder(store / "incomplete");
        if (!fetched) co_return fetched;
        for (const auto& one : missing)
            if (!kept(store, one.what))
                co_return std::unexpected(
                    failure{error_kind::bad_object,
                            told<"The LFS file `{}` does not have the size that its pointer says.",
                                 "Размер файла LFS `{}` не тот, что сказан в указателе.">(text::printable(one.path))});
    }
    for (const auto& one : *files) // so that it is not forgotten
        fs::last_write_time(object_in(store, one.what.oid), fs::file_time_type::clock::now());
    turn = held_lock();
    co_return co_await copy_into(at, std::move(tree), std::move(store), std::move(*files));
}

} // namespace persais::git

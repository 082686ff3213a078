#include "git/work_commit.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "git/replay.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>
#include <openssl/evp.h>

namespace persais::git {

namespace {

/// The bytes of a commit but for its tree: author and committer, an empty line, the message.
std::string words_of_commit(const mirror::import_spec& what) {
    auto who = fmt::format("{} <{}> {} +0000", what.who.name, what.who.email,
                           std::chrono::floor<std::chrono::seconds>(what.when).time_since_epoch().count());
    return fmt::format("author {0}\ncommitter {0}\n\n{1}{2}", who, what.message,
                       what.message.ends_with('\n') ? "" : "\n");
}

/// Whether git writes this name as it is: it takes dots, quotes and more from the ends.
bool plain(std::string_view name) {
    auto letter = [](unsigned char c) { return c >= 0x80 || std::isalnum(c); };
    return !name.empty() && letter(name.front()) && letter(name.back()) &&
           std::ranges::none_of(name, [](unsigned char c) { return c < ' ' || c == 0x7f || c == '<' || c == '>'; });
}

} // namespace

commit_id id_of_work_commit(const mirror::import_spec& what, const std::string& tree) {
    if (!plain(what.who.name) || !plain(what.who.email) || what.message.contains('\0') ||
        !persais::text::valid_utf8(what.who.name + what.who.email + what.message))
        return {};
    auto body = fmt::format("tree {}\nparent {}\n{}", tree, what.base, words_of_commit(what));
    auto bytes = fmt::format("commit {}", body.size()) + '\0' + body;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    const auto* kind = object_format(what.base).ends_with("256") ? EVP_sha256() : EVP_sha1();
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, kind, nullptr) != 1) return {};
    return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), length));
}

std::string lines_of_work_commit(const mirror::import_spec& what) {
    auto words = words_of_commit(what);
    auto end = words.find("\n\n");
    return fmt::format("feature done\ncommit refs/heads/work\nmark :1\n{}\ndata {}\n{}\nfrom {}\n",
                       words.substr(0, end), words.size() - end - 2, words.substr(end + 2), what.base);
}

awaitable<outcome<commit_id>> make_work_commit(layout at, mirror::import_spec what, std::string tree) {
    auto who = signature_of(what.who, what.when);
    co_return co_await write_commit(at, {.tree = std::move(tree),
                                         .parent = what.base,
                                         .author = who,
                                         .committer = who,
                                         .message = what.message,
                                         .signing_key = what.who.signing_key});
}

} // namespace persais::git

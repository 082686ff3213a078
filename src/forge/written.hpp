#pragma once
#include "forge/requests.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people write at a forge, and what its checks find there (decision 0082): as it is heard of, and as it is read.
namespace persais::forge {

/// Something that may ask for work, as a webhook or a list tells of it.
struct written {
    enum class kind { issue, comment, review, red } what = kind::comment;
    std::string id;          // of the comment or review; the issue's number; the commit that is red
    int number = 0;          // of the issue or request; 0: of what is red
    std::string branch = {}; // of what is red
    std::string at;          // by the forge's clock, as it writes it
    std::string text = {};   // as it was then
    bool by_bot = false;
};
std::string_view to_string(written::kind what);
std::optional<written::kind> written_kind(std::string_view word);
/// Whether it can be kept and found again: what a forge sends without its id, its place or its time cannot.
bool is_whole(const written& what);

/// A call of a webhook, whose signature was looked at.
struct hook_call {
    std::string delivery;
    std::string repository;      // owner/name
    std::optional<written> what; // nullopt: nothing that may ask for work
};

/// Whether a call brings anything that could be GitHub's signature; its body is not looked at.
bool has_github_signature(const http::headers& fields);
/// Whether GitHub signed these bytes with this secret, compared in constant time. An empty secret signs nothing.
bool signed_by_github(const secret& key, std::string_view body, const http::headers& fields);
/// nullopt: it is no such call.
std::optional<hook_call> github_call(const http::headers& fields, std::string_view body);

/// Where something was written.
struct thread {
    int number = 0;
    std::string page, title, body; // of the issue or request
    bool is_request = false;
    bool open = true;
    std::string branch; // of a request: where it comes from, in this repository; empty: from another one
    std::string head;   // the commit that it ends at
};

/// Something that was written, as it stands now.
struct words {
    std::string author; // empty: of what is red
    bool by_bot = false;
    std::string text; // of a review: with its comments and the lines that they are about
    thread where;
    bool answers = false;         // a review that approves, or only goes on with what was said before
    std::vector<std::string> red; // names of the checks that failed
    bool running = false;         // others of them have not ended yet
};

/// How far a repository was looked through. Kept by whoever asks for what is newer.
struct looked {
    std::string since; // by the forge's clock
};

/// What is written at one repository. Nothing is repeated here. Used from one executor.
class conversations {
public:
    virtual ~conversations() = default;
    /// nullopt: it is gone, or (of what is red) there is no open request of that branch, or it ends at another commit.
    virtual awaitable<outcome<std::optional<words>>> read(written what) = 0;
    /// Whether the forge lets this person push to the repository.
    virtual awaitable<outcome<bool>> may_write(std::string author) = 0;
    /// What was written since `from`, and what of the open requests from branches that begin with `ours` is red; moves
    /// `from`. What has not changed costs the forge nothing.
    virtual awaitable<outcome<std::vector<written>>> newer(looked& from, std::string ours) = 0;
};

std::unique_ptr<conversations> make_conversations(place at, const secret& token, fetcher fetch);

} // namespace persais::forge

#pragma once
#include "base/async.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "telegram/api/answer.hpp"
#include "telegram/api/limits.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace persais::telegram {

/// The outcome of a call.
struct called {
    std::optional<answer> got;      // nullopt: no answer of the Bot API came
    bool may_have_happened = false; // without an answer: whether the call took effect is unknown
    std::string why;                // without an answer: one sentence that says why, never with the token
};

struct upload {
    std::string field; // "document"
    std::string file_name;
    std::string bytes;
};

/// The Bot API, for one bot. Used from one executor.
class api {
public:
    virtual ~api() = default;
    /// `body`: the parameters, a JSON object. Throws operation_aborted when cancelled, and nothing else.
    virtual awaitable<called> call(std::string method, std::string body,
                                   std::chrono::milliseconds limit = limits::telegram_call) = 0;
    /// As call, with a file.
    virtual awaitable<called> call_with_file(std::string method, std::string body, upload file) = 0;
    /// The file at a `file_path` of getFile, at most `most` bytes; else one sentence, never with the token.
    virtual awaitable<result<std::string>> download(std::string path, std::size_t most) = 0;
};

/// `root` and `token` are called for each call, because both may change while the service runs.
std::unique_ptr<api> make_api(const asio::any_io_executor& executor, std::function<std::string()> root,
                              std::function<secret()> token, std::string ca_file);

} // namespace persais::telegram

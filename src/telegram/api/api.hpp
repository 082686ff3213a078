#pragma once
#include "base/async.hpp"
#include "base/secret.hpp"
#include "telegram/api/answer.hpp"
#include "telegram/api/limits.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace persais::telegram {

/// What became of a call.
struct called {
    std::optional<answer> got;      // nullopt: no answer of the Bot API came
    bool may_have_happened = false; // without an answer: whether it was done is unknown
    std::string why;                // without an answer: one sentence, never with the token
};

struct upload {
    std::string field; // "document"
    std::string file_name;
    std::string bytes;
};

/// The Bot API, for one bot. One executor.
class api {
public:
    virtual ~api() = default;
    /// `body`: the parameters, a JSON object. Cancellation throws operation_aborted, nothing else is thrown.
    virtual awaitable<called> call(std::string method, std::string body,
                                   std::chrono::milliseconds limit = limits::telegram_call) = 0;
    /// As call, with a file.
    virtual awaitable<called> call_with_file(std::string method, std::string body, upload file) = 0;
};

/// `root` and `token` are asked for each call: both may change while the service runs.
std::unique_ptr<api> make_api(const asio::any_io_executor& executor, std::function<std::string()> root,
                              std::function<secret()> token, std::string ca_file);

} // namespace persais::telegram

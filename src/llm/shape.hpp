#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace persais::llm {

/// What the body of an answer is. The body itself tells it: endpoints send whole answers for streams, events as
/// text/plain, and web pages with 200.
enum class body_shape {
    json,   // a whole answer
    events, // a stream
    page,   // HTML: this is no API
    other,
};

/// By how it begins; nothing while more has to come. Takes what may stand before a body off: white space, which keeps
/// a connection alive, and a byte order mark.
std::optional<body_shape> shape_of(std::string& beginning);

/// A whole chat completion as the stream that says the same: the messages, their finish reasons, the usage, [DONE].
/// `completion`: a JSON object.
std::string as_stream(std::string_view completion);

} // namespace persais::llm

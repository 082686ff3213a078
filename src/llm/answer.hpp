#pragma once
#include "llm/money.hpp"
#include "llm/outcome.hpp"

namespace persais::llm {

/// Reads along with an answer and keeps what the books and the verdict need. No sockets, no waits.
class answer_watch {
public:
    /// One event's data. Trouble when it carries an error or is no JSON; then it is not to be passed on.
    std::optional<call_error> event(std::string_view data);
    /// A whole answer that was not streamed.
    std::optional<call_error> body(std::string_view text, const http::headers& fields);

    bool done() const { return done_; }
    /// The answer hit its bound of tokens.
    bool cut_short() const { return cut_short_; }
    /// Something that could be an answer was in it.
    bool any_choice() const { return any_choice_; }
    /// The error of an answer that ended without a finish_reason, because that is how a break of an endpoint looks.
    /// Whether [DONE] came does not matter, because not every endpoint sends it.
    std::optional<call_error> missing(bool stream) const;
    const std::optional<usage>& used() const { return used_; }
    /// Of all that the model has said so far, for an answer that comes without its usage.
    std::size_t text_bytes() const { return text_bytes_; }
    /// The model that answered, as the endpoint names it; empty until it was seen.
    const std::string& model() const { return model_; }
    /// The endpoint's name for the call, empty until it was seen.
    const std::string& generation() const { return generation_; }

private:
    std::optional<call_error> take(const boost::json::object& of, const http::headers& fields);
    call_error broken_by(const boost::json::object& error, const http::headers& fields) const;
    bool done_ = false;
    bool finished_ = false;
    bool cut_short_ = false;
    bool any_choice_ = false;
    std::size_t text_bytes_ = 0;
    std::optional<usage> used_;
    std::string generation_;
    std::string model_;
};

} // namespace persais::llm

#pragma once
#include "llm/outcome.hpp"

#include <set>
#include <string>

#include <boost/json/object.hpp>

namespace persais::llm {

/// How one model of an endpoint wants to be asked: a field that it refused by name is not sent to it again, and an
/// answer longer than the account can pay is not asked for.
class dialect {
public:
    /// True when `refusal` names a field of `sent` that can be left out or said otherwise: then the call may be made
    /// again, which happens once for each field. Never a field that would change what the answer is about, and the
    /// bound of the answer's tokens is only ever said by its other name.
    bool learn(const call_error& refusal, const boost::json::object& sent);

    /// `body`, with `tokens` as its bound, in this dialect.
    boost::json::object spoken(boost::json::object body, std::int64_t tokens) const;

    /// Bound of an answer's tokens.
    std::int64_t most_tokens() const;

private:
    bool is_modest_ = false;
    std::set<std::string, std::less<>> refused_;
};

} // namespace persais::llm

#pragma once
#include <optional>
#include <string>

#include <boost/json/object.hpp>

namespace persais::llm {

/// What a reservation covers is text that goes in and text that comes out, of one model. A request may ask for that in
/// the fields, parts and tools that are listed here; anything else (tools of the endpoint, pictures, files, several
/// answers, other models, …) could cost money that was not reserved. Nothing, or the sentence that refuses the request
/// and names the first such thing.
std::optional<std::string> unpriced(const boost::json::object& request);

/// The fields of a request that `unpriced` let pass and that are the endpoint's to see.
boost::json::object passed_on(boost::json::object request);

/// The endpoint is asked to keep the prompt, which costs more than to read it.
bool writes_cache(const boost::json::object& request);

} // namespace persais::llm

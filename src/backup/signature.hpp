#pragma once
#include "base/clock.hpp"
#include "base/s3_url.hpp"

#include <map>
#include <string>
#include <string_view>

namespace persais::backup {

/// A request to a store that speaks S3, before it is signed.
struct s3_request {
    std::string method;
    std::string host; // as the header has it: with the port, unless that is the scheme's own
    std::string path; // encoded
    std::map<std::string, std::string> query = {};
    std::string body_sha256; // in hex
};

/// The query as it is sent and signed, without its question mark.
std::string query_text(const std::map<std::string, std::string>& query);

/// "20261130T191502Z", which the header x-amz-date has.
std::string amz_date(time_point at);

/// The header `authorization` of Amazon's signature version 4, for the headers host, x-amz-content-sha256, x-amz-date.
/// `service`: s3.
secret authorization(const s3_request& what, const s3_url& who, time_point at, std::string_view service = "s3");

} // namespace persais::backup

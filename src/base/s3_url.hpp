#pragma once
#include "base/result.hpp"
#include "base/secret.hpp"

namespace persais {

/// A place in a store that speaks S3: `s3://KEY:SECRET@BUCKET/PREFIX?region=…&endpoint=https://HOST:PORT&style=path`.
struct s3_url {
    std::string key_id;
    secret key;
    std::string bucket;
    std::string prefix; // of the names, empty or with a slash at its end
    std::string region = "us-east-1";
    std::string endpoint;    // "https://host" or with a port; for the virtual style, the bucket stands before the host
    bool path_style = false; // the bucket is the first part of the path instead
};

/// The error is what is wrong, to be written after "NAME: "; it never contains the value.
result<s3_url> read_s3_url(const secret& text);

} // namespace persais

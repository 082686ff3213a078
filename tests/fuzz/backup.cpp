// What a file that is taken for a backup says of itself, and what a store that speaks S3 answers.
#include "backup/manifest.hpp"
#include "backup/s3_answers.hpp"
#include "backup/tar.hpp"
#include "fuzz.hpp"

static std::string hold_backup(std::string_view bytes) {
    using namespace persais::backup;
    bool wrong = false;
    if (auto entry = read_tar_header(bytes.substr(0, 512), wrong)) {
        if (wrong || entry->name.empty() || entry->name.size() > 99) return "a header with a wrong name";
        auto again = read_tar_header(tar_header(*entry), wrong);
        if (!again || again->name != entry->name || again->bytes != entry->bytes) return "a header that is not read back";
    }
    if (auto what = read_manifest(bytes)) {
        for (const auto& part : what->parts)
            if (part.name.empty() || part.name[0] == '/' || part.name.find("..") != std::string::npos)
                return "a part outside of its folder";
        if (read_manifest(to_json(*what)) != what) return "a manifest that is not read back";
    }
    if (auto page = read_page(bytes))
        for (const auto& file : page->files)
            if (file.name.empty()) return "a file without a name";
    if (read_element(bytes, "Code").size() > bytes.size()) return "an element that is longer than its text";
    time_in(bytes);
    return {};
}

PERSAIS_FUZZ(hold_backup)

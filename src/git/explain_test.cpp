#include "base/told.hpp"
#include "git/explain.hpp"
#include "git/limits.hpp"

#include <gtest/gtest.h>

using namespace persais;
using namespace persais::git;

namespace {

const address web{
    .how = address::way::https, .url = "https://e.org/a", .shown = "https://e.org/a", .origin = "https://e.org"};

struct sample {
    doing what;
    const char* said;
    error_kind kind;
    const char* in_sentence;
};

// These are the messages of git 2.39 and the forges.
const sample samples[] = {
    {doing::reading, "remote: Repository not found.\nfatal: repository 'https://e.org/a/' not found",
     error_kind::not_found, "check the address"},
    {doing::reading, "fatal: unable to access 'https://e.org/a/': The requested URL returned error: 404",
     error_kind::not_found, "no repository"},
    {doing::reading, "fatal: could not read Username for 'https://e.org': terminal prompts disabled",
     error_kind::no_read, "is private"},
    {doing::reading, "remote: HTTP Basic: Access denied\nfatal: Authentication failed for 'https://e.org/a/'",
     error_kind::no_read, "refuses the token"},
    {doing::reading, "fatal: unable to access 'https://e.org/a/': The requested URL returned error: 403",
     error_kind::no_read, "token"},
    {doing::reading, "fatal: unable to access 'https://e.org/a/': The requested URL returned error: 301",
     error_kind::not_found, "redirect"},
    {doing::reading, "fatal: unable to access 'https://e.org/a/': Could not resolve host: e.org", error_kind::network,
     "Could not resolve host"},
    {doing::reading,
     "fatal: unable to access 'https://e.org/a/': Failed to connect to e.org port 443 after 2 ms: Couldn't connect to "
     "server",
     error_kind::network, "cannot be reached"},
    {doing::reading, "Killed\nfatal: expected flush after capabilities", error_kind::network, "cannot be reached"},
    {doing::reading,
     "Killed\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access "
     "rights\nand "
     "the repository exists.",
     error_kind::network, "cannot be reached"},
    {doing::reading,
     "fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the "
     "repository exists.",
     error_kind::network, "cannot be reached"},
    {doing::reading, "error: RPC failed; curl 56 GnuTLS recv error (-9)\nfatal: early EOF", error_kind::network,
     "cannot be reached"},
    {doing::pushing,
     "error: inflate: data stream error (incorrect header check)\nfatal: loose object 1234 is corrupt\nfatal: the "
     "remote end hung up unexpectedly",
     error_kind::bad_object, "is corrupt"},
    {doing::reading,
     "remote: Enumerating objects: 6, done.\nremote: Counting objects: 100% (6/6), done.\nerror: RPC failed; curl 18 "
     "transfer closed with outstanding read data remaining\nerror: 3187 bytes of body are "
     "still expected\nfetch-pack: unexpected disconnect while reading sideband packet\nfatal: early EOF\nfatal: "
     "fetch-pack: invalid index-pack output",
     error_kind::network, "cannot be reached: RPC failed"},
    {doing::reading,
     "remote: aborting due to possible repository corruption on the remote side.\nfatal: protocol error: bad pack "
     "header",
     error_kind::network, "possible repository corruption"},
    {doing::reading,
     "error: object 1234: missingSpaceBeforeDate: invalid author/committer line\nfatal: fsck error in packed "
     "object\nfatal: early EOF\nfatal: fetch-pack: invalid index-pack output",
     error_kind::bad_object, "missingSpaceBeforeDate"},
    {doing::reading,
     "fatal: unable to access 'https://e.org/a/': server certificate verification failed. CAfile: none CRLfile: none",
     error_kind::network, "GIT_SSL_CAINFO"},
    {doing::reading, "fatal: unable to access 'https://e.org/a/': The requested URL returned error: 503",
     error_kind::network, "503"},
    {doing::reading, "fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output",
     error_kind::disk_full, "this machine"},
    {doing::reading,
     "error: object 1a410efbd13591db07496601ebc7a059dd55cfe9: hasDotgit: contains '.git'\nfatal: fsck error in packed "
     "object",
     error_kind::bad_object, "hasDotgit"},
    {doing::pushing,
     "remote: Permission to a/b.git denied to ann.\nfatal: unable to access 'https://e.org/a/': The requested URL "
     "returned error: 403",
     error_kind::no_push, "may not push"},
    {doing::pushing,
     "remote: Write access to repository not granted.\nfatal: unable to access: The requested URL returned error: 403",
     error_kind::no_push, "right to write"},
    {doing::pushing,
     "remote: You are not allowed to push code to this project.\nfatal: unable to access: The requested URL returned "
     "error: 403",
     error_kind::no_push, "may not push"},
    {doing::pushing, "fatal: could not read Username for 'https://e.org': terminal prompts disabled",
     error_kind::no_push, "wants a token"},
    {doing::pushing,
     "remote: error: GH006: Protected branch update failed for refs/heads/main.\n ! [remote rejected] main -> main "
     "(protected branch hook declined)",
     error_kind::protected_branch, "GH006"},
    {doing::pushing, "remote: error: GH013: Repository rule violations found for refs/heads/x.",
     error_kind::protected_branch, "rule violations"},
    {doing::pushing,
     "remote: GitLab: You are not allowed to push code to protected branches on this project.\n ! [remote rejected] "
     "main -> main (pre-receive hook declined)",
     error_kind::protected_branch, "protected branches"},
    {doing::pushing,
     "remote: no commits on Fridays\n!\tabc:refs/heads/x\t[remote rejected] (pre-receive hook declined)",
     error_kind::protected_branch, "no commits on Fridays"},
    {doing::pushing,
     "remote: error: GH013: Repository rule violations found for refs/heads/x.\nremote: - Commits must have verified "
     "signatures.\n ! [remote rejected] x -> x (push declined due to repository rule violations)",
     error_kind::protected_branch, "GIT_SIGNING_KEY"},
    {doing::pushing, "remote: GitLab: Commit must be signed\n ! [remote rejected] x -> x (pre-receive hook declined)",
     error_kind::protected_branch, "GIT_SIGNING_KEY"},
    {doing::pushing,
     "remote: Gitea: branch main is protected from unverified commit 12\n ! [remote rejected] x -> x (pre-receive hook "
     "declined)",
     error_kind::protected_branch, "GIT_SIGNING_KEY"},
    {doing::pushing,
     "remote: GitLab: Commit message must contain a DCO signoff\n ! [remote rejected] x -> x (pre-receive hook "
     "declined)",
     error_kind::protected_branch, "GIT_SIGN_OFF=on"},
    {doing::pushing,
     "remote: no commits on Fridays\n!\tabc:refs/heads/mechanic/1-commit-must-be-signed-off\t[remote rejected] "
     "(pre-receive hook declined)",
     error_kind::protected_branch, "a rule of its own"},
    {doing::pushing, "!\tabc:refs/heads/x\t[rejected] (stale info)\nerror: failed to push some refs", error_kind::moved,
     "somebody else"},
    {doing::pushing, "!\tabc:refs/heads/x\t[rejected] (fetch first)", error_kind::moved, "nothing was overwritten"},
    {doing::pushing,
     "remote: fatal: unable to write loose object file: No space left on device\nerror: remote unpack failed: "
     "unpack-objects abnormal exit",
     error_kind::disk_full, "The disk of https://e.org/a"},
    {doing::pushing,
     "remote: fatal: fsync error on './objects/incoming-Sx/pack/tmp_pack_q': Input/output error\nerror: remote unpack "
     "failed: index-pack abnormal exit",
     error_kind::disk_full, "The disk of https://e.org/a fails"},
    {doing::pushing,
     "remote: error: GH001: Large files detected.\nremote: error: File x is 120.00 MB; this exceeds GitHub's file size "
     "limit of 100.00 MB",
     error_kind::too_large, "100.00 MB"},
    {doing::pushing,
     "remote: error: cannot lock ref 'refs/heads/mechanic/7-x': 'refs/heads/mechanic' exists; cannot create "
     "'refs/heads/mechanic/7-x'",
     error_kind::other, "stands in the way"},
    {doing::pushing,
     "send-pack: unexpected disconnect while reading sideband packet\nfatal: the remote end hung up unexpectedly",
     error_kind::network, "cannot be reached"},
    {doing::pushing,
     "remote: error: insufficient permission for adding an object to repository database ./objects\nerror: remote "
     "unpack failed: unable to create temporary object directory",
     error_kind::no_push, "may not push"},
    {doing::reading, "fatal: something new", error_kind::other, "something new"},
};

const address by_ssh{.how = address::way::ssh,
                     .url = "git@e.org:a/b",
                     .shown = "git@e.org:a/b",
                     .origin = "ssh://e.org:22",
                     .user = "git",
                     .host = "e.org",
                     .port = 22};

// These are the messages of OpenSSH 9.2 and the forges' ssh servers.
const sample by_ssh_samples[] = {
    {doing::reading,
     "No ED25519 host key is known for e.org and you have requested strict checking.\r\nHost key verification "
     "failed.\r\nfatal: Could not read from remote repository.",
     error_kind::network, "`ssh-keyscan e.org`"},
    {doing::reading,
     "@@@@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nThe fingerprint for the ED25519 "
     "key "
     "sent by the remote host is\nSHA256:abcdef.\r\nHost key for e.org has changed\r\nHost key verification failed.",
     error_kind::network, "another host key than the known one, SHA256:abcdef:"},
    {doing::reading, "git@e.org: Permission denied (publickey).\r\nfatal: Could not read from remote repository.",
     error_kind::no_read, "does not accept the key SHA256:mine for the user git"},
    {doing::reading, "Load key \"/proc/1/fd/9\": error in libcrypto\r\ngit@e.org: Permission denied (publickey).",
     error_kind::no_read, "cannot read GIT_SSH_KEY"},
    {doing::reading, "ssh: Could not resolve hostname e.org: Name or service not known\r\n", error_kind::network,
     "cannot be reached"},
    {doing::reading, "ssh: connect to host e.org port 22: Connection timed out\r\n", error_kind::network,
     "does not answer"},
    {doing::reading, "ssh: connect to host e.org port 22: No route to host\r\n", error_kind::network,
     "No route to host"},
    {doing::reading, "Timeout, server e.org not responding.\r\nfatal: the remote end hung up unexpectedly",
     error_kind::network, "does not answer"},
    {doing::reading, "kex_exchange_identification: Connection closed by remote host\r\n", error_kind::network,
     "cannot be reached"},
    {doing::reading,
     "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss",
     error_kind::network, "given up as unsafe"},
    {doing::reading, "No user exists for uid 4711\r\nfatal: Could not read from remote repository.", error_kind::other,
     "/etc/passwd"},
    {doing::reading, "/usr/bin/ssh: 1: /usr/bin/ssh: not found\nfatal: Could not read from remote repository.",
     error_kind::other, "install openssh-client"},
    {doing::reading, "ERROR: Repository not found.\nfatal: Could not read from remote repository.",
     error_kind::not_found, "the key was added there"},
    {doing::reading,
     "remote: ERROR: The project you were looking for could not be found or you don't have permission to view it.\n",
     error_kind::not_found, "the key SHA256:mine may not see it"},
    {doing::reading, "fatal: '/srv/x.git' does not appear to be a git repository", error_kind::not_found,
     "check the address"},
    {doing::reading, "Gitea: Repository does not exist\nfatal: Could not read from remote repository.",
     error_kind::not_found, "check the address"},
    {doing::reading, "fatal: detected dubious ownership in repository at '/srv/x.git'", error_kind::no_read,
     "belongs to another user"},
    {doing::reading, "Unauthorized\nfatal: Could not read from remote repository.", error_kind::no_read,
     "does not let the key SHA256:mine read"},
    {doing::pushing, "ERROR: The key you are authenticating with has been marked as read only.", error_kind::no_push,
     "right to write"},
    {doing::pushing, "ERROR: Permission to a/b.git denied to deploy key\nfatal: Could not read", error_kind::no_push,
     "the key SHA256:mine read, but not push"},
    {doing::pushing, "remote: ERROR: This deploy key does not have write access to this project.", error_kind::no_push,
     "right to write"},
    {doing::pushing, "Forgejo: User permission denied for writing.\nfatal: Could not read", error_kind::no_push,
     "right to write"},
    {doing::pushing, "remote: error: insufficient permission for adding an object to repository database ./objects",
     error_kind::no_push, "right to write"},
    {doing::pushing,
     "remote: GitLab: You are not allowed to push code to protected branches on this project.\n ! [remote rejected] "
     "main -> main (pre-receive hook declined)",
     error_kind::protected_branch, "key's owner"},
    {doing::pushing, "!\tabc:refs/heads/x\t[rejected] (stale info)", error_kind::moved, "nothing was overwritten"},
};

sandbox::child_result ended_with(std::string said) {
    return {.how = sandbox::ended::exited, .code = 128, .output = {}, .error = std::move(said)};
}

} // namespace

TEST(error_kind, what_git_says_becomes_one_sentence_of_the_right_kind) {
    for (const auto& s : samples) {
        auto why = explain(ended_with(s.said), web, s.what);
        EXPECT_EQ(static_cast<int>(why.kind), static_cast<int>(s.kind)) << s.said << "\n→ " << why.sentence;
        EXPECT_NE(why.sentence.find(s.in_sentence), std::string::npos) << s.said << "\n→ " << why.sentence;
        EXPECT_NE(why.sentence.find(s.kind == error_kind::disk_full && s.what == doing::reading ? "PERSAIS_DATA"
                                                                                                : "https://e.org/a"),
                  std::string::npos)
            << why.sentence;
        EXPECT_EQ(why.sentence.find('\n'), std::string::npos);
        auto russian = russian_of(why.sentence);
        ASSERT_TRUE(russian) << why.sentence;
        EXPECT_EQ(russian->contains("GIT_ACCESS_TOKEN"), why.sentence.contains("GIT_ACCESS_TOKEN")) << *russian;
    }
}

TEST(error_kind, a_count_of_bytes_is_no_http_status) {
    for (auto count : {"41313", "40312", "4011", "40499", "3012", "413", "404", "403", "401", "302"}) {
        auto why = explain(
            ended_with("error: RPC failed; curl 18 transfer closed with 102637 bytes remaining to read\nerror: " +
                       std::string(count) +
                       " bytes of body are still expected\nfetch-pack: unexpected "
                       "disconnect while reading sideband packet\nfatal: early EOF\nfatal: fetch-pack: "
                       "invalid index-pack output"),
            web, doing::reading);
        EXPECT_EQ(static_cast<int>(why.kind), static_cast<int>(error_kind::network)) << why.sentence;
    }
}

TEST(error_kind, a_disk_that_fails_is_no_trouble_of_the_remote) {
    auto said =
        ended_with("fatal: fsync error on 'objects/pack/tmp_pack_x': Input/output error\nfatal: fetch-pack: invalid "
                   "index-pack output");
    auto why = explain(said, web, doing::reading);
    EXPECT_EQ(why.kind, error_kind::disk_full) << why.sentence;
    EXPECT_TRUE(why.sentence.starts_with("The disk of this machine fails")) << why.sentence;
    why = explain(ended_with("!\trefs/heads/b\t[remote rejected] (unable to migrate objects to permanent storage)"),
                  web, doing::pushing);
    EXPECT_EQ(why.kind, error_kind::disk_full) << why.sentence;
    EXPECT_TRUE(why.sentence.starts_with("The disk of https://")) << why.sentence;
    why = explain_local(said, "Taking the work over");
    EXPECT_EQ(why.kind, error_kind::disk_full) << why.sentence;
    for (const char* words : {"error: failed to write new configuration file .git/config.lock",
                              "error: cannot update ref 'refs/heads/work': couldn't write '.git/refs/heads/work.lock'",
                              "error: update_ref failed for ref 'refs/x': couldn't set 'refs/x'"})
        EXPECT_EQ(explain_local(ended_with(words), "Making the tree").kind, error_kind::disk_full) << words;
    EXPECT_EQ(explain_local(ended_with("fatal: sha1 file 'x' write error. Out of diskspace"), "Copying").kind,
              error_kind::disk_full);
    const char* words = " ! [new branch]  main -> origin/main  (unable to update local ref)";
    EXPECT_EQ(explain(ended_with(words), web, doing::reading).kind, error_kind::disk_full);
}

TEST(error_kind, what_ssh_and_its_servers_say_becomes_one_sentence_that_names_the_key_to_act_on) {
    for (const auto& s : by_ssh_samples) {
        auto why = explain(ended_with(s.said), by_ssh, s.what, {}, "SHA256:mine");
        EXPECT_EQ(static_cast<int>(why.kind), static_cast<int>(s.kind)) << s.said << "\n→ " << why.sentence;
        EXPECT_NE(why.sentence.find(s.in_sentence), std::string::npos) << s.said << "\n→ " << why.sentence;
        EXPECT_EQ(why.sentence.find_first_of("\r\n"), std::string::npos) << why.sentence;
        EXPECT_EQ(why.sentence.find("token"), std::string::npos) << why.sentence;
        EXPECT_EQ(why.sentence.find("/proc/"), std::string::npos) << why.sentence;
        EXPECT_TRUE(russian_of(why.sentence)) << why.sentence;
    }
}

TEST(error_kind, a_token_that_a_server_repeats_is_not_repeated) {
    auto why = explain(ended_with("remote: who is not-a-real-word?\nfatal: odd"), web, doing::reading,
                       secret("not-a-real-word"));
    EXPECT_EQ(why.sentence.find("not-a-real-word"), std::string::npos) << why.sentence;
    EXPECT_NE(why.sentence.find("***"), std::string::npos);
    why = explain({.how = sandbox::ended::killed, .error = "fatal: not-a-real-word"}, web, doing::reading,
                  secret("not-a-real-word"));
    EXPECT_EQ(why.sentence.find("not-a-real-word"), std::string::npos) << why.sentence;
    EXPECT_NE(why.sentence.find("***"), std::string::npos) << why.sentence;
}

TEST(error_kind, a_servers_words_are_short_and_cannot_paint_the_terminal) {
    auto why = explain(ended_with("remote: \033[31mred\033[0m " + std::string(5000, 'x')), web, doing::reading);
    EXPECT_EQ(why.sentence.find('\033'), std::string::npos);
    EXPECT_LT(why.sentence.size(), limits::git_words_bytes + 200);
}

TEST(error_kind, a_git_that_was_stopped_for_its_time_is_the_networks_trouble) {
    auto why = explain({.how = sandbox::ended::timed_out, .took = std::chrono::seconds(60)}, web, doing::reading);
    EXPECT_EQ(why.kind, error_kind::network);
    EXPECT_NE(why.sentence.find("60 s"), std::string::npos);
}

#include "base/private_process.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

namespace {

/// Calls `act` in a child process; returns what it returned.
template <class F>
int in_a_child(F act) {
    pid_t child = ::fork();
    if (child == 0) ::_exit(act());
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

TEST(private_process, leaves_no_core_and_nor_does_what_it_starts) {
    EXPECT_EQ(in_a_child([] {
                  persais::make_process_private();
                  return in_a_child([] {
                      rlimit core{1, 1};
                      ::getrlimit(RLIMIT_CORE, &core);
                      return core.rlim_cur == 0 && core.rlim_max == 0 && ::prctl(PR_GET_DUMPABLE) == 0 ? 7 : 1;
                  });
              }),
              7);
}

TEST(private_process, no_other_process_of_its_user_looks_into_it) {
    EXPECT_EQ(in_a_child([] {
                  if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 1; // root may look anywhere
                  persais::make_process_private();
                  auto own = "/proc/" + std::to_string(::getpid());
                  return in_a_child([&own] {
                      ::prctl(PR_SET_DUMPABLE, 1); // this one is open, and tries
                      for (const char* file : {"/mem", "/environ", "/maps"})
                          if (::open((own + file).c_str(), O_RDONLY | O_CLOEXEC) >= 0) return 2;
                      return 7;
                  });
              }),
              7);
}

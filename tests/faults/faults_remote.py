"""The remote hangs, leaves in the middle of a push, or moves at the last moment: seen from a service."""

import os
import signal

import processes
from fault import Fault
from remote import git
from scripted import fix


class AtThePush(Fault):
    def pushing(self, hook, **changes):
        """A task whose push has come to this hook's gate: (service, remote, task, gate)."""
        remote, gate = self.remote(), self.gate()
        free = f"{gate.announce.parent}/free"
        remote.hook(hook, f"[ -e {free} ] || {{ {gate.shell}; }}\n")
        self.script(fix())
        service = self.serve(**changes)
        task = self.enqueue(remote)
        gate.wait()
        self.free = gate.announce.parent / "free"
        return service, remote, task, gate

    def kill_the_remote(self, service):
        """Its side of the connection, with the hook below it."""
        theirs = [pid for pid in processes.below(service.pid) if b"receive-pack" in processes.command_line(pid)
                  and b"push" not in processes.command_line(pid).split(b"\0")]
        self.assertTrue(theirs, "nobody receives")
        fds = [os.pidfd_open(pid) for pid in theirs]
        for fd in fds:
            signal.pidfd_send_signal(fd, signal.SIGKILL)
            os.close(fd)
        processes.wait_gone(theirs, 5)

    def test_it_leaves_before_it_accepted(self):
        service, remote, task, gate = self.pushing("pre-receive")
        self.free.touch()
        self.kill_the_remote(service)
        self.waits(service, task, "remote")
        self.expect_nothing_pushed(remote)
        gate.let_on()
        self.ends_ready(service, remote, task)
        self.assertEqual(len(self.model.requests()), 1, "the work was done again")

    def test_it_leaves_when_it_accepted_and_has_not_said_so(self):
        service, remote, task, gate = self.pushing("post-receive")
        pushed = remote.branches()
        self.assertEqual(len(pushed), 1)
        self.free.touch()
        self.kill_the_remote(service)
        gate.let_on()
        self.ends_ready(service, remote, task)
        self.assertEqual(remote.branches(), pushed)

    def test_it_hangs_for_several_leases(self):
        service, remote, task, gate = self.pushing("pre-receive", LEASE_TTL="3s")
        before = self.sql_fence(task)
        self.some_leases_pass(service)
        self.assertEqual(self.sql_fence(task), before, "the lease was lost")
        gate.let_on()
        self.ends_ready(service, remote, task, attempts=0)

    def test_a_push_that_hangs_can_be_aborted(self):
        service, remote, task, gate = self.pushing("pre-receive")
        said = self.persais("abort", task)
        self.assertEqual(said.code, 0, said.story())
        service.wait_task(task, "aborted")
        gate.let_on()
        self.expect_nothing_pushed(remote)

    def test_somebody_takes_the_branch_s_name_while_the_push_is_under_way(self):
        service, remote, task, gate = self.pushing("pre-receive")
        name = f"mechanic/{task}-mend-the-sum"
        git(remote.path, "branch", name, "main")
        gate.let_on()
        line = service.wait_task(task, "parked")
        self.assertRegex(line["message"], "changed by somebody else|work of somebody else")
        self.assertEqual(remote.branches(), {name: remote.base})

    def sql_fence(self, task):
        return self.shown(task)["attempt"]

    def some_leases_pass(self, service):
        def turned():  # the loop counts once a second
            return next(float(line.split()[-1]) for line in service.metrics().splitlines()
                        if line.startswith("persais_loop_lag_seconds_count"))
        start = turned()
        self.wait_for(lambda: turned() >= start + 10)

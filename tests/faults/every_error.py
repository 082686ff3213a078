"""One call that writes, of the service or its git, fails as on a broken or full disk: no wrong success, told as what it is, and
made up for. The files of a sandbox that are kept in memory count as files, too."""

import errno
import os

from every_index import WHO, EveryIndex, sample, share

CALLS = ("write", "fsync", "rename", "mkdir", "link")
ERRORS = ("EIO", "ENOSPC")
SAMPLE = 9  # in every test run; an odd number, for both errors


class Spoiled(EveryIndex):
    """One call of the service or its git that writes is answered by an error."""

    def ways(self):
        """(who, call, index, error) of all."""
        every = [each for each in self.indices(self.counted(only_files=True)) if each[1] in CALLS]
        return [(*each, error) for each in every for error in ERRORS]

    def spoiled_at(self, who, call, index, error):
        """Whether the task came so far."""
        remote, words = self.new_task()
        self.shim.fail(call, index, getattr(errno, error), WHO[who])
        task = self.enqueue(remote, words)
        self.service.wait_for_line("^(review|failed|parked)", task=task)
        hit = self.shim.hit
        self.shim.rest()
        self.in_review.add(task)
        told = self.sql(f"select body from outbox where task_id = {task} order by id").splitlines()
        if hit and call == "fsync":
            self.assertGreater(len(told), 1, "what the disk may have lost was not told")
        for sentence in told[:-1]:
            self.assertRegex(sentence, f"[Dd]isk|{os.strerror(getattr(errno, error))}")
        self.ended_right(task, remote, words, told=len(told))
        return hit


class Some(Spoiled):
    def test_a_call_that_fails_is_told_and_made_up_for(self):
        for each in sample(self.ways(), SAMPLE):
            with self.subTest(each):
                self.spoiled_at(*each)


class All(Spoiled):
    def test_a_call_that_fails_is_told_and_made_up_for(self):
        share(self, self.ways(), self.spoiled_at)

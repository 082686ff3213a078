"""kill -9 of the agent that a service keeps ready, while a clone of it works."""

import processes
import victims
from scripted import RIGHT, fix
from serving import ServedStory

TASKS = 6  # one of them is cloned: the first starts the parent, and those until it is ready are started as well


class KeptAgent(ServedStory):
    def cloned(self, service, remote, holds):
        """(task, process, what holds it): the first of the agents that is a clone, held while it asks the model."""
        for number, hold in enumerate(holds):
            task = self.enqueue(remote, f"Mend sum {number}.")
            self.in_review.add(task)
            hold.wait()
            agent, = victims.candidates("agent", [service])
            if b"prepared.py" in processes.command_line(agent):
                return task, agent, hold
            hold.let_on()
            service.wait_task(task, "review")
        self.fail(f"none was cloned: {service.story()}")

    def test_that_dies_costs_the_task_of_its_clone_nothing(self):
        remote, holds = self.remote(), [self.model_gate(f"model{number}") for number in range(TASKS)]
        self.script(*[fix(match=f"Mend sum {number}", **hold.step) for number, hold in enumerate(holds)])
        service = self.serve(MEMORY="off")  # the model knows the tasks by their words, which stand in no other's request
        task, agent, hold = self.cloned(service, remote, holds)
        parent, = victims.candidates("kept agent", [service])
        self.assertNotEqual(parent, agent)
        self.assertTrue(victims.Held(parent).kill())
        self.assertEqual(processes.wait_gone([parent], processes.SOON), [])
        self.assertTrue(processes.is_alive(agent))
        hold.let_on()
        service.wait_task(task, "review")
        shown = self.persais("show", task, "--json").lines[-1]
        self.assertEqual((shown["verdict"], shown["attempts"]["used"]), ("ready", 0), shown)
        self.assertEqual(remote.file(shown["commit"], "calc.py"), RIGHT)
        self.assertEqual(service.terminate(), 0, service.story())
        self.nothing_left()

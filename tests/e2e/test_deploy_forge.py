"""What was pushed is watched by the forge's word: DEPLOY_WATCH=forge, on GitHub."""

from deployment import Deployment
from requesting import Requesting
from test_deploy import WRONG


class ForgeHealth(Requesting):
    settings = {"FORGE": "github", "DEPLOY_WATCH": "forge", "DEPLOY_ENVIRONMENT": "production"}

    def test_it_is_healthy_when_the_forge_says_so_and_its_address_too(self):
        task, commit = self.proposed()
        place = Deployment(self.team)
        self.addCleanup(place.end)
        self.settings |= {"DEPLOY_HEALTH_URL": place.url, "DEPLOY_VERSION_HEADER": "X-Version"}
        run = self.begin_landing("deploy", task)
        run.wait_line(event="progress", text=f"looking whether it is healthy: It waits for the forge to deploy {commit[:10]} to production.")
        self.assertEqual((self.main(self.team), place.asked), (commit, 0), "what the forge has not deployed is not asked")
        self.repo.deploy(commit, state="success")
        self.assertEqual(run.wait(), 0, run.story())
        self.assertTrue(run.result["sentence"].endswith("It is healthy: The forge says that it is deployed to production. 127.0.0.1 answers "
                                                        f"200 and is version {commit[:10]}."), run.result)

    def test_a_deployment_that_failed_goes_back_by_itself(self):
        task, commit = self.proposed()
        self.repo.deploys = lambda now: ("failure", "https://ci.example/1") if now == commit else ("success", "")
        done = self.land("deploy", task, code=1, DEPLOY_AUTO_ROLLBACK="on")
        self.assertEqual((done["state"], self.team.file("main", "calc.py")), ("rolled_back", WRONG))
        self.assertTrue(done["sentence"].endswith("What it deployed was not healthy: The forge says that its deployment to production "
                                                        "failed: https://ci.example/1"), done)

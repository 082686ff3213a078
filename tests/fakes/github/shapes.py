"""What the API answers with: the members of GitHub's objects that clients read."""


class Shapes:
    def __init__(self, root, web):
        self.root, self.web = root, web  # of the API, of the pages

    def user(self, login):
        return {"login": login, "id": sum(login.encode()), "node_id": f"U_{login}", "type": "Bot" if login.endswith("[bot]") else "User", "url": f"{self.root}/users/{login}",
                "html_url": f"{self.web}/{login}", "site_admin": False}

    def repository(self, repo, token):
        at = f"{self.root}/repos/{repo.full_name}"
        write = token.level("contents") == "write"
        out = {"id": repo.id, "node_id": f"R_{repo.id}", "name": repo.name, "full_name": repo.full_name, "private": True, "owner": self.user(repo.owner),
               "html_url": f"{self.web}/{repo.full_name}", "url": at, "default_branch": "main", "archived": repo.archived, "disabled": False,
               "fork": False, "permissions": {"admin": token.admin, "maintain": token.admin, "push": write, "triage": write, "pull": True}}
        if write:  # GitHub shows these only to who may push
            out |= {"allow_merge_commit": "merge" in repo.allow, "allow_squash_merge": "squash" in repo.allow,
                    "allow_rebase_merge": "rebase" in repo.allow, "allow_auto_merge": False, "delete_branch_on_merge": False}
        return out

    def branch(self, repo, name, commit):
        rules = repo.protections.get(name)
        contexts = rules.checks if rules else []
        return {"name": name, "commit": {"sha": commit, "url": f"{self.root}/repos/{repo.full_name}/commits/{commit}"},
                "protected": rules is not None,
                "protection": {"enabled": rules is not None, "required_status_checks": {
                    "enforcement_level": "off" if not contexts else "everyone" if rules.enforce_admins else "non_admins",
                    "contexts": contexts, "checks": [{"context": name, "app_id": None} for name in contexts]}},
                "protection_url": f"{self.root}/repos/{repo.full_name}/branches/{name}/protection"}

    def pull(self, repo, pull, whole=None):
        """`whole`: mergeable and its state; a list does not have them."""
        at, page = f"{self.root}/repos/{repo.full_name}/pulls/{pull['number']}", f"{self.web}/{repo.full_name}/pull/{pull['number']}"

        def side(branch, sha):
            return {"label": f"{repo.owner}:{branch}", "ref": branch, "sha": sha, "user": self.user(repo.owner),
                    "repo": {"id": repo.id, "name": repo.name, "full_name": repo.full_name, "url": f"{self.root}/repos/{repo.full_name}"}}

        out = {"id": 9000 + pull["number"], "node_id": f"PR_{pull['number']}", "url": at, "html_url": page, "number": pull["number"],
               "state": pull["state"], "locked": False, "title": pull["title"], "body": pull["body"], "draft": pull["draft"],
               "user": self.user(pull["by"]), "created_at": pull["created_at"], "updated_at": pull["created_at"],
               "closed_at": pull["merged_at"], "merged_at": pull["merged_at"], "merge_commit_sha": pull["merge_commit_sha"],
               "head": side(pull["head"], pull["sha"]), "base": side(pull["base"], repo.tip(pull["base"])),
               "issue_url": f"{self.root}/repos/{repo.full_name}/issues/{pull['number']}",
               "comments_url": f"{self.root}/repos/{repo.full_name}/issues/{pull['number']}/comments",
               "statuses_url": f"{self.root}/repos/{repo.full_name}/statuses/{pull['sha']}"}
        if whole:
            commits = [] if pull["merged_at"] else repo.commits(repo.tip(pull["base"]), pull["sha"])
            out |= {"merged": bool(pull["merged_at"]), "mergeable": whole[0], "mergeable_state": whole[1], "rebaseable": whole[0],
                    "commits": len(commits), "additions": 0, "deletions": 0, "changed_files": 1, "maintainer_can_modify": False}
        return out

    def comment(self, repo, one):
        at = f"{self.root}/repos/{repo.full_name}/issues"
        return {"id": one["id"], "node_id": f"IC_{one['id']}", "user": self.user(one["by"]), "body": one["body"], "created_at": one["at"],
                "updated_at": one["updated"], "url": f"{at}/comments/{one['id']}", "issue_url": f"{at}/{one['number']}",
                "html_url": f"{self.page_of(repo, one['number'])}#issuecomment-{one['id']}"}

    def page_of(self, repo, number):
        return f"{self.web}/{repo.full_name}/{'pull' if number in repo.pulls else 'issues'}/{number}"

    def issue(self, repo, number):
        """A pull request is an issue, too."""
        at = f"{self.root}/repos/{repo.full_name}"
        one = repo.issues.get(number)
        if not one:
            pull = repo.pulls[number]
            one = {**pull, "at": pull["created_at"], "updated": pull["created_at"]}
        out = {"id": 70_000 + number, "node_id": f"I_{number}", "number": number, "title": one["title"], "body": one["body"] or None,
               "user": self.user(one["by"]), "state": one["state"], "locked": False, "labels": [], "created_at": one["at"], "updated_at": one["updated"],
               "closed_at": None, "comments": sum(1 for each in repo.comments if each["number"] == number), "url": f"{at}/issues/{number}",
               "html_url": self.page_of(repo, number), "comments_url": f"{at}/issues/{number}/comments", "author_association": "NONE"}
        if number in repo.pulls:
            out["pull_request"] = {"url": f"{at}/pulls/{number}", "html_url": self.page_of(repo, number)}
        return out

    def review_comment(self, repo, one):
        at = f"{self.root}/repos/{repo.full_name}/pulls"
        return {"id": one["id"], "node_id": f"PRRC_{one['id']}", "user": self.user(one["by"]), "body": one["body"], "path": one["path"],
                "line": one["line"], "commit_id": one["sha"], "pull_request_review_id": one["review"], "created_at": one["at"],
                "updated_at": one["at"], "url": f"{at}/comments/{one['id']}", "pull_request_url": f"{at}/{one['number']}",
                "html_url": f"{self.page_of(repo, one['number'])}#discussion_r{one['id']}"}

    def permission(self, repo, login):
        role, permission = repo.permission_of(login)
        return {"permission": permission, "role_name": role, "user": self.user(login)}

    def review(self, repo, number, review):
        return {"id": review["id"], "node_id": f"PRR_{review['id']}", "user": self.user(review["by"]), "body": review["body"],
                "state": review["state"], "submitted_at": review["at"], "commit_id": review["sha"],
                "html_url": f"{self.web}/{repo.full_name}/pull/{number}#pullrequestreview-{review['id']}"}

    def status(self, repo, status):
        return {"id": status["id"], "node_id": f"SC_{status['id']}", "state": status["state"], "context": status["context"],
                "description": None, "target_url": status["target_url"], "created_at": status["created_at"],
                "updated_at": status["created_at"], "url": f"{self.root}/repos/{repo.full_name}/statuses/{status['sha']}"}

    def check_run(self, repo, run):
        return {"id": run["id"], "node_id": f"CR_{run['id']}", "head_sha": run["head_sha"], "name": run["name"], "status": run["status"],
                "conclusion": run["conclusion"], "started_at": run["started_at"], "completed_at": None, "output": {},
                "html_url": f"{self.web}/{repo.full_name}/runs/{run['id']}", "url": f"{self.root}/repos/{repo.full_name}/check-runs/{run['id']}"}

    def run(self, repo, run):
        return {"id": run["id"], "node_id": f"WFR_{run['id']}", "name": run["name"], "head_branch": run["head_branch"],
                "head_sha": run["head_sha"], "status": run["status"], "conclusion": run["conclusion"], "event": "pull_request",
                "html_url": f"{self.web}/{repo.full_name}/actions/runs/{run['id']}",
                "url": f"{self.root}/repos/{repo.full_name}/actions/runs/{run['id']}"}

    def check_suite(self, repo, suite):
        at = f"{self.root}/repos/{repo.full_name}/check-suites/{suite['id']}"
        return {"id": suite["id"], "node_id": f"CS_{suite['id']}", "head_branch": suite["head_branch"], "head_sha": suite["head_sha"],
                "status": suite["status"], "conclusion": suite["conclusion"], "url": at, "latest_check_runs_count": suite["runs"],
                "app": {"id": sum(suite["app"].encode()), "slug": suite["app"], "name": suite["app"].title()}}

    def deployment(self, repo, one):
        at = f"{self.root}/repos/{repo.full_name}/deployments/{one['id']}"
        return {"id": one["id"], "node_id": f"DE_{one['id']}", "sha": one["sha"], "ref": one["ref"], "task": "deploy", "payload": {},
                "environment": one["environment"], "description": None, "created_at": one["at"], "updated_at": one["at"],
                "url": at, "statuses_url": f"{at}/statuses"}

    def deployment_status(self, repo, one, status):
        at = f"{self.root}/repos/{repo.full_name}/deployments/{one['id']}/statuses/{status['id']}"
        return {"id": status["id"], "node_id": f"DES_{status['id']}", "state": status["state"], "description": "", "url": at,
                "environment": one["environment"], "log_url": status["page"], "target_url": status["page"], "environment_url": "",
                "created_at": status["at"], "updated_at": status["at"]}

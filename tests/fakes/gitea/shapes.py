"""What the API answers with: the members of Gitea's objects that clients read."""

NAMES = {"merge": "allow_merge_commits", "fast-forward-only": "allow_fast_forward_only_merge", "rebase": "allow_rebase",
         "rebase-merge": "allow_rebase_explicit", "squash": "allow_squash_merge"}


class Shapes:
    def __init__(self, root, web):
        self.root, self.web = root, web  # of the API, of the pages

    def user(self, login):
        return {"id": sum(login.encode()), "login": login, "username": login, "full_name": "", "email": f"{login}@noreply.gitea.example",
                "avatar_url": "", "html_url": f"{self.web}/{login}"}

    def repository(self, repo, token):
        writes = token.login in repo.writers
        return {"id": repo.id, "name": repo.name, "full_name": repo.full_name, "owner": self.user(repo.owner), "private": True, "archived": repo.archived,
                "default_branch": "main", "html_url": f"{self.web}/{repo.full_name}", "url": f"{self.root}/repos/{repo.full_name}",
                "permissions": {"admin": False, "push": writes, "pull": True}, "default_merge_style": repo.ways[0],
                "default_delete_branch_after_merge": False, **{name: way in repo.ways for way, name in NAMES.items()}}

    def branch(self, repo, name, sha, token):
        rules = repo.protections.get(name)
        may = token.login in repo.writers
        return {"name": name, "commit": {"id": sha, "message": repo.git("log", "-1", "--format=%B", sha), "url": f"{self.web}/{repo.full_name}/commit/{sha}"},
                "protected": rules is not None, "required_approvals": rules.required_approvals if rules else 0,
                "enable_status_check": bool(rules and rules.enable_status_check), "status_check_contexts": rules.status_check_contexts if rules else [],
                "user_can_push": may and rules is None, "user_can_merge": may and (rules is None or token.login in rules.merge),
                "effective_branch_protection_name": ""}

    def pull(self, repo, pull, mergeable, token):
        page = f"{self.web}/{repo.full_name}/pulls/{pull['number']}"
        there, base = repo.tip(pull["head"]), repo.tip(pull["base"])

        def side(name, ref, sha):
            return {"label": name, "ref": ref, "sha": sha, "repo_id": repo.id, "repo": self.repository(repo, token)}

        return {"id": pull["number"], "number": pull["number"], "url": page, "html_url": page, "user": self.user(pull["by"]), "title": pull["title"],
                "body": pull["body"], "state": pull["state"], "draft": repo.is_draft(pull), "is_locked": False, "comments": len(pull["comments"]),
                "mergeable": mergeable, "merged": bool(pull["merged_at"]), "merged_at": pull["merged_at"], "merge_commit_sha": pull["merge_commit_sha"],
                "merge_base": repo.git("merge-base", base, pull["sha"]), "base": side(pull["base"], pull["base"], base),
                "head": side(pull["head"], pull["head"] if there else f"refs/pull/{pull['number']}/head", pull["sha"]),
                "labels": [], "assignees": [], "created_at": pull["created_at"], "updated_at": pull["created_at"], "closed_at": None}

    def status(self, status):
        return {"id": status["id"], "status": status["state"], "context": status["context"], "target_url": status["target_url"] or "",
                "description": "", "created_at": status["created_at"], "updated_at": status["created_at"], "creator": self.user("ci")}

    def review(self, repo, review, official, pull):
        taken_back = repo.official(pull).get(review["by"]) != review["state"]
        return {"id": review["id"], "user": self.user(review["by"]), "state": review["state"], "body": "", "commit_id": review["sha"], "stale": False,
                "official": official and not taken_back, "dismissed": taken_back, "submitted_at": review["at"]}

    def comment(self, comment):
        return {"id": comment["id"], "body": comment["body"], "user": self.user(comment["by"]), "created_at": comment["at"]}

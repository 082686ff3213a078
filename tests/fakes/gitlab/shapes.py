"""What the API answers with: the members of GitLab's objects that clients read."""


class Shapes:
    def __init__(self, root, web):
        self.root, self.web = root, web  # of the API, of the pages

    def user(self, name):
        return {"id": sum(name.encode()), "username": name, "name": name.title(), "state": "active", "avatar_url": None,
                "web_url": f"{self.web}/{name}"}

    def project(self, project, token):
        access = {"access_level": token.level, "notification_level": 3} if token.level else None
        return {"id": project.id, "name": project.name, "path": project.name, "path_with_namespace": project.full_name,
                "default_branch": "main", "visibility": "private", "archived": False, "web_url": f"{self.web}/{project.full_name}",
                "merge_method": project.merge_method, "squash_option": project.squash_option, "merge_trains_enabled": project.trains,
                "merge_pipelines_enabled": project.trains, "only_allow_merge_if_pipeline_succeeds": project.pipeline_must_succeed,
                "only_allow_merge_if_all_discussions_are_resolved": project.discussions_must_be_resolved,
                "allow_merge_on_skipped_pipeline": project.skipped_counts, "remove_source_branch_after_merge": True,
                "permissions": {"project_access": access, "group_access": None}}

    def commit(self, project, sha):
        title = project.git("log", "-1", "--format=%s", sha)
        return {"id": sha, "short_id": sha[:8], "title": title, "message": title, "parent_ids": project.git("log", "-1", "--format=%P", sha).split(),
                "web_url": f"{self.web}/{project.full_name}/-/commit/{sha}"}

    def branch(self, project, name, sha, token):
        rule = project.protected.get(name)
        return {"name": name, "commit": self.commit(project, sha), "merged": False, "protected": rule is not None,
                "default": name == "main", "developers_can_push": not rule or rule["push"] <= 30,
                "developers_can_merge": not rule or rule["merge"] <= 30, "can_push": not rule or token.level >= rule["push"],
                "web_url": f"{self.web}/{project.full_name}/-/tree/{name}"}

    def protected_branch(self, name, rule):
        def level(n):
            return [{"id": n, "access_level": n, "access_level_description": {30: "Developers + Maintainers", 40: "Maintainers"}[n]}]
        return {"id": 1, "name": name, "push_access_levels": level(rule["push"]), "merge_access_levels": level(rule["merge"]),
                "allow_force_push": False, "code_owner_approval_required": False}

    def pipeline(self, project, one):
        return {"id": one["id"], "iid": one["id"], "project_id": project.id, "sha": one["sha"], "ref": one["ref"], "status": one["status"],
                "source": "merge_request_event", "created_at": one["at"], "updated_at": one["at"],
                "web_url": f"{self.web}/{project.full_name}/-/pipelines/{one['id']}"}

    def job(self, project, pipeline, name):
        return {"id": pipeline["id"] * 10, "name": name, "stage": "test", "status": "failed", "allow_failure": False,
                "web_url": f"{self.web}/{project.full_name}/-/jobs/{pipeline['id'] * 10}", "pipeline": {"id": pipeline["id"]}}

    def merge_request(self, project, pull, status, token=None):
        """`token`: of a single request, which has more than one of a list."""
        state = "opened" if pull["state"] == "open" else "merged" if pull["merged_at"] else "closed"
        number = pull["number"]
        legacy = {"mergeable": "can_be_merged", "conflict": "cannot_be_merged", "unchecked": "unchecked", "checking": "checking"}
        out = {"id": 9000 + number, "iid": number, "project_id": project.id, "title": pull["title"], "description": pull["body"], "state": state,
               "created_at": pull["created_at"], "updated_at": pull["created_at"], "merged_at": pull["merged_at"], "closed_at": None,
               "target_branch": pull["base"], "source_branch": pull["head"], "source_project_id": pull["source_project"],
               "target_project_id": project.id, "author": self.user(pull["by"]), "assignees": [], "reviewers": [], "labels": [],
               "draft": project.is_draft(pull), "work_in_progress": project.is_draft(pull),
               "merge_when_pipeline_succeeds": pull["auto_merge"], "merge_status": legacy.get(status, "can_be_merged"),
               "detailed_merge_status": status, "sha": pull["sha"], "merge_commit_sha": pull["merge_commit_sha"],
               "squash_commit_sha": pull["squash_commit_sha"], "squash": pull["squash"], "merge_error": pull["merge_error"],
               "should_remove_source_branch": None, "force_remove_source_branch": False, "has_conflicts": status == "conflict",
               "blocking_discussions_resolved": not pull["unresolved"], "user_notes_count": len(pull["notes"]),
               "references": {"short": f"!{number}", "relative": f"!{number}", "full": f"{project.full_name}!{number}"},
               "web_url": f"{self.web}/{project.full_name}/-/merge_requests/{number}"}
        if token:
            rule, one = project.protected.get(pull["base"]), project.pipeline_of(pull)
            out |= {"user": {"can_merge": token.level >= (rule["merge"] if rule else 30)}, "subscribed": False, "changes_count": "1",
                    "head_pipeline": self.pipeline(project, one) if one else None, "diff_refs": None, "rebase_in_progress": False}
        return out

    def approvals(self, project, pull):
        by = [name for name, word in project.newest_words(pull).items() if word == "APPROVED"]
        left = max(0, project.approvals_required - len(by))
        return {"iid": pull["number"], "project_id": project.id, "title": pull["title"], "state": "opened", "approved": not left,
                "approvals_required": project.approvals_required, "approvals_left": left, "approved_by": [{"user": self.user(name)} for name in by]}

    def note(self, note):
        return {"id": note["id"], "body": note["body"], "author": self.user(note["by"]), "created_at": note["at"], "system": False,
                "resolvable": False}

    def car(self, project, car, status):
        pull = project.pulls[car["number"]]
        whole = self.merge_request(project, pull, status)
        return {"id": car["id"], "merge_request": {name: whole[name] for name in ("id", "iid", "project_id", "title", "state", "web_url")},
                "user": self.user(pull["by"]), "created_at": car["at"], "updated_at": car["at"], "target_branch": car["target"],
                "status": car["status"], "merged_at": pull["merged_at"], "duration": None}

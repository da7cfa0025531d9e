//! A webhook delivery in GitHub's format.

use serde_json::{Map, Value, json};

/// Returns the payload of a delivery about a rejected request, as compact JSON of 20 KiB. Most of
/// it describes the repository and its template, as in GitHub's deliveries.
pub fn delivery() -> String {
    let mut template = repository("octo-org", "service-template-with-continuous-integration");
    template.remove("owner");
    let mut repository = repository("octo-org", "smile-recognition-for-photographs-of-cats");
    repository.insert("template_repository".to_owned(), template.into());
    let location = |path: &str| {
        json!({
            "commit": "827efc6d56897b048c772eb4087f854f46256132",
            "branch": "refs/heads/recognize-smiles-in-the-dark",
            "path": path,
        })
    };
    let response = json!({
        "id": 1_234_567,
        "reviewer_id": 583_231,
        "reviewer_login": "octocat",
        "status": "rejected",
        "reviewer_comment": "Please revoke the key first.",
        "created_at": "2026-07-02T08:43:04Z",
    });
    let mut delivery = json!({
        "action": "response_submitted",
        "exemption_request": {
            "id": 987_654,
            "number": 42,
            "repository_id": 79_929_171,
            "requester_id": 12_345_678,
            "requester_login": "monalisa",
            "request_type": "secret_scanning",
            "exemption_request_data": {
                "type": "secret_scanning",
                "data": [{
                    "secret_type": "adafruit_io_key",
                    "locations": [location("tests/README.md"), location("tests/fixtures/keys.json")],
                }],
            },
            "resource_identifier": "827efc6d56897b048c772eb4087f854f46256132",
            "status": "rejected",
            "requester_comment": "",
            "metadata": {"label": "Adafruit IO Key", "reason": "tests"},
            "expires_at": "2026-07-08T08:43:03Z",
            "created_at": "2026-07-01T08:43:03Z",
            "responses": [response.clone()],
            "html_url": "https://github.com/octo-org/smile-recognition-for-photographs-of-cats/exemptions/42",
        },
        "exemption_response": response,
        "repository": repository,
        "organization": account("octo-org", "Organization"),
        "enterprise": {
            "id": 1,
            "slug": "octo-enterprise",
            "name": "Octo Enterprise",
            "node_id": "MDEwOkVudGVycHJpc2Ux",
            "avatar_url": "https://avatars.githubusercontent.com/b/1?v=4",
            "description": "",
            "website_url": "",
            "html_url": "https://github.com/enterprises/octo-enterprise",
            "created_at": "2019-05-14T19:31:12Z",
            "updated_at": "2026-05-14T19:31:12Z",
        },
        "installation": {"id": 2, "node_id": "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9uMg=="},
        "sender": account("octocat", "User"),
    });
    let missing = SIZE.saturating_sub(delivery.to_string().len());
    let comment = "The key is a dummy. The tests need it to check the format of the form. ";
    let comment: String = comment.chars().cycle().take(missing).collect();
    delivery["exemption_request"]["requester_comment"] = comment.into();
    delivery.to_string()
}

const SIZE: usize = 20 << 10;

/// A user or an organization.
fn account(login: &str, kind: &str) -> Value {
    let url = format!("https://api.github.com/users/{login}");
    let mut account = json!({
        "login": login,
        "id": 583_231,
        "node_id": "MDQ6VXNlcjU4MzIzMQ==",
        "avatar_url": "https://avatars.githubusercontent.com/u/583231?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": format!("https://github.com/{login}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "following_url": format!("{url}/following{{/other_user}}"),
        "events_url": format!("{url}/events{{/privacy}}"),
        "type": kind,
        "user_view_type": "public",
        "site_admin": false,
    });
    for resource in ["followers", "subscriptions", "repos", "received_events"] {
        account[format!("{resource}_url")] = format!("{url}/{resource}").into();
    }
    account["organizations_url"] = format!("{url}/orgs").into();
    account
}

/// A repository with the fields that GitHub sends.
fn repository(owner: &str, name: &str) -> Map<String, Value> {
    let mut repository = json!({
        "id": 79_929_171,
        "node_id": "MDEwOlJlcG9zaXRvcnk3OTkyOTE3MQ==",
        "name": name,
        "full_name": format!("{owner}/{name}"),
        "private": true,
        "owner": account(owner, "Organization"),
        "html_url": format!("https://github.com/{owner}/{name}"),
        "description": "Finds out whether the animals in a photograph smile.",
        "fork": false,
        "created_at": "2017-01-24T15:40:12Z",
        "updated_at": "2026-06-30T08:43:03Z",
        "pushed_at": "2026-07-01T08:43:01Z",
        "git_url": format!("git://github.com/{owner}/{name}.git"),
        "ssh_url": format!("git@github.com:{owner}/{name}.git"),
        "clone_url": format!("https://github.com/{owner}/{name}.git"),
        "svn_url": format!("https://github.com/{owner}/{name}"),
        "homepage": null,
        "mirror_url": null,
        "size": 81_245,
        "stargazers_count": 214,
        "watchers_count": 214,
        "forks_count": 17,
        "open_issues_count": 63,
        "language": "Rust",
        "has_issues": true,
        "has_projects": true,
        "has_downloads": true,
        "has_wiki": false,
        "has_pages": false,
        "has_discussions": true,
        "archived": false,
        "disabled": false,
        "license": {
            "key": "mit",
            "name": "MIT License",
            "spdx_id": "MIT",
            "url": "https://api.github.com/licenses/mit",
            "node_id": "MDc6TGljZW5zZTEz",
        },
        "allow_forking": true,
        "is_template": false,
        "web_commit_signoff_required": false,
        "topics": ["cats", "machine-learning", "photography", "rust", "smiles"],
        "visibility": "internal",
        "forks": 17,
        "open_issues": 63,
        "watchers": 214,
        "default_branch": "main",
        "allow_squash_merge": true,
        "allow_merge_commit": false,
        "allow_rebase_merge": true,
        "allow_auto_merge": true,
        "allow_update_branch": true,
        "delete_branch_on_merge": true,
        "use_squash_pr_title_as_default": false,
        "squash_merge_commit_message": "PR_BODY",
        "squash_merge_commit_title": "PR_TITLE",
        "merge_commit_message": "PR_TITLE",
        "merge_commit_title": "MERGE_MESSAGE",
        "custom_properties": {"team": "recognition", "tier": "2", "data": "public"},
    });
    let url = format!("https://api.github.com/repos/{owner}/{name}");
    for (field, path) in URLS {
        repository[field] = format!("{url}{path}").into();
    }
    match repository {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// The fields of a repository that contain URLs of the REST API, and their paths.
const URLS: [(&str, &str); 38] = [
    ("url", ""),
    ("forks_url", "/forks"),
    ("keys_url", "/keys{/key_id}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("teams_url", "/teams"),
    ("hooks_url", "/hooks"),
    ("issue_events_url", "/issues/events{/number}"),
    ("events_url", "/events"),
    ("assignees_url", "/assignees{/user}"),
    ("branches_url", "/branches{/branch}"),
    ("tags_url", "/tags"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("trees_url", "/git/trees{/sha}"),
    ("statuses_url", "/statuses/{sha}"),
    ("languages_url", "/languages"),
    ("stargazers_url", "/stargazers"),
    ("contributors_url", "/contributors"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("commits_url", "/commits{/sha}"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("comments_url", "/comments{/number}"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("contents_url", "/contents/{+path}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("merges_url", "/merges"),
    ("archive_url", "/{archive_format}{/ref}"),
    ("downloads_url", "/downloads"),
    ("issues_url", "/issues{/number}"),
    ("pulls_url", "/pulls{/number}"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("labels_url", "/labels{/name}"),
    ("releases_url", "/releases{/id}"),
    ("deployments_url", "/deployments"),
    ("environments_url", "/environments"),
];

//! Filters, time periods and pages.

use chrono::TimeDelta;
use serde_json::json;

use super::caller::{Caller, follow};
use super::{ENTERPRISE, KINDS, ORG, SMILE, SMILE_PUSHES, ago, demo, push, secret, world};
use crate::fragment::document;
use crate::places::FAKE_FILTERS;

#[tokio::test]
async fn filters_narrow_a_list() {
    let (fake, caller) = world().await;
    let decided = secret().requester("hubot").denied_by("mona-the-cat");
    fake.open_secret_scanning_request(secret().pending()); // number 1
    fake.open_secret_scanning_request(decided.dismissed_response_by("octocat")); // 2
    fake.open_secret_scanning_request(secret().cancelled()); // 3
    fake.open_secret_scanning_request(secret().approved_by("octocat").completed()); // 4
    fake.open_push_rule_request(push().deleted()); // 5
    fake.open_secret_scanning_request(secret().approved_by("octocat")); // 6
    fake.open_secret_scanning_request(secret().created_at(ago(TimeDelta::days(8)))); // 7
    fake.open_secret_scanning_request(secret()); // 8
    fake.open_secret_scanning_request(secret().repository("octo-org", "hello")); // 1 in hello
    fake.add_organization("octo-enterprise", "octo-labs");
    fake.open_secret_scanning_request(secret().repository("octo-labs", "lab")); // 1 in lab

    let push_org = "/orgs/octo-org/bypass-requests/push-rules";
    let cases: [(&str, &str, &[u64]); 24] = [
        (SMILE, "", &[8, 6, 4, 3, 2, 1, 7]),
        (SMILE, "request_status=all", &[8, 6, 4, 3, 2, 1, 7]),
        (SMILE, "request_status=open", &[8, 1]),
        (SMILE, "request_status=approved", &[6]),
        (SMILE, "request_status=denied", &[2]),
        (SMILE, "request_status=cancelled", &[3]),
        (SMILE, "request_status=completed", &[4]),
        (SMILE, "request_status=expired", &[7]),
        (SMILE, "request_status=deleted", &[]),
        (push_org, "request_status=deleted", &[5]),
        (push_org, "request_status=open", &[]),
        (SMILE, "reviewer=OctoCat", &[6, 4, 2]),
        (SMILE, "reviewer=mona-the-cat", &[2]),
        (SMILE, "reviewer=nobody", &[]),
        (SMILE, "requester=HUBOT", &[2]),
        (
            SMILE,
            "requester=hubot&requester=monalisa&request_status=open",
            &[8, 1],
        ),
        (
            SMILE,
            "requester=&request_status=&time_period=month",
            &[8, 6, 4, 3, 2, 1, 7],
        ),
        (SMILE, "reviewer=octocat&request_status=completed", &[4]),
        (ORG, "repository_name=HELLO", &[1]),
        (ORG, "repository_name=lab", &[]),
        (ENTERPRISE, "organization_name=Octo-Labs", &[1]),
        (ENTERPRISE, "organization_name=nobody", &[]),
        // Filters of other scopes are ignored.
        (
            SMILE,
            "repository_name=x&organization_name=y&request_status=denied",
            &[2],
        ),
        (ORG, "organization_name=x&request_status=denied", &[2]),
    ];
    for (path, query, expected) in cases {
        let list = caller
            .list(&format!("{path}?time_period=month&{query}"))
            .await;
        assert_eq!(list.numbers(), expected, "{path}?{query}");
    }
}

#[tokio::test]
async fn the_fake_accepts_every_filter_value_of_the_fragment() {
    let (fake, caller) = world().await;
    fake.open_secret_scanning_request(secret());
    let document = document();
    for (parameter, vocabulary) in [
        ("request_status", "bypass-request-status-filter"),
        ("time_period", "time-period"),
    ] {
        let values = &document["components"]["schemas"][vocabulary]["enum"];
        for value in values.as_array().expect("a closed vocabulary") {
            let value = value.as_str().expect("a string");
            let status = caller
                .get(&format!("{SMILE}?{parameter}={value}"))
                .await
                .status;
            assert_eq!(
                status, 200,
                "the fake rejects `{value}` of `{vocabulary}`: edit {FAKE_FILTERS}"
            );
        }
    }
}

#[tokio::test]
async fn a_time_period_ends_now() {
    let (fake, caller) = world().await;
    let ages = [
        TimeDelta::zero(),
        TimeDelta::hours(1),
        TimeDelta::hours(1) + TimeDelta::seconds(1),
        TimeDelta::days(1),
        TimeDelta::days(1) + TimeDelta::seconds(1),
        TimeDelta::days(7),
        TimeDelta::days(7) + TimeDelta::seconds(1),
        TimeDelta::days(30),
        TimeDelta::days(30) + TimeDelta::seconds(1),
    ];
    for age in ages {
        fake.open_push_rule_request(push().created_at(ago(age)));
    }
    let counts = async || {
        let mut counts = Vec::new();
        for query in [
            "time_period=hour",
            "",
            "time_period=day",
            "time_period=week",
            "time_period=month",
        ] {
            counts.push(
                caller
                    .list(&format!("{SMILE_PUSHES}?{query}"))
                    .await
                    .numbers()
                    .len(),
            );
        }
        counts
    };
    assert_eq!(counts().await, [2, 4, 4, 6, 8]);
    fake.advance(TimeDelta::hours(23));
    assert_eq!(counts().await, [0, 2, 2, 5, 7]);
    fake.set_now(ago(TimeDelta::days(-31)));
    assert_eq!(counts().await, [0, 0, 0, 0, 0]);
}

#[tokio::test]
async fn the_newest_request_is_first() {
    let (fake, caller) = world().await;
    // Requests 2 and 4 are created within the same second.
    for milliseconds in [300_000, 60_100, 540_000, 60_900] {
        let created_at = ago(TimeDelta::milliseconds(milliseconds));
        fake.open_secret_scanning_request(secret().created_at(created_at));
    }
    assert_eq!(caller.list(SMILE).await.numbers(), [4, 2, 1, 3]);
}

#[tokio::test]
async fn next_links_keep_all_filters_and_reach_every_page() {
    let (_fake, caller) = demo(120).await;
    let all = follow(&caller, &format!("{ORG}?time_period=month&per_page=100")).await;
    let matching = all.into_iter().filter(|it| {
        let status = it["status"].as_str().unwrap();
        it["requester"]["actor_name"] == "monalisa" && ["open", "pending"].contains(&status)
    });
    let matching: Vec<_> = matching.collect();
    assert!(matching.len() > 3);

    let query =
        "requester=MonaLisa&time_period=month&per_page=3&request_status=open&x=a%20%26%3D%C3%A9";
    let first = caller.list(&format!("{ORG}?{query}")).await;
    let next = &first.links()["next"];
    let expected = "/organizations/1/bypass-requests/secret-scanning?requester=MonaLisa\
                    &time_period=month&per_page=3&request_status=open&x=a+%26%3D%C3%A9&page=2";
    assert_eq!(next.strip_prefix(&caller.base).unwrap(), expected);
    assert_eq!(follow(&caller, &format!("{ORG}?{query}")).await, matching);
}

#[tokio::test]
async fn links_identify_the_scope_by_id() {
    let (_fake, caller) = demo(60).await;
    let scopes = [
        ("/enterprises/Octo-Enterprise", "/enterprises/1"),
        ("/orgs/OCTO-ORG", "/organizations/1"),
        ("/repos/Octo-Org/Smile", "/repositories/1"),
    ];
    for kind in KINDS {
        for (by_name, by_id) in scopes {
            let path = format!("{by_name}/bypass-requests/{kind}?time_period=month&per_page=1");
            let page = caller.list(&path).await;
            let next = format!(
                "{}{by_id}/bypass-requests/{kind}?time_period=month&per_page=1&page=2",
                caller.base
            );
            assert_eq!(page.links()["next"], next);
            let same = path.replace(by_name, by_id);
            assert_eq!(caller.list(&same).await.body, page.body, "{same}");
        }
    }
}

#[tokio::test]
async fn a_page_has_links_to_the_pages_around_it() {
    let (fake, caller) = world().await;
    for _ in 0..5 {
        fake.open_secret_scanning_request(secret());
    }
    type Pages = &'static [(&'static str, u64)];
    let cases: [(&str, &[u64], Pages); 15] = [
        ("per_page=2", &[5, 4], &[("last", 3), ("next", 2)]),
        (
            "per_page=2&page=2",
            &[3, 2],
            &[("first", 1), ("last", 3), ("next", 3), ("prev", 1)],
        ),
        ("page=3&per_page=2", &[1], &[("first", 1), ("prev", 2)]),
        ("per_page=2&page=9", &[], &[("first", 1), ("prev", 3)]),
        (
            "per_page=2&page=99999999999999999999",
            &[],
            &[("first", 1), ("prev", 3)],
        ),
        ("per_page=2&page=0", &[5, 4], &[("last", 3), ("next", 2)]),
        ("per_page=2&page=-1", &[5, 4], &[("last", 3), ("next", 2)]),
        ("per_page=2&page=x", &[5, 4], &[("last", 3), ("next", 2)]),
        (
            "per_page=2&page=3&page=1",
            &[5, 4],
            &[("last", 3), ("next", 2)],
        ),
        ("per_page=5", &[5, 4, 3, 2, 1], &[]),
        ("per_page=5&page=2", &[], &[("first", 1), ("prev", 1)]),
        ("", &[5, 4, 3, 2, 1], &[]),
        ("per_page=0", &[5, 4, 3, 2, 1], &[]),
        ("requester=nobody", &[], &[]),
        ("requester=nobody&page=2", &[], &[("first", 1), ("prev", 1)]),
    ];
    for (query, numbers, pages) in cases {
        let page = caller.list(&format!("{SMILE}?{query}")).await;
        assert_eq!(page.numbers(), numbers, "{query}");
        let expected: Vec<_> = pages
            .iter()
            .map(|(rel, page)| ((*rel).to_owned(), *page))
            .collect();
        assert_eq!(page.pages(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_page_has_30_requests_by_default_and_at_most_100() {
    let (_fake, caller) = demo(150).await;
    let cases = [
        ("", 30),
        ("&per_page=1", 1),
        ("&per_page=100", 100),
        ("&per_page=101", 100),
        ("&per_page=99999999999999999999", 100),
        ("&per_page=0", 30),
        ("&per_page=-5", 30),
        ("&per_page=many", 30),
    ];
    for (query, expected) in cases {
        let page = caller
            .list(&format!("{ORG}?time_period=month{query}"))
            .await;
        assert_eq!(page.numbers().len(), expected, "{query}");
    }
}

#[tokio::test]
async fn urls_contain_the_host_of_the_request() {
    let (fake, caller) = world().await;
    fake.open_secret_scanning_request(secret());
    fake.open_secret_scanning_request(secret());
    let path = format!("{SMILE}?per_page=1");
    for (host, expected) in [
        ("fake.example:8443", "http://fake.example:8443"),
        ("a>; rel=\"next\"", fake.base_url()),
    ] {
        let page = Caller::new(&fake, "t").with("host", host).list(&path).await;
        assert!(page.links()["next"].starts_with(&format!("{expected}/repositories/1/")));
        assert_eq!(page.body[0]["url"], format!("{expected}{SMILE}/2"));
        assert_eq!(
            page.body[0]["html_url"],
            "https://github.com/octo-org/smile/exemptions/2"
        );
    }
    let pushed = fake.open_push_rule_request(push());
    let shown = caller
        .get(&format!("{SMILE_PUSHES}/{}", pushed.number))
        .await;
    assert_eq!(
        shown.body["url"],
        format!("{}{SMILE_PUSHES}/3", fake.base_url())
    );
}

#[tokio::test]
async fn an_unknown_filter_value_is_rejected() {
    let (fake, caller) = world().await;
    fake.open_secret_scanning_request(secret());
    let cases = [
        ("time_period=brand_new", vec!["time_period"]),
        ("request_status=brand_new", vec!["request_status"]),
        ("time_period=Day", vec!["time_period"]),
        (
            "time_period=0&request_status=0",
            vec!["time_period", "request_status"],
        ),
    ];
    for (query, fields) in cases {
        for path in [SMILE, SMILE_PUSHES, ORG, ENTERPRISE] {
            let refused = caller.get(&format!("{path}?{query}")).await;
            assert_eq!(
                (refused.status, refused.rejected_fields()),
                (422, fields.clone()),
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn names_are_case_insensitive() {
    let (fake, caller) = world().await;
    let opened = fake.open_secret_scanning_request(secret());
    fake.add_repository("OCTO-ORG", "SMILE");
    let path = format!(
        "/repos/Octo-Org/SMILE/bypass-requests/secret-scanning/{}",
        opened.number
    );
    let shown = caller.get(&path).await;
    assert_eq!(
        shown.body["repository"],
        json!({"id": 1, "name": "smile", "full_name": "octo-org/smile"})
    );
    assert_eq!(
        shown.body["organization"],
        json!({"id": 1, "name": "octo-org"})
    );
    let lists = [ORG, ENTERPRISE];
    for path in lists.map(|path| path.replace("octo", "OcTo")) {
        assert_eq!(caller.list(&path).await.numbers(), [opened.number]);
    }
}

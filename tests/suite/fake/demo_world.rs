//! The demo data matches the fragment and has all kinds of requests.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use github_bypass_requests_fake::{Demo, Fake};
use serde_json::Value;

use super::caller::follow;
use super::{KINDS, ago, demo, noon, serve};

#[tokio::test]
async fn every_page_of_the_demo_matches_the_fragment() {
    let (_fake, caller) = demo(250).await;
    let scopes = [
        ("/enterprises/octo-enterprise", 275),
        ("/orgs/octo-org", 250),
        ("/orgs/octo-labs", 25),
    ];
    for kind in KINDS {
        for (scope, expected) in scopes {
            let path = format!("{scope}/bypass-requests/{kind}?time_period=month&per_page=99");
            assert_eq!(follow(&caller, &path).await.len(), expected, "{path}");
        }
        let path = format!("/repos/octo-org/smile/bypass-requests/{kind}");
        let listed = follow(&caller, &format!("{path}?time_period=month&per_page=20")).await;
        assert!(listed.len() > 40, "{path}");
        for request in listed {
            let shown = caller.get(&format!("{path}/{}", request["number"])).await;
            assert_eq!(shown.body, request);
        }
    }
}

#[tokio::test]
async fn the_demo_has_every_status_and_plausible_dates() {
    let (_fake, caller) = demo(250).await;
    for (kind, extra_status) in [("secret-scanning", None), ("push-rules", Some("deleted"))] {
        let path = format!("/orgs/octo-org/bypass-requests/{kind}?time_period=month&per_page=100");
        let requests = follow(&caller, &path).await;
        let mut statuses = BTreeSet::new();
        let mut dismissed = 0;
        for request in &requests {
            let instant = |field: &Value| -> DateTime<Utc> {
                field.as_str().expect("text").parse().expect("an instant")
            };
            let created_at = instant(&request["created_at"]);
            assert!(created_at > ago(TimeDelta::days(30)) && created_at < noon());
            let status = request["status"].as_str().expect("text");
            let expired = created_at <= ago(TimeDelta::days(7));
            match status {
                "open" | "pending" => assert!(!expired, "{request}"),
                "expired" => assert!(expired, "{request}"),
                _ => {}
            }
            let responses = request["responses"].as_array().expect("a list");
            for response in responses {
                let reviewed_at = instant(&response["created_at"]);
                assert!(
                    created_at <= reviewed_at && reviewed_at <= noon(),
                    "{request}"
                );
            }
            let last = responses.last().map(|it| &it["status"]);
            dismissed += responses
                .iter()
                .filter(|it| it["status"] == "dismissed")
                .count();
            match status {
                "approved" | "completed" => assert_eq!(last.unwrap(), "approved", "{request}"),
                "denied" => assert_eq!(last.unwrap(), "denied", "{request}"),
                "deleted" => {}
                _ => assert!(last.is_none_or(|it| it == "dismissed"), "{request}"),
            }
            statuses.insert(status);
        }
        let mut expected: BTreeSet<_> = [
            "pending",
            "open",
            "approved",
            "denied",
            "cancelled",
            "completed",
            "expired",
        ]
        .into();
        expected.extend(extra_status);
        assert_eq!(statuses, expected, "{kind}");
        assert!(dismissed > 0);
        let fields = |name: &str| -> BTreeSet<_> {
            let all = requests
                .iter()
                .flat_map(|it| it["data"].as_array().expect("a list"));
            all.map(|it| it[name].to_string()).collect()
        };
        assert!(fields("bypass_reason").len() == 3 || fields("rule_type").len() == 4);
        assert!(requests.iter().any(|it| it["requester_comment"].is_null()));
        assert!(
            requests
                .iter()
                .any(|it| it["requester"]["actor_name"] == "monalisa")
        );
    }
}

#[tokio::test]
async fn a_small_demo_has_open_requests() {
    for requests in [1, 2, 10] {
        let (_fake, caller) = demo(requests).await;
        for kind in KINDS {
            let path = format!("/orgs/octo-org/bypass-requests/{kind}");
            let all = caller.list(&format!("{path}?time_period=month")).await;
            assert_eq!(all.numbers().len(), requests);
            let open = caller
                .list(&format!("{path}?time_period=hour&request_status=open"))
                .await;
            assert!(!open.numbers().is_empty());
        }
    }
}

#[tokio::test]
async fn every_demo_has_a_secret_to_approve_and_a_cloud_key_in_production() {
    for (requests, seed) in [(1, 1), (2, 2), (40, 3), (40, 4)] {
        let (_fake, caller) = serve(Fake::builder().demo(Demo::new(requests).seed(seed))).await;
        for organization in ["octo-org", "octo-labs"] {
            let path = format!("/orgs/{organization}/bypass-requests/secret-scanning");
            let open = format!("{path}?time_period=hour&request_status=open&per_page=100");
            let open = caller.list(&open).await.body;
            let findings = || {
                let requests = open.as_array().expect("a list").iter();
                requests.map(|request| &request["data"])
            };
            let is_test = |finding: &Value| {
                let path = finding["path"].as_str().expect("a path");
                finding["bypass_reason"] == "used_in_tests" && path.starts_with("/tests/")
            };
            let is_approvable = |data: &Value| data.as_array().expect("a list").iter().all(is_test);
            assert!(findings().any(is_approvable), "{organization}: {open}");
            let is_cloud_key = |data: &Value| {
                data[0]["secret_type"] == "aws_access_key_id"
                    && data[0]["bypass_reason"] == "fix_later"
                    && data[0]["path"] == "/deploy/production.env:3:12"
            };
            let has_second = organization == "octo-org" && requests > 1 || requests > 10;
            assert_eq!(findings().any(is_cloud_key), has_second, "{organization}");
        }
    }
}

#[tokio::test]
async fn the_demo_has_many_secret_types() {
    let (_fake, caller) = demo(250).await;
    let path = "/orgs/octo-org/bypass-requests/secret-scanning?time_period=month&per_page=100";
    let requests = follow(&caller, path).await;
    let findings = requests
        .iter()
        .flat_map(|request| request["data"].as_array().expect("a list"));
    let types: BTreeSet<_> = findings
        .map(|finding| finding["secret_type"].as_str().expect("text"))
        .collect();
    assert!(types.len() >= 12, "{types:?}");
    for cloud in ["aws_", "azure_", "google_"] {
        assert!(types.iter().any(|it| it.starts_with(cloud)), "{cloud}");
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_demo() {
    let mut worlds = Vec::new();
    for seed in [7, 7, 8] {
        let (_fake, caller) = serve(Fake::builder().demo(Demo::new(60).seed(seed))).await;
        // URLs contain the host of the request, so each fake gets the same `host` header.
        let caller = caller.with("host", "fake.example");
        let mut world = String::new();
        for kind in KINDS {
            let path =
                format!("/enterprises/1/bypass-requests/{kind}?time_period=month&per_page=100");
            world += &caller.list(&path).await.text;
        }
        worlds.push(world);
    }
    assert!(worlds[0] == worlds[1]);
    assert!(worlds[0] != worlds[2]);
}

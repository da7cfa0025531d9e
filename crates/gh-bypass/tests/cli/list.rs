//! `gh bypass list`.

use chrono::{TimeDelta, Utc};
use github_bypass_requests_fake::{Fault, NewRequest, SecretFinding};
use snapbox::str;

use crate::support::{Result, World};

#[test]
fn each_request_is_one_line_with_fixed_columns_in_a_pipe() -> Result {
    let world = World::new()?;
    let created_at = Utc::now() - TimeDelta::days(1);
    let secret = NewRequest::new()
        .requester("hu\tbot\u{1b}")
        .created_at(created_at);
    world.fake.open_secret_scanning_request(secret);
    world
        .fake
        .open_push_rule_request(NewRequest::new().requester("octocat"));
    world
        .run(&["list", "--org", "octo-org"])
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
2	octo-org/smile	push_rules	open	octocat	file_extension_restriction	[..]Z	[..]Z	https://github.com/octo-org/smile/exemptions/2
1	octo-org/smile	secret_scanning	open	hu/tbot/u{1b}	adafruit_io_key	[..]Z	[..]Z	https://github.com/octo-org/smile/exemptions/1

"#]])
        .stderr_eq("");
    Ok(())
}

#[test]
fn a_terminal_gets_a_table_that_fits_its_width() -> Result {
    let world = World::new()?;
    world.open();
    world.fake.open_push_rule_request(
        NewRequest::new().requester("a-requester-with-a-long-name-that-is-cut"),
    );
    for width in [40_usize, 60, 80, 200] {
        let output = world
            .run(&["list", "--org", "octo-org"])
            .env("GH_FORCE_TTY", width.to_string())
            .env("NO_COLOR", "1")
            .output()?;
        let text = String::from_utf8(output.stdout)?;
        assert!(
            text.starts_with("2 open bypass requests in octo-org\n\nNUMBER"),
            "{text}"
        );
        assert!(text.contains("#1 "), "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= width, "{line}");
        }
        assert_eq!(text.contains("-that-is-cut"), width == 200, "{text}");
    }
    Ok(())
}

#[test]
fn colors_follow_the_environment() -> Result {
    let world = World::new()?;
    world.open();
    let has_colors = |variables: &[(&str, &str)]| -> Result<bool> {
        let mut command = world.run(&["list", "--org", "octo-org"]);
        for (name, value) in variables {
            command = command.env(name, value);
        }
        Ok(String::from_utf8(command.output()?.stdout)?.contains("\u{1b}[32m"))
    };
    assert!(has_colors(&[("GH_FORCE_TTY", "80")])?);
    assert!(!has_colors(&[("GH_FORCE_TTY", "80"), ("NO_COLOR", "1")])?);
    assert!(!has_colors(&[("GH_FORCE_TTY", "80"), ("CLICOLOR", "0")])?);
    assert!(!has_colors(&[("GH_FORCE_TTY", "80"), ("TERM", "dumb")])?);
    assert!(!has_colors(&[])?);
    Ok(())
}

/// One page of each kind has enough requests, so no other page is requested.
#[test]
fn only_the_pages_that_are_printed_are_requested() -> Result {
    let world = World::new()?;
    for _ in 0..12 {
        world.open();
    }
    world
        .run(&["list", "--org", "octo-org", "--limit", "5"])
        .env("GH_FORCE_TTY", "80")
        .env("NO_COLOR", "1")
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
The first 5 open bypass requests in octo-org. For more, use --limit

NUMBER[..]
#12[..]
#11[..]
#10[..]
#9[..]
#8[..]

"#]]);
    let queries: Vec<String> = world
        .fake
        .received()
        .into_iter()
        .filter_map(|request| request.query)
        .collect();
    assert_eq!(queries.len(), 2, "{queries:?}");
    for query in queries {
        assert!(
            query.contains("per_page=5") && query.contains("request_status=open"),
            "{query}"
        );
    }
    Ok(())
}

#[test]
fn the_soonest_to_expire_come_first_if_asked() -> Result {
    let world = World::new()?;
    for days in [1, 3, 2] {
        let request = NewRequest::new().created_at(Utc::now() - TimeDelta::days(days));
        world.fake.open_secret_scanning_request(request);
    }
    let arguments = [
        "list", "--org", "octo-org", "--sort", "expires", "-L", "2", "--json", "number",
    ];
    world
        .run(&arguments)
        .assert()
        .code(0)
        .stdout_eq("[{\"number\":2},{\"number\":3}]\n");
    Ok(())
}

#[test]
fn json_has_the_chosen_fields_in_order() -> Result {
    let world = World::new()?;
    let finding = SecretFinding {
        path: "/src/main.rs:3:7".into(),
        ..SecretFinding::default()
    };
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().finding(finding).approved_by("dora"));
    let fields = "status,decision,locations,kind,expires_at,requester_comment";
    world
        .run(&["list", "--org", "octo-org", "--status", "all", "--json", fields])
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
[{"status":"approved","decision":"approve","locations":[{"path":"/src/main.rs","line":3,"column":7}],"kind":"secret_scanning","expires_at":"[..]","requester_comment":[..]}]

"#]]);
    world
        .run(&[
            "list", "--org", "octo-org", "--status", "expired", "--json", "number",
        ])
        .assert()
        .code(0)
        .stdout_eq("[]\n");
    Ok(())
}

#[test]
fn json_has_no_raw_control_characters() -> Result {
    let world = World::new()?;
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().requester("a\u{9b}31m\u{202e}b"));
    let arguments = ["list", "--org", "octo-org", "--json", "requester,requester"];
    world.run(&arguments).assert().code(0).stdout_eq(str![[r#"
[{"requester":{"actor_id":[..],"actor_name":"a/u009b31m/u202eb"}}]

"#]]);
    Ok(())
}

#[test]
fn an_unknown_field_is_refused_before_anything_is_sent() -> Result {
    let world = World::new()?;
    for fields in [&["--json", "number,nummer"][..], &["--json"]] {
        let arguments = [&["list", "--org", "octo-org"], fields].concat();
        let output = world.run(&arguments).output()?;
        let stderr = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2));
        assert!(
            stderr.contains("requester_comment\n") && output.stdout.is_empty(),
            "{stderr}"
        );
    }
    assert_eq!(world.fake.received().len(), 0);
    Ok(())
}

#[test]
fn an_empty_list_is_no_error() -> Result {
    let world = World::new()?;
    world
        .run(&["list", "--org", "octo-org"])
        .assert()
        .code(0)
        .stdout_eq("");
    world
        .run(&["list", "-R", "octo-org/smile"])
        .env("GH_FORCE_TTY", "80")
        .assert()
        .code(0)
        .stdout_eq("No open bypass requests in octo-org/smile\n");
    Ok(())
}

/// Many tokens can read only one kind.
#[test]
fn a_list_that_fails_does_not_hide_the_other() -> Result {
    let world = World::new()?;
    world.open();
    for arguments in [
        &["list", "--org", "octo-org"][..],
        &["list", "--org", "octo-org", "-L", "1"],
    ] {
        world
            .fake
            .misbehave(9, Fault::status(403).path_contains("push-rules"))?;
        let output = world.run(arguments).output()?;
        let stderr = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.starts_with(b"1\tocto-org/smile"));
        assert!(stderr.contains("push-rules: 403 Forbidden"), "{stderr}");
        world.fake.clear_faults();
    }
    Ok(())
}

#[test]
fn the_scope_comes_from_the_environment_or_the_git_remote() -> Result {
    let world = World::new()?;
    world.open();
    world.run(&["list"]).assert().code(2).stderr_eq(
        "there is no scope: use --org ORG, --enterprise SLUG or -R OWNER/REPO, or set GH_REPO\n",
    );
    let is_listed = |command: snapbox::cmd::Command| -> Result<bool> {
        Ok(command.output()?.stdout.starts_with(b"1\tocto-org/smile"))
    };
    assert!(is_listed(
        world.run(&["list"]).env("GH_REPO", "octo-org/smile")
    )?);

    let host = world.fake.base_url().trim_start_matches("http://");
    let git = |arguments: &[&str]| -> Result<bool> {
        let mut git = std::process::Command::new("git");
        Ok(git
            .args(arguments)
            .current_dir(world.folder.path())
            .output()?
            .status
            .success())
    };
    assert!(git(&["init", "--quiet"])?);
    assert!(git(&[
        "remote",
        "add",
        "origin",
        &format!("http://{host}/octo-org/smile.git")
    ])?);
    assert!(is_listed(world.run(&["list"]))?);
    Ok(())
}

#[test]
fn a_rejected_token_has_its_own_exit_code() -> Result {
    let world =
        World::with(github_bypass_requests_fake::Fake::builder().token("right", "octocat"))?;
    let output = world.run(&["list", "--org", "octo-org"]).output()?;
    assert_eq!(output.status.code(), Some(4));
    assert!(!String::from_utf8(output.stderr)?.contains("any"));
    Ok(())
}

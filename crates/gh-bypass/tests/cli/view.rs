//! `gh bypass view`.

use github_bypass_requests_fake::NewRequest;
use snapbox::str;

use crate::support::{Result, World};

#[test]
fn a_request_is_found_by_number_name_and_url() -> Result {
    let world = World::new()?;
    let number = world.open();
    let host = world.fake.base_url().trim_start_matches("http://");
    let url = format!("https://{host}/octo-org/smile/exemptions/{number}");
    for arguments in [
        &["view", "1", "-R", "octo-org/smile"][..],
        &["view", "octo-org/smile#1"],
        &["view", &url],
    ] {
        let arguments = [arguments, &["--json", "number"]].concat();
        world
            .run(&arguments)
            .assert()
            .code(0)
            .stdout_eq("{\"number\":1}\n");
    }
    world.run(&["view", "1"]).assert().code(2);
    world.run(&["view", "smile"]).assert().code(2);
    Ok(())
}

#[test]
fn a_push_rule_request_is_shown_too() -> Result {
    let world = World::new()?;
    world.fake.open_push_rule_request(NewRequest::new());
    let arguments = ["view", "octo-org/smile#1", "--json", "kind"];
    world
        .run(&arguments)
        .assert()
        .code(0)
        .stdout_eq("{\"kind\":\"push_rules\"}\n");
    Ok(())
}

#[test]
fn text_of_other_people_is_escaped() -> Result {
    let world = World::new()?;
    let comment = "a\u{1b}[2Jb\u{202e}c\nd";
    world
        .fake
        .open_secret_scanning_request(NewRequest::new().comment(comment));
    for variables in [&[][..], &[("GH_FORCE_TTY", "80")]] {
        let mut command = world.run(&["view", "octo-org/smile#1"]);
        for (name, value) in variables {
            command = command.env(name, value);
        }
        let text = String::from_utf8(command.output()?.stdout)?;
        assert!(text.contains(r"a\u{1b}[2Jb\u{202e}c\nd"), "{text}");
        assert!(
            !text.contains("\u{1b}[2J") && !text.contains('\u{202e}'),
            "{text}"
        );
    }
    Ok(())
}

#[test]
fn a_missing_request_is_a_failure() -> Result {
    let world = World::new()?;
    world
        .run(&["view", "octo-org/smile#7"])
        .assert()
        .code(1)
        .stdout_eq("")
        .stderr_eq(str![
            "GET /repos/octo-org/smile/bypass-requests/secret-scanning/7: 404 Not Found[..]\n"
        ]);
    Ok(())
}

#[test]
fn the_page_is_opened_in_the_configured_browser() -> Result {
    let world = World::new()?;
    world.open();
    let opened = world.path("opened");
    let browser = world.path("browser");
    std::fs::write(
        &browser,
        format!("#!/bin/sh\necho \"$@\" > '{}'\n", opened.display()),
    )?;
    let mut permissions = std::fs::metadata(&browser)?.permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(&browser, permissions)?;
    let browser = format!("{} --new-tab", browser.display());
    world
        .run(&["view", "octo-org/smile#1", "--web"])
        .env("GH_BROWSER", browser)
        .assert()
        .code(0);
    let text = std::fs::read_to_string(opened)?;
    assert_eq!(
        text,
        "--new-tab https://github.com/octo-org/smile/exemptions/1\n"
    );
    Ok(())
}
